/** `ledger erase`, `ledger erasures`: what is personal goes, every chain stays whole, and it is told that it went. */
import { userInfo } from "node:os";
import { type Arguments, type Command, refuse, tableOf } from "../command.ts";
import { type Erasable, erasePersonal } from "../erasure.ts";
import type { Erasure } from "../ports.ts";
import { daySeconds } from "../retention.ts";

export const eraseEntries: Command = {
  name: "ledger erase",
  usage: "--pseudonym P | --older-than 90d | --terminal ID | --entry ID/EPOCH/SEQ [--json]",
  about: `Erases what is personal (pseudonym, item, vehicle) beside entries; what they did stays, and every chain verifies.
It is recorded by whom, when, why and beside how many entries, not what it was. It cannot be undone, and does not come back
when terminals send again. A restored backup from before has it again: run it again then, from a list kept elsewhere; what is
older than GREENLANE_PERSONAL_DAYS the server erases by itself. --older-than counts from when an entry came. Backups keep
what they have until they are deleted.`,
  options: ["pseudonym", "older-than", "terminal", "entry"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (input, edges) => {
    const at = edges.now();
    const erasable = readErasable(input, at);
    if (typeof erasable === "string") return refuse(erasable);
    const { ledger } = await edges.open();
    const entries = await erasePersonal(await ledger(), erasable, { at, by: `command line, ${userInfo().username}` });
    const text = entries === 1 ? "Erased beside 1 entry." : `Erased beside ${entries} entries.`;
    return { kind: "answered", text, json: { at, cause: erasable.kind, entries } };
  },
};

export const listErasures: Command = {
  name: "ledger erasures",
  usage: "[--json]",
  about: "Lists what was erased: when, of which terminal, why, by whom, and beside how many entries.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) => {
    const { ledger } = await edges.open();
    const erasures: Erasure[] = [];
    for await (const each of (await ledger()).erasures()) erasures.push(each);
    const rows = erasures.map(({ terminal, at, cause, by, entries }) => [
      ...[new Date(at * 1000).toISOString(), terminal, cause, by],
      String(entries),
    ]);
    return { kind: "answered", text: rows.length === 0 ? "Nothing was erased." : tableOf(rows), json: { erasures } };
  },
};

/** What is wrong with it is a text. */
const readErasable = ({ option }: Arguments, at: number): Erasable | string => {
  const given = ["pseudonym", "older-than", "terminal", "entry"].filter((name) => option(name) !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) return "say one of --pseudonym, --older-than, --terminal, --entry";
  const value = option(name) ?? "";
  if (name === "pseudonym") {
    const isPseudonym = /^[A-Za-z0-9_-]{22}$/.test(value);
    return isPseudonym
      ? { kind: "pseudonym", pseudonym: value }
      : "--pseudonym must be one: 22 characters of base64url";
  }
  if (name === "older-than") {
    const days = /^(\d{1,5})d$/.exec(value)?.[1];
    if (days === undefined) return `--older-than is "${value}": it must be days, such as 90d`;
    return { kind: "age", before: at - Number(days) * daySeconds };
  }
  if (name === "terminal") return value === "" ? "--terminal is empty" : { kind: "terminal", terminal: value };
  const [, terminal, epoch, seq] = /^([^/]+)\/([A-Za-z0-9_-]{22})\/([1-9]\d{0,14})$/.exec(value) ?? [];
  if (terminal === undefined || epoch === undefined)
    return "--entry must be ID/EPOCH/SEQ, as ledger quarantine prints it";
  return { kind: "entry", terminal, epoch, seq: Number(seq) };
};
