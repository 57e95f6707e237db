/** `backup`, `restore`: the operator's records, while everything runs. */
import { resolve } from "node:path";
import { type Backup, restoreBackup, writeBackup } from "../adapters/backup-folder.ts";
import { type Command, countOf, refuse } from "../command.ts";

export const backupRecords: Command = {
  name: "backup",
  usage: "--out DIR [--json]",
  about: `Copies ledger, registry, citizens, what is published, statements and the keys to DIR, which is new or empty, while the server runs.
Keep DIR as safe as the data folder: it holds every key. A ledger on PostgreSQL (DATABASE_URL) is not in it: take that
with pg_dump --format=custom, first, and then this.`,
  options: ["out"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async ({ option }, edges) => {
    const out = option("out");
    if (out === undefined || out === "") return refuse("--out is missing");
    const { folder, databaseUrl } = edges.settings;
    const to = resolve(out);
    const backup = await writeBackup(folder, to, { hasLedger: databaseUrl === null, at: edges.now() });
    if (backup.kind === "unreadable") return refuse(backup.error);
    const lines = [`${to}: ${sumOf(backup.value)}.`];
    if (databaseUrl !== null) lines.push("The ledger is on PostgreSQL and not in it: pg_dump takes that.");
    return { kind: "answered", json: { out: to, ...backup.value }, text: lines.join("\n") };
  },
};

export const restoreRecords: Command = {
  name: "restore",
  usage: "DIR [--json]",
  about: `Puts a backup into the data folder (GREENLANE_DATA), which is not there yet or empty. A ledger that was on PostgreSQL comes
back with pg_restore. What terminals were acknowledged for since the backup they send again by themselves, as long as they
keep it (72 hours). Where anything was published since, "root rotate --publisher" has terminals take bundles again.`,
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [from = ""] }, edges) => {
    const { folder } = edges.settings;
    const backup = await restoreBackup(resolve(from), folder);
    if (backup.kind === "unreadable") return refuse(backup.error);
    const madeAt = new Date(backup.value.at * 1000).toISOString();
    return {
      kind: "answered",
      json: { folder, ...backup.value },
      text: `${folder}: ${sumOf(backup.value)}, as of ${madeAt}.`,
    };
  },
};

const sumOf = ({ files }: Backup): string => {
  const keys = files.filter((name) => name.startsWith("keys/")).length;
  return `${countOf(files.length - keys, "database")} and ${countOf(keys, "key")}`;
};
