import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { collect } from "./collect.ts";
import { append, chainA, makeEntries } from "./ledger-entries.ts";
import { backUp, makeRecords, must, nowhere, run } from "./records.ts";

/** Backups, by the real command line. */

const expectRefused = async (data: string, words: readonly string[], why: string): Promise<void> => {
  const { code, out, err } = await run(data, words);
  expect([code, out, err.split("\n").length]).toEqual([2, "", 2]);
  expect(err).toContain(why);
};

describe("a backup", () => {
  it("holds everything, for its owner alone, and comes back", async () => {
    const data = await makeRecords();
    const out = await backUp(data);
    expect(readdirSync(out).toSorted()).toEqual([
      "backup.json",
      "keys",
      "ledger.sqlite",
      "published.sqlite",
      "registry.sqlite",
    ]);
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    const again = join(nowhere(), "data");
    await must(again, "restore", out);
    for (const folder of [out, again]) {
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
      for (const path of [folder, ...files]) expect(mode(path), path).toBe(statSync(path).isFile() ? "600" : "700");
    }
    for (const name of readdirSync(pathsIn(data).keys)) {
      const [was, is] = [data, again].map((each) => readFileSync(join(pathsIn(each).keys, name), "utf8"));
      expect(is).toBe(was);
    }
    expect(await must(again, "root", "list")).toBe(await must(data, "root", "list"));
  });

  it("holds the statements that were written, those of one programme too, and nothing half-written", async () => {
    const data = await makeRecords();
    const { settlements } = pathsIn(data);
    const names = [
      "2026-10.statement.json",
      "fuzhou-moli/2026-10.lines.ndjson",
      "fuzhou-moli/2026-10.ask.fuzhou-moli.ndjson",
    ];
    mkdirSync(join(settlements, "fuzhou-moli"), { recursive: true });
    for (const name of [...names, "2026-11.lines.ndjson.new"]) writeFileSync(join(settlements, name), name);
    const again = join(nowhere(), "data");
    await must(again, "restore", await backUp(data));
    for (const name of names) expect(readFileSync(join(pathsIn(again).settlements, name), "utf8")).toBe(name);
    expect(existsSync(join(pathsIn(again).settlements, "2026-11.lines.ndjson.new"))).toBe(false);
    for (const folder of ["settlements", "settlements/fuzhou-moli"]) {
      expect(statSync(join(again, folder)).mode & 0o777).toBe(0o700);
    }
  });

  it("is one moment of each database, while others write as fast as they can", async () => {
    const data = await makeRecords();
    const ledger = createSqliteLedger(pathsIn(data).ledger);
    const entries = await makeEntries(chainA, 2000);
    let isDone = false;
    const writing = (async () => {
      for (let to = 5; to <= 2000 && !isDone; to += 5) {
        await append(ledger, chainA, entries.slice(0, to));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const outs = [await backUp(data), await backUp(data), await backUp(data)];
    isDone = true;
    await writing;
    await ledger.close();
    for (const out of outs) {
      const again = nowhere();
      await must(again, "restore", out);
      const restored = createSqliteLedger(pathsIn(again).ledger);
      const kept = await collect(restored.entries(chainA));
      const receipts = await collect(restored.receipts(chainA));
      expect(kept.map(({ hash }) => hash)).toEqual(entries.slice(0, kept.length).map(({ hash }) => hash));
      expect(receipts.at(-1)?.seq ?? 0).toBe(kept.length);
      await restored.close();
    }
  });

  it("leaves out a ledger on PostgreSQL, and says who takes it", async () => {
    const data = await makeRecords();
    const out = nowhere();
    const elsewhere = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/ledger" };
    const said = await run(data, ["backup", "--out", out], elsewhere);
    expect([said.code, said.err]).toEqual([0, ""]);
    expect(said.out).toContain("pg_dump");
    expect(existsSync(join(out, "ledger.sqlite"))).toBe(false);
    expect(await must(data, "backup", "--help")).toContain("pg_dump");
  });

  it("goes into a new or an empty folder, and so does what comes back", async () => {
    const data = await makeRecords();
    const full = nowhere();
    mkdirSync(full);
    const out = join(full, "backup");
    mkdirSync(out);
    await must(data, "backup", "--out", out);
    await expectRefused(data, ["backup", "--out", full], "is not empty");
    await expectRefused(data, ["restore", out], "is not empty");
    await expectRefused(nowhere(), ["backup", "--out", nowhere()], "holds no records");
    await expectRefused(data, ["backup"], "--out is missing");
    expect(readdirSync(full)).toEqual(["backup"]);
  });

  it("that is not whole, or damaged, is refused, and nothing is left of it", async () => {
    const whole = await backUp(await makeRecords());
    const damages: readonly (readonly [string, (folder: string) => void, string])[] = [
      ["cut off", (folder) => rmSync(join(folder, "backup.json")), "no whole backup"],
      ["of another version", (folder) => writeFileSync(join(folder, "backup.json"), '{"v":2}'), "of this version"],
      ["without a file", (folder) => rmSync(join(folder, "registry.sqlite")), "no such file"],
      ["with another file", (folder) => writeFileSync(join(folder, "ledger.sqlite"), "x".repeat(9000)), "is damaged"],
      [
        "with a torn page",
        (folder) => {
          const path = join(folder, "ledger.sqlite");
          const bytes = readFileSync(path);
          writeFileSync(path, bytes.fill(0x55, 16_384, 20_480));
        },
        "is damaged",
      ],
      [
        "that names statements elsewhere",
        (folder) => writeFileSync(join(folder, "backup.json"), '{"v":1,"at":1,"files":["settlements/../../x.json"]}'),
        "no backup of this version",
      ],
      [
        "that names files elsewhere",
        (folder) => writeFileSync(join(folder, "backup.json"), '{"v":1,"at":1,"files":["keys/../../x.jwk"]}'),
        "of this version",
      ],
    ];
    for (const [name, damage, why] of damages) {
      const folder = nowhere();
      cpSync(whole, folder, { recursive: true });
      damage(folder);
      const parent = nowhere();
      mkdirSync(parent);
      await expectRefused(join(parent, "data"), ["restore", folder], why);
      expect(readdirSync(parent), name).toEqual([]);
    }
    await expectRefused(nowhere(), ["restore", nowhere()], "no such file");
  });
});

it("restores a registry that still knows its terminals", async () => {
  const data = await makeRecords();
  const pack = join(import.meta.dirname, "../shared/programmes/fuzhou-moli.json");
  await must(data, "programme", "add", pack);
  await must(
    data,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro", "--site", "s", "--name", "Gate"],
  );
  const again = nowhere();
  await must(again, "restore", await backUp(data));
  const registry = createSqliteRegistry(pathsIn(again).registry);
  expect(registry.terminals()).toHaveLength(1);
  registry.close();
});
