/**
 * A machine that is not there: a gate, a library pad, docks with vehicles. Slow enough to be seen (0.8 s), and it can be
 * told not to turn. Which vehicle stands in which dock, and how many numbers were drawn, is remembered under the
 * terminal's slot.
 */
import type { Actuated, Actuator, Clock, Command, Dock } from "../ports.ts";
import { actOnce } from "./acted-once.ts";

export type SimulatedMachine = {
  readonly slot: string;
  readonly docks: readonly string[];
  readonly zone: string;
  readonly clock: Clock;
  readonly storage: Storage;
  /** False: nobody passes, nothing moves, and the sensor says so in time. */
  readonly turns: () => boolean;
};

const movesInSeconds = 0.8;

export const simulatedActuator = ({ slot, docks, zone, clock, storage, turns }: SimulatedMachine): Actuator => {
  const place = `greenlane/${slot}/docks`;
  let station = recallStation(storage.getItem(place), docks);

  const keep = (next: Station): void => {
    station = next;
    storage.setItem(place, JSON.stringify(next));
  };

  const move = (command: Command): Actuated => {
    if (!turns()) return { outcome: "timed-out" };
    switch (command.kind) {
      case "open-gate":
      case "release-item":
      case "accept-item":
      case "hold-open":
      case "close":
      case "order-parcel":
        return { outcome: "completed" };
      case "draw-ticket":
        return { outcome: "completed", ticket: drawTicket(command.line) };
      case "unlock-dock": {
        const vehicle = station.docked[command.dock];
        if (vehicle === undefined) return { outcome: "fault", cause: `dock ${command.dock} is empty` };
        const { [command.dock]: _, ...docked } = station.docked;
        keep({ docked, away: [...station.away, vehicle] });
        return { outcome: "completed", vehicle };
      }
      case "lock-dock": {
        if (station.docked[command.dock] !== undefined) {
          return { outcome: "fault", cause: `dock ${command.dock} is taken` };
        }
        // Where none of ours is away, one comes from another station.
        const [vehicle = `v-${command.dock}-guest`, ...away] = station.away;
        keep({ docked: { ...station.docked, [command.dock]: vehicle }, away });
        // Every dock here stands inside the fence.
        return { outcome: "completed", vehicle, zone };
      }
    }
  };

  const drawTicket = (line: "priority" | "ordinary"): string => {
    const place = `greenlane/${slot}/tickets`;
    const drawn = Number(storage.getItem(place) ?? 0) + 1;
    storage.setItem(place, String(drawn));
    return `${line === "priority" ? "A" : "B"}${String(drawn).padStart(3, "0")}`;
  };

  return {
    perform: actOnce(
      (command) =>
        new Promise((resolve) => {
          clock.after(movesInSeconds, () => resolve(attempt(() => move(command))));
        }),
    ),
    docks: async (): Promise<readonly Dock[]> => docks.map((dock) => ({ dock, vehicle: station.docked[dock] ?? null })),
  };
};

/** A browser may refuse to store. */
const attempt = (move: () => Actuated): Actuated => {
  try {
    return move();
  } catch (reason) {
    return { outcome: "fault", cause: String(reason) };
  }
};

type Station = { readonly docked: Readonly<Record<string, string>>; readonly away: readonly string[] };

/** At first, and where it cannot be read any more, every second dock has a vehicle. */
const recallStation = (text: string | null, docks: readonly string[]): Station => {
  try {
    if (text !== null) return JSON.parse(text) as Station;
  } catch {
    // Cut short while the power went: this is only a simulation.
  }
  const docked = Object.fromEntries(docks.filter((_, index) => index % 2 === 0).map((dock) => [dock, `v-${dock}`]));
  return { docked, away: [] };
};
