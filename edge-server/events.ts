/**
 * The catalogue of what the server says while it runs: one line of JSON an event on standard output, with when (`at`) and
 * which (`event`). The types of the lines, the counters of /metrics and what `greenlane events` prints all come from here.
 * No line holds a code, a body, a name that somebody typed, or anything about a citizen.
 */
export const events = {
  request: "A request was answered: method, route (its pattern, not the address), status, milliseconds",
  "not-signed": "A request that a terminal must sign was not: method, route, cause",
  "badge-refused": "A phone asked for a staff badge and got none: method, route, cause",
  "console-refused": "The console was asked from elsewhere, or in the clear: method, route, cause",
  internal: "Something went wrong here and is to be mended: method, route, cause with its place in the program",
  unavailable: "The database of the ledger or the operators could not be asked: method, route, cause",
  erasure: "Personal fields past their time were erased: entries; or could not be: cause",
  survey: "The console's figures could not be counted on, and are tried again: cause",
  "spent-unread": "Which codes are used up could not be read, and is read again in a while: cause",
  alert: "Something ends soon, or is over: what, name, severity",
  "cases-unread": "The objections could not be read on, and are tried again: cause",
  "alerts-unread": "What ends could not be read, and is read again after an hour: cause",
} as const;

export type EventName = keyof typeof events;

export type LogLine = { readonly event: EventName } & { readonly [field: string]: string | number | boolean };
/** Writes a line; the time is added by whoever writes. */
export type WriteLog = (line: LogLine) => void;
