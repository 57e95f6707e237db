/**
 * What a terminal and the controller of its gate, desk or docks say to each other on a serial line. For a gate maker:
 *
 *     terminal                                   controller
 *     ACT ID open-gate                      ->
 *     ACT ID release-item ITEM              ->   the same with accept-item
 *     ACT ID unlock-dock DOCK               ->   the same with lock-dock
 *     ACT ID hold-open                      ->   everything stands open, until ACT ID close
 *     ACT ID order-parcel ITEM ITEM ...     ->
 *     ACT ID draw-ticket LINE               ->   LINE is priority or ordinary; DONE names the ticket
 *                                           <-   GOT ID                   at once: it is being done
 *                                           <-   DONE ID [VEHICLE|TICKET] somebody passed, the thing moved
 *                                           <-   TIMEOUT ID               nobody did, and it is closed again
 *                                           <-   FAULT ID [CAUSE ...]     it is broken
 *     DOCKS ID                              ->
 *                                           <-   DOCKS ID DOCK=VEHICLE DOCK= ...
 *                                           <-   ALARM ON                 unasked: there is a fire alarm
 *
 * A line is printable ASCII, at most 1,000 characters: words with one space between, then ` *` and the CRC-16 of Modbus
 * (modbus-frame.ts) of all before that, as four capital hex digits; CR, LF or both end it. `ACT t1/e/7 open-gate *71DD`.
 *
 * Who gets a line that does not fit ignores it. The terminal repeats an ACT that was not GOT within 1 s, twice; the
 * controller acts once on an ID and answers its repetition with what it answered before. DONE, TIMEOUT or FAULT come
 * within 30 s of GOT, at once for hold-open and close. ALARM ON comes as soon as a fire alarm comes on, also in the middle
 * of an ACT, and again every second while it lasts; a controller without an alarm never says it. The gate stands open then
 * by itself (actuator-http.ts, above): the line is there so that the terminal writes it down, and staff close again.
 */
import { type Bytes, toUtf8 } from "../shared/bytes.ts";
import { crc16 } from "./modbus-frame.ts";
import type { Command, Dock } from "./ports.ts";

export type Order =
  | { readonly kind: "act"; readonly id: string; readonly command: Command }
  | { readonly kind: "docks"; readonly id: string };

export type RelayReport =
  | { readonly kind: "got" | "timeout"; readonly id: string }
  | { readonly kind: "done"; readonly id: string; readonly vehicle: string | null }
  | { readonly kind: "fault"; readonly id: string; readonly cause: string }
  | { readonly kind: "docks"; readonly id: string; readonly docks: readonly Dock[] }
  | { readonly kind: "alarm"; readonly id: "ON" };

/** Throws a RangeError for a word that could not stand in a line; no item, dock or id of ours is such a word. */
export const encodeOrder = (order: Order): Bytes => {
  const words = order.kind === "docks" ? ["DOCKS", order.id] : ["ACT", order.id, ...wordsOf(order.command)];
  if (!words.every((each) => word.test(each))) throw new RangeError(`not to be said on a line: ${words.join(" ")}`);
  return toUtf8(`${withCrc(words.join(" "))}\n`);
};

/** One line without its end; null where it is not one of these. */
export const readReport = (line: string): RelayReport | null => {
  const text = line.slice(0, -6);
  if (line.length > lineLengthMax || !/^[ -~]+$/.test(line) || withCrc(text) !== line) return null;
  const [verb, id, ...rest] = text.split(" ");
  if (id === undefined || !word.test(id)) return null;
  const [first] = rest;
  switch (verb) {
    case "GOT":
    case "TIMEOUT":
      return rest.length > 0 ? null : { kind: verb === "GOT" ? "got" : "timeout", id };
    case "DONE":
      if (rest.length > 1 || (first !== undefined && !word.test(first))) return null;
      return { kind: "done", id, vehicle: first ?? null };
    case "FAULT":
      return { kind: "fault", id, cause: rest.join(" ").slice(0, causeLengthMax) };
    case "DOCKS":
      return readDocks(id, rest);
    case "ALARM":
      return id === "ON" && rest.length === 0 ? { kind: "alarm", id } : null;
    default:
      return null;
  }
};

const lineLengthMax = 1000;
const causeLengthMax = 200;
const word = /^[A-Za-z0-9._/-]{1,200}$/;

const wordsOf = (command: Command): readonly string[] => {
  if ("item" in command) return [command.kind, command.item];
  if ("items" in command) return [command.kind, ...command.items];
  if ("line" in command) return [command.kind, command.line];
  return "dock" in command ? [command.kind, command.dock] : [command.kind];
};

const withCrc = (text: string): string => `${text} *${crc16(toUtf8(text)).toString(16).toUpperCase().padStart(4, "0")}`;

const readDocks = (id: string, pairs: readonly string[]): RelayReport | null => {
  const docks: Dock[] = [];
  for (const pair of pairs) {
    const [dock = "", vehicle = "", ...more] = pair.split("=");
    const isFit = word.test(dock) && (vehicle === "" || word.test(vehicle)) && more.length === 0 && pair.includes("=");
    if (!isFit || docks.some((each) => each.dock === dock)) return null;
    docks.push({ dock, vehicle: vehicle === "" ? null : vehicle });
  }
  return { kind: "docks", id, docks };
};
