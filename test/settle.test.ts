import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { columnsOf } from "../edge-server/columns.ts";
import { readPeriod } from "../edge-server/period.ts";
import { hashesOf } from "../edge-server/published.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { type Bytes, fromBase64url, sha256, toBase64url, toHex } from "../shared/bytes.ts";
import { genesisOf, makeEntry, pseudonymOf } from "../shared/log.ts";
import { readTransaction } from "../shared/transaction.ts";
import { append, type Kept } from "./ledger-entries.ts";
import { makeRecords, must, nowhere, run } from "./records.ts";
import { createLogs, pricedPolicy, type Written } from "./taps.ts";

/** `settle` and `settle answer` as they are run, over a ledger that they find. */

const october = readPeriod("2024-09")?.until ?? 0;
const [hour, day] = [3600, 86_400];

type City = {
  readonly data: string;
  readonly logs: ReturnType<typeof createLogs>;
  readonly pseudonymOf: (sub: string) => Promise<string>;
  /** What was written since the last time reaches the ledger. */
  readonly arrive: (isArriving?: (written: Written) => boolean) => Promise<void>;
};

const makeCity = async (): Promise<City> => {
  const data = await makeRecords();
  const pack = `${data}-pack.json`;
  writeFileSync(pack, JSON.stringify(pricedPolicy.packs[0]));
  await must(data, "programme", "add", pack);
  const store = createSqlitePublishedStore(pathsIn(data).published);
  const artefact = store.read()?.artefacts.find(({ entry }) => entry.name === "policy");
  const signed = store.artefact(artefact === undefined ? "" : (hashesOf(artefact)[0] ?? "")) ?? new Uint8Array(0);
  store.close();
  const hash = toHex(await sha256(signed));
  const { operator } = await openKeyFiles(pathsIn(data).keys);
  const key = await crypto.subtle.importKey("raw", operator.bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const logs = createLogs(pricedPolicy, hash);
  const waiting = new Map<string, Written[]>();
  let taken = 0;
  return {
    data,
    logs,
    pseudonymOf: (sub) => pseudonymOf(key, "here", sub),
    arrive: async (isArriving = () => true) => {
      for (const written of logs.written.slice(taken)) {
        waiting.set(written.ref.terminal, [...(waiting.get(written.ref.terminal) ?? []), written]);
      }
      taken = logs.written.length;
      const ledger = createSqliteLedger(pathsIn(data).ledger);
      for (const [terminal, all] of waiting) {
        if (!all.every(isArriving)) continue;
        await appendAll(ledger, terminal, all, signed, hash);
        waiting.delete(terminal);
      }
      await ledger.close();
    },
  };
};

/** The terminal's whole log so far comes at once; the policy stands before the rest. */
const appendAll = async (
  ledger: ReturnType<typeof createSqliteLedger>,
  terminal: string,
  written: readonly Written[],
  signed: Bytes,
  hash: string,
): Promise<void> => {
  const epoch = fromBase64url(written[0]?.ref.epoch ?? "") ?? new Uint8Array(16);
  const chain = { terminal, epoch };
  let head = (await ledger.head(chain)) ?? (await genesisOf(chain));
  const entries: Kept[] = [];
  const salt = new Uint8Array(16).fill(7);
  for (const { ref, transaction, personal } of written) {
    const entry = await makeEntry(head, transaction, personal, salt);
    if (entry.seq !== ref.seq) throw new Error("not the entry that was named");
    head = entry;
    entries.push({ ...entry, ...columnsOf(readTransaction(entry.bytes)) });
  }
  await append(ledger, chain, entries);
  const own = { terminal: `${terminal}-policy`, epoch };
  if ((await ledger.head(own)) !== null) return;
  const installed = { kind: "installed", manifest: 1, policy: hash, signedPolicy: toBase64url(signed) } as const;
  const stamp = { v: 1, at: october, boot: "boot", clock: "device" } as const;
  const entry = await makeEntry(await genesisOf(own), { ...stamp, ...installed }, {}, salt);
  await append(ledger, own, [{ ...entry, ...columnsOf(readTransaction(entry.bytes)) }]);
};

const folderOf = (data: string): string => join(data, "settlements");
const readAll = (data: string) =>
  readdirSync(folderOf(data)).map((name) => [name, readFileSync(join(folderOf(data), name), "utf8")] as const);
const linesOf = (data: string, period: string): readonly Record<string, never>[] => {
  const path = join(folderOf(data), `${period}.lines.ndjson`);
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
};
const brief = (data: string, period: string) =>
  linesOf(data, period).map(({ kind, amount, owed, service }) => [kind, service, amount, owed]);

const sub = "subject-0001";
let ann = "";
let city: City;
beforeAll(async () => {
  city = await makeCity();
  ann = await city.pseudonymOf(sub);
});

describe("a month", () => {
  it("is settled, the same to the byte each time, and told in sums", async () => {
    const { logs, data } = city;
    const at = october + 5 * day;
    logs.ask("east-1", { service: "metro", action: "entry", at, site: "east", person: ann, cause: "list-stale" });
    logs.ask("west-1", {
      service: "metro",
      action: "exit",
      at: at + 1800,
      site: "west",
      person: ann,
      cause: "list-stale",
    });
    const ride = { service: "bike", person: ann, thing: "v1", accepted: true, cause: "list-missing" } as const;
    logs.ask("east-2", { ...ride, action: "trip_start", at, site: "east" });
    logs.ask("west-2", { ...ride, action: "trip_end", at: at + 2 * hour, site: "west", person: null });
    logs.ask("north-1", { service: "metro", action: "entry", at: at + day, site: "north", person: ann });
    logs.ask("late-1", { service: "metro", action: "exit", at: at + day + hour, site: "east", person: ann });
    await city.arrive(({ ref }) => ref.terminal !== "late-1");

    await must(data, "settle", "--period", "2024-10");
    const first = readAll(data);
    expect(brief(data, "2024-10")).toEqual([
      ["deposit-held", "bike", 20_000, 0],
      ["use", "metro", 364, 0],
      ["deposit-released", "bike", 20_000, 0],
      ["use", "bike", 202, 0],
      ["use", "metro", 180, 0],
    ]);
    const statement = JSON.parse(await must(data, "settle", "--period", "2024-10", "--json"));
    expect(readAll(data)).toEqual(first);
    expect(statement.isProvisional).toBe(false);
    expect(statement.conflicts).toEqual({ "entry-without-exit": 1 });
    expect(
      statement.sums.map((each: { service: string; charged: number; pending: number }) => [
        each.service,
        each.charged,
        each.pending,
      ]),
    ).toEqual([
      ["bike", 202, 2],
      ["metro", 544, 1],
    ]);
  });

  it("asks the programme what only it knows, and takes its answer", async () => {
    const { data } = city;
    const ask = join(folderOf(data), "2024-10.ask.here.ndjson");
    const asked = readFileSync(ask, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line));
    expect(asked.map(({ action, cause }) => [action, cause]).sort()).toEqual([
      ["entry", "list-stale"],
      ["exit", "list-stale"],
      ["trip_start", "list-missing"],
    ]);
    const trip = asked.find(({ action }) => action === "trip_start");
    expect(trip.owedUnder).toMatchObject({ none: { use: 0 }, 1: { use: 101 }, revoked: { use: 202, deposit: 20_000 } });
    expect(JSON.stringify(asked)).not.toContain(sub);

    const subjects = `${data}-subjects.csv`;
    writeFileSync(
      subjects,
      `sub,from,standing\n${sub},0,none\n${sub},${october},2\n${sub},${october + 20 * day},none\nsubject-0002,0,3\n`,
    );
    const key = join(folderOf(data), "pseudonym-key.json");
    const out = join(folderOf(data), "2024-10.answer.here.ndjson");
    const said = await must(nowhere(), "settle", "answer", ask, "--key", key, "--subjects", subjects, "--out", out);
    expect(said).toContain("3 of 3 answered");
    expect(readFileSync(out, "utf8")).not.toContain(sub);

    await must(data, "settle", "--period", "2024-10");
    expect(brief(data, "2024-10")).toEqual([
      ["deposit-held", "bike", 20_000, 0],
      ["use", "metro", 364, 40],
      ["deposit-released", "bike", 20_000, 0],
      ["use", "bike", 202, 101],
      ["use", "metro", 180, 0],
    ]);
    expect(existsSync(ask)).toBe(false);
  });

  it("has what came late as a correction in the next, and stays as it was", async () => {
    const { data } = city;
    const before = readFileSync(join(folderOf(data), "2024-10.lines.ndjson"), "utf8");
    await city.arrive();
    await must(data, "settle", "--period", "2024-11");
    const corrections = linesOf(data, "2024-11");
    expect(
      corrections.map(({ kind, corrects, period, amount, was, now }) => [kind, corrects, period, amount, was, now]),
    ).toEqual([
      [
        "correction",
        "use",
        "2024-10",
        362,
        { amount: 180, owed: 0, paid: 0, missed: {} },
        { amount: 542, owed: 0, paid: 0, missed: {} },
      ],
    ]);
    const closed = await run(data, ["settle", "--period", "2024-10"]);
    expect([closed.code, closed.err]).toEqual([2, expect.stringContaining("2024-10 is closed")]);
    expect(readFileSync(join(folderOf(data), "2024-10.lines.ndjson"), "utf8")).toBe(before);
    const again = linesOf(data, "2024-11");
    await must(data, "settle", "--period", "2024-11");
    expect(linesOf(data, "2024-11")).toEqual(again);
  });

  it("leaves what was stated as it was where it was erased since", async () => {
    const { data } = city;
    await must(data, "ledger", "erase", "--pseudonym", ann);
    await must(data, "settle", "--period", "2024-11");
    expect(linesOf(data, "2024-11")).toEqual([]);
  });
});

describe("bad input", () => {
  it.each([
    [["settle"], "--period"],
    [["settle", "--period", "2024-13"], "must be a month"],
    [["settle", "--period", "2999-01"], "has not begun"],
    [["settle", "--period", "2024-10", "--programme", "nowhere"], "there is no programme nowhere"],
    [["settle", "answer", "/nothing"], "--key"],
  ])("%o", async (words, error) => {
    const { code, err } = await run(city.data, words);
    expect([code, err]).toEqual([2, expect.stringContaining(error)]);
  });

  it("an answer that is none stops it, and nothing is changed", async () => {
    const other = await makeCity();
    await must(other.data, "settle", "--period", "2024-10");
    const before = readAll(other.data);
    writeFileSync(join(folderOf(other.data), "2024-10.answer.here.ndjson"), "sub,band\nsubject-0001,5\n");
    const { code, err } = await run(other.data, ["settle", "--period", "2024-10"]);
    expect([code, err]).toEqual([1, expect.stringContaining("no answer as settle answer writes it")]);
    expect(readAll(other.data).filter(([name]) => !name.includes("answer"))).toEqual(before);
  });

  it("a month that was written too early has to be written again before the next", async () => {
    const other = await makeCity();
    await must(other.data, "settle", "--period", "2024-10");
    const path = join(folderOf(other.data), "2024-10.statement.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"isProvisional": false', '"isProvisional": true'));
    const { code, err } = await run(other.data, ["settle", "--period", "2024-11"]);
    expect([code, err]).toEqual([2, expect.stringContaining("write it again first")]);
  });
});
