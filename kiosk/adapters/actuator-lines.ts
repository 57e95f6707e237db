/** A controller on a serial line, by the lines of relay-lines.ts. Whatever it does not say in time is a `fault`. */
import type { LinesAddress } from "../../shared/actuator-address.ts";
import type { Actuated, Actuator, Clock } from "../ports.ts";
import { encodeOrder, type Order, type RelayReport, readReport } from "../relay-lines.ts";
import { createScanLines } from "../scan-lines.ts";
import { actOnce } from "./acted-once.ts";
import { type SerialLink, serialLink } from "./serial-link.ts";
import type { Serial } from "./serial-port.ts";

const gotMilliseconds = 1000;
const endMilliseconds = 30_000;
const triesMax = 3;
const alarmSeconds = 1;
/** An alarm that is not said again for so long is over; the next one is another. */
const alarmOverMilliseconds = 3500;

export const linesActuator = ({ usb, baudRate }: LinesAddress, serial: Serial | null, clock: Clock): Actuator => {
  const link = serialLink(serial, usb, { baudRate, bufferSize: 4096 });
  let asked = 0;
  return {
    perform: actOnce(async (command, id) => {
      try {
        return await act(link, { kind: "act", id, command });
      } catch (cause) {
        return faulted(causeOf(cause));
      }
    }),
    docks: async () => {
      asked += 1;
      const report = await ask(link, { kind: "docks", id: `docks/${asked}` }).catch(() => null);
      return report?.first.kind === "docks" ? report.first.docks : [];
    },
    watchAlarm: watchLine(link, clock),
  };
};

/** Calls back whenever it comes on. It is heard whatever else is under way, and the port is looked for until it is there. */
const watchLine = (link: SerialLink, clock: Clock) => (onAlarm: () => Promise<void>) => {
  const lines = createScanLines();
  let saidAt = Number.NEGATIVE_INFINITY;
  const hear = (bytes: Uint8Array): void => {
    for (const line of lines.feed(bytes, clock.ticks())) {
      if (readReport(line)?.kind !== "alarm") continue;
      const isNew = clock.ticks() - saidAt > alarmOverMilliseconds;
      saidAt = clock.ticks();
      if (isNew) void onAlarm();
    }
  };
  const look = async (): Promise<void> => {
    await link.hear(hear).catch(() => {}); // a port that is not there says nothing of an alarm
    clock.after(alarmSeconds, () => void look());
  };
  void look();
};

const act = async (link: SerialLink, order: Order): Promise<Actuated> => {
  const asked = await ask(link, order);
  if (asked === null) return faulted("the controller does not answer");
  const { first, next } = asked;
  const last = first.kind === "got" ? await next((report) => report.kind !== "got", endMilliseconds) : first;
  switch (last?.kind) {
    case "done":
      if (last.vehicle === null) return { outcome: "completed" };
      return isForTicket(order)
        ? { outcome: "completed", ticket: last.vehicle }
        : { outcome: "completed", vehicle: last.vehicle };
    case "timeout":
      return { outcome: "timed-out" };
    case "fault":
      return faulted(last.cause === "" ? "the controller gives no cause" : last.cause);
    default:
      return faulted("the controller began and does not say how it ended");
  }
};

const isForTicket = (order: Order): boolean => order.kind === "act" && order.command.kind === "draw-ticket";

type Next = (isIt: (report: RelayReport) => boolean, milliseconds: number) => Promise<RelayReport | null>;

/** The first answer to an order, which is repeated until there is one; and how to wait for the next. */
const ask = async (link: SerialLink, order: Order): Promise<{ first: RelayReport; next: Next } | null> => {
  for (let tries = 0; tries < triesMax; tries++) {
    await link.write(encodeOrder(order));
    const next = reportsOn(link, order.id);
    const first = await next(() => true, gotMilliseconds);
    if (first !== null) return { first, next };
  }
  return null;
};

/** Reports on this order, in the order they come. Lines that do not fit, and those on others, are passed over. */
const reportsOn = (link: SerialLink, id: string): Next => {
  const lines = createScanLines();
  const waiting: RelayReport[] = [];
  return async (isIt, milliseconds) => {
    const until = performance.now() + milliseconds;
    while (true) {
      for (let report = waiting.shift(); report !== undefined; report = waiting.shift())
        if (isIt(report)) return report;
      const left = until - performance.now();
      const bytes = left <= 0 ? null : await link.read(left);
      if (bytes === null) return null;
      for (const line of lines.feed(bytes, performance.now())) {
        const report = readReport(line);
        if (report?.id === id) waiting.push(report);
      }
    }
  };
};

const causeOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);

const faulted = (cause: string): Actuated => ({ outcome: "fault", cause });
