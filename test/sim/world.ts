/**
 * One world: terminals with their disks, a server, a network between them, people with phones, and faults; all of it from
 * one seed. It goes on until enough codes were shown, then makes everything well, waits until everything is told, and has
 * the observer's record judged.
 */
import { createHash } from "node:crypto";
import type { TerminalRow } from "../../edge-server/ports.ts";
import { loadFlow } from "../../kiosk/flows/flow.ts";
import type { Actuator, Answer, Identity } from "../../kiosk/ports.ts";
import type { Screen } from "../../kiosk/session.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { Profile } from "../../shared/messages.ts";
import { openCity } from "./city.ts";
import { keyOf, operatorKeyOf } from "./crypto.ts";
import { beginsAt, createDevice, type Device } from "./device.ts";
import { createDice } from "./dice.ts";
import { createFaults, type Place } from "./faults.ts";
import type { Life } from "./locks.ts";
import { createNetwork } from "./network.ts";
import { createObserver } from "./observer.ts";
import { openPage, type Page } from "./page.ts";
import { createPeople } from "./people.ts";
import { createScheduler } from "./scheduler.ts";
import { createServer } from "./server.ts";
import { judge, type Verdict } from "./verdict.ts";

export type WorldOptions = {
  readonly seed: number;
  /** How many codes are shown. */
  readonly taps: number;
  readonly terminals: number;
  /** Of all operations, how many meet a fault; `shares` where it is not that. */
  readonly share: number;
  readonly shares?: Partial<Record<Place, number>>;
  /** Hears every line of the trace. */
  readonly say?: (line: string) => void;
};

export type Outcome = Verdict & {
  readonly seed: number;
  readonly taps: number;
  readonly operations: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly deliveries: number;
  readonly faultedDeliveries: number;
  /** Of all terminals together. */
  readonly terminalSeconds: number;
  readonly violations: readonly string[];
  /** SHA-256 of everything that happened, in order. */
  readonly trace: string;
};

/** Where a terminal stands. */
type Stand = {
  readonly device: Device;
  identity: Identity;
  pages: readonly Page[];
  isNewHere: boolean;
  bootAt: number;
  names: number;
};

const profile: Profile = {
  ...{ service: "metro" as const, action: "entry" as const, programme: "here" },
  ...{ site: "gate-1", name: "Gate", actuator: "simulated" },
};

/** So many characters of the trace are hashed at once: to hash a line takes as long as to write it. */
const unhashedMax = 16_384;

/** Once for all worlds, so that each runs the same. */
const createFlow = await loadFlow(profile);

export const runWorld = async (options: WorldOptions): Promise<Outcome> => {
  const dice = createDice(options.seed);
  const scheduler = createScheduler();
  const faults = createFaults(dice.split(), options.share, options.shares);
  const city = await openCity();
  const hashed = createHash("sha256");
  let unhashed = "";
  const trace = (line: string): void => {
    const stamped = `${scheduler.now().toFixed(3)} ${line}\n`;
    unhashed += stamped;
    if (unhashed.length > unhashedMax) hashTrace();
    options.say?.(stamped);
  };
  const hashTrace = (): void => {
    hashed.update(unhashed);
    unhashed = "";
  };
  const observer = createObserver(trace, scheduler.now);
  const rows = new Map<string, TerminalRow>();
  const places: Stand[] = [];
  const server = createServer({
    ...{ scheduler, dice: dice.split(), faults, city },
    onCommitted: observer.onCommitted,
    onRestored: (added) =>
      observer.onRestored(
        added,
        places.map(({ device }) => device),
      ),
  });
  const network = createNetwork(scheduler, dice.split(), faults, server);
  const people = createPeople(city, dice.split());

  const enrol = async (id: string): Promise<Identity> => {
    const key = await keyOf(`terminal ${id}`);
    rows.set(id, { id, profile, key: key.jwk, enrolledAt: beginsAt, revokedAt: null, lastSeenAt: null });
    return {
      ...{ terminal: id, profile, key, operatorKey: await operatorKeyOf("operator"), operatorKeyVersion: 1 },
      ...{ firstRoot: new Uint8Array(0), rootHash: new Uint8Array(32) },
    };
  };

  const addTerminal = async (name: string): Promise<void> => {
    const device = createDevice({
      ...{ name, scheduler, dice: dice.split(), faults },
      onLoss: (lose, kind, isDamage) => observer.onLoss(device, lose, kind, isDamage),
      onDown: (kind, seconds) => {
        if (kind === "storage-reset" && dice.chance(0.5)) void enrolAnew(place);
        bootLater(place, seconds);
      },
    });
    const place: Stand = {
      ...{ device, identity: await enrol(name), pages: [], isNewHere: true, bootAt: 0, names: 1 },
    };
    places.push(place);
    boot(place);
  };

  /** Who it was was lost with everything else: staff enrol it as a new terminal. */
  const enrolAnew = async (place: Stand): Promise<void> => {
    place.names += 1;
    place.identity = await enrol(`${place.device.name}.${place.names}`);
    place.isNewHere = true;
  };

  const bootLater = (place: Stand, seconds: number): void => {
    const at = scheduler.now() + 1000 * seconds;
    place.bootAt = Math.max(place.bootAt, at);
    scheduler.after(place.bootAt - scheduler.now(), () => {
      if (!place.device.isUp() && scheduler.now() >= place.bootAt) boot(place);
    });
  };

  const boot = (place: Stand): void => {
    const { device, identity, isNewHere } = place;
    place.isNewHere = false;
    const page = openPage({
      ...{ device, city, identity, createFlow, isNewHere, dice: dice.split() },
      actuatorFor: (life) => gateOf(device, life),
      uplink: {
        sendBatch: async (_, batch) => ifAlive(page.life, await network.send(senderOf(identity), batch)),
        onReturn: (callback) => network.onReturn(() => page.life.isAlive && callback()),
      },
      watch: (life, log, stored) => {
        for (const alarm of page.log.alarms()) trace(`${device.name} says: ${alarm}`);
        observer.onOpened(device, life, stored, isNewHere);
        return {
          ...log,
          append: async (entry) => {
            observer.onAsked(device, life, stored.chain, entry);
            await log.append(entry);
            observer.onAnswered(device, stored.chain, entry);
          },
          acknowledge: async (seq, floorAt) => {
            await log.acknowledge(seq, floorAt);
            observer.onAcknowledged(device, stored.chain, seq, floorAt);
          },
        };
      },
      reload: (life) => {
        device.endPage(life);
        if (!device.isUp()) boot(place);
      },
      onScreen: (life, screen) => onScreen(place, life, screen),
    });
    place.pages = [...place.pages.filter(({ life }) => life.isAlive), page];
  };

  const onScreen = (place: Stand, life: Life, screen: Screen): void => {
    observer.onScreen(place.device, life, screen);
    if (screen.name !== "out-of-service") return;
    // Somebody comes, repairs the gate, or opens the page again.
    place.device.after(life, dice.between(20_000, 200_000), () => {
      if (screen.cause === "gate") return serving(place)?.terminal()?.press({ kind: "try-again" });
      place.device.endPage(life);
      if (!place.device.isUp()) boot(place);
    });
  };

  const senderOf = (identity: Identity) => {
    const terminal = rows.get(identity.terminal);
    if (terminal === undefined) throw new Error("a terminal that nobody enrolled");
    return { terminal, key: identity.key };
  };

  const gateOf = (device: Device, life: Life): Actuator => ({
    docks: async () => [],
    perform: (command, of) =>
      new Promise((resolve) => {
        device.after(life, dice.between(1, 30), () => {
          const fault = faults.at("gate");
          if (fault === "kill-before") return device.strike(life, fault);
          const movement = observer.onMove(device, command, of);
          device.after(life, dice.between(400, 2500), () => {
            const isLate = fault === "gate-timeout" || dice.chance(0.03);
            const outcome = fault === "gate-fault" ? "fault" : isLate ? "timed-out" : "completed";
            if (fault === "kill-after" || fault === "power-after") return device.strike(life, fault);
            observer.onMoved(device, life, movement, outcome);
            resolve({ outcome });
          });
        });
      }),
  });

  /* Codes are shown, in rushes with quiet between them. */

  let taps = 0;
  const serving = ({ pages }: Stand): Page | undefined =>
    pages.find(({ life, terminal }) => life.isAlive && terminal() !== null);

  const show = async (place: Stand, meets: boolean): Promise<void> => {
    const { device } = place;
    const page = serving(place);
    if (page === undefined) return;
    taps += 1;
    const code = await people.show(device.name, scheduler.now(), !meets);
    if (code.identity !== null) observer.onShown(device.name, code.identity);
    page.terminal()?.sight({ text: code.text, seenAt: page.ticks() });
    // Held up, it is seen again and again.
    if (dice.chance(0.3)) {
      device.after(page.life, dice.between(30, 400), () => {
        page.terminal()?.sight({ text: code.text, seenAt: page.ticks() });
      });
    }
    const fault = meets ? faults.at("tap") : null;
    if (fault === "kill-before") device.strike(page.life, fault);
    if (fault === "reload") void reload(place, page);
    if (fault === "second-tab") openSecond(place);
    if (fault === "clock-jump") jump(device);
    if (dice.chance(0.02)) device.takeImage();
  };

  /** Some worlds are short and busy, others go on until entries are pruned. */
  const nights = dice.pick([0.002, 0.002, 0.05]);
  const showAgain = (place: Stand): void => {
    const quiet = dice.chance(0.05) ? dice.waiting(3600_000) : dice.chance(nights) ? 8 * 3600_000 : 0;
    scheduler.after(quiet + dice.between(1200, 5000), () => {
      if (taps >= options.taps) return;
      void show(place, true);
      showAgain(place);
    });
  };

  const reload = async (place: Stand, page: Page): Promise<void> => {
    await page.terminal()?.stop();
    await page.log.settled();
    if (!page.life.isAlive) return;
    observer.onStopped(place.device, page.life);
    place.device.endPage(page.life);
    if (!place.device.isUp()) boot(place);
  };

  const openSecond = (place: Stand): void => {
    if (place.pages.filter(({ life }) => life.isAlive).length > 1) return;
    boot(place);
    const second = place.pages.at(-1);
    if (second === undefined) return;
    place.device.after(second.life, dice.waiting(120_000), () => {
      place.device.endPage(second.life);
      if (!place.device.isUp()) boot(place);
    });
  };

  const jump = (device: Device): void => {
    device.jumpClock(dice.pick([-30_000, 45_000, -300_000, 300_000, -3600_000, 3600_000, -2 * 86_400_000]));
    scheduler.after(dice.waiting(300_000), () => device.jumpClock(0));
  };

  for (let at = 1; at <= options.terminals; at++) await addTerminal(`t-${at}`);
  for (const place of places) showAgain(place);
  await scheduler.run(() => taps >= options.taps || observer.violations.length > 0);

  /* All is made well. */

  const servingSeconds = scheduler.now() / 1000;
  const settle = async (isDone: () => boolean, what: string, milliseconds = 3600_000): Promise<void> => {
    await scheduler.run(() => observer.violations.length > 0 || isDone(), scheduler.now() + milliseconds);
    if (!isDone() && observer.violations.length === 0) {
      const alarms = places.flatMap((each) => serving(each)?.alarms() ?? ["it does not serve"]);
      observer.violate(`${what}: ${alarms.join("; ")}`);
    }
  };
  const isServing = (place: Stand): boolean => {
    const page = serving(place);
    return page !== undefined && page.terminal()?.isIdle() === true;
  };
  const isTold = (place: Stand): boolean =>
    serving(place)?.outbox()?.pending() === 0 && place.device.database.rows("remains").size === 0;

  faults.stop();
  for (const { device } of places) device.makeWell();
  network.makeWell();
  await settle(() => places.every((each) => isServing(each) && isTold(each)), "not everything was told");
  for (const place of places) {
    const page = serving(place);
    if (page !== undefined) void reload(place, page);
  }
  await settle(() => places.every((each) => isServing(each) && isTold(each)), "a terminal did not come back");
  // A terminal that is well lets people in.
  for (const place of places) {
    const before = observer.movements.length;
    for (let attempt = 0; attempt < 5 && observer.movements.length === before; attempt++) {
      await scheduler.run(() => observer.violations.length > 0, scheduler.now() + 70_000);
      await show(place, false);
      await scheduler.run(() => observer.violations.length > 0, scheduler.now() + 30_000);
    }
    if (observer.violations.length === 0 && observer.movements.length === before)
      observer.violate(`${place.device.name} lets nobody in`);
  }
  await settle(() => places.every((each) => isServing(each) && isTold(each)), "the last was not told");
  const verdict = await judge({
    ...{ observer, ledger: server.ledger(), root: city.root, terminal: (id: string) => rows.get(id) ?? null },
    devices: places.map(({ device }) => device),
  });
  await server.close();
  const { deliveries, faulted } = network.counts();
  trace(JSON.stringify(verdict));
  hashTrace();
  return {
    ...verdict,
    ...{ seed: options.seed, taps, operations: faults.operations(), faults: faults.counts },
    ...{ deliveries, faultedDeliveries: faulted, terminalSeconds: servingSeconds * options.terminals },
    violations: observer.violations,
    trace: hashed.digest("hex"),
  };
};

const ifAlive = (life: Life, answer: Answer<Bytes>): Answer<Bytes> | Promise<never> =>
  life.isAlive ? answer : new Promise(() => {});
