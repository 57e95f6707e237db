/** `log events`: what the server says while it runs. */
import { type Command, tableOf } from "../command.ts";
import { events } from "../events.ts";

export const listLogEvents: Command = {
  name: "log events",
  usage: "[--json]",
  about: "Lists the events of the server's log, one line of JSON each on standard output, and what they say.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async () => ({ kind: "answered", json: events, text: tableOf(Object.entries(events)) }),
};
