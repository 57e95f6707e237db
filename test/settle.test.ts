import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { must, nowhere, run } from "./records.ts";
import { day, hour, makeCity, october, type SettleCity } from "./settle-city.ts";

/** `settle` and `settle answer` as they are run, over a ledger that they find. */

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
let city: SettleCity;
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

  it("shows a citizen everything that is kept, in words and as it is", async () => {
    const { data } = city;
    const record = JSON.parse(await must(data, "citizen", "export", "--pseudonym", ann, "--json"));
    expect(record.entries).toHaveLength(11);
    const kinds = record.entries.map(({ transaction }: { transaction: { kind: string } }) => transaction.kind);
    expect([kinds.filter((kind: string) => kind === "decided").length, kinds.includes("agreed")]).toEqual([5, true]);
    expect(
      record.lines.map(({ period, line }: { period: string; line: { kind: string } }) => [period, line.kind]),
    ).toEqual([
      ...["deposit-held", "use", "deposit-released", "use", "use"].map((kind) => ["2024-10", kind]),
      ["2024-11", "correction"],
    ]);
    const words = await must(data, "citizen", "export", "--pseudonym", ann);
    expect(words).toContain("metro, entry at east: let through, because list-stale; something may be owed");
    expect(words).toContain("bike, use: 202 CNY (minor units), of which 101 goes back to you");
    expect(await must(data, "citizen", "export", "--pseudonym", "B".repeat(22))).toContain("Nothing is kept");
  });

  it("leaves what was stated as it was where it was erased since", async () => {
    const { data } = city;
    const [stated, sums] = ["lines.ndjson", "statement.json"].map((name) =>
      readFileSync(join(folderOf(data), `2024-10.${name}`), "utf8"),
    );
    expect(await must(data, "citizen", "erase", "--pseudonym", ann)).toContain(
      "Erased beside 5 entries, and in 9 lines",
    );
    expect(readFileSync(join(folderOf(data), "2024-10.lines.ndjson"), "utf8")).toBe(stated?.replaceAll(ann, "erased"));
    expect(readFileSync(join(folderOf(data), "2024-10.statement.json"), "utf8")).toBe(sums);
    expect(JSON.stringify(readAll(data))).not.toContain(ann);
    expect(await must(data, "citizen", "export", "--pseudonym", ann)).toContain("Nothing is kept");
    await must(data, "settle", "--period", "2024-11");
    expect(linesOf(data, "2024-11")).toEqual([]);
  });
});

describe("the next month", () => {
  it("has what fell due in it, and takes back what staff took back", async () => {
    const { data, logs, arrive } = await makeCity();
    const last = october + 31 * day - hour;
    logs.ask("east-1", { service: "metro", action: "entry", at: last, site: "east", person: "A".repeat(22) });
    const ride = { service: "bike", person: "A".repeat(22), thing: "v1", accepted: true } as const;
    const of = logs.ask("dock-1", { ...ride, action: "trip_start", at: october + day, site: "east" });
    logs.ask("dock-2", { ...ride, action: "trip_end", at: october + day + hour, site: "west", person: null });
    await arrive();
    await must(data, "settle", "--period", "2024-10");
    expect(brief(data, "2024-10")).toEqual([
      ["deposit-held", "bike", 20_000, 0],
      ["deposit-released", "bike", 20_000, 0],
      ["use", "bike", 101, 0],
    ]);

    logs.write("staff-1", last, { kind: "annulled", of, staff: ["s"], reason: "mistake" } as never, {});
    await arrive();
    await must(data, "settle", "--period", "2024-11");
    expect(brief(data, "2024-11")).toEqual([
      ["use", "metro", 180, 0],
      ["correction", "bike", -20_000, 0],
      ["correction", "bike", -20_000, 0],
      ["correction", "bike", -101, 0],
    ]);
  });
});

describe("bad input", () => {
  it.each([
    [["settle"], "--period"],
    [["settle", "--period", "2024-13"], "must be a month"],
    [["settle", "--period", "2999-01"], "has not begun"],
    [["settle", "--period", "2024-10", "--programme", "nowhere"], "there is no programme nowhere"],
    [["settle", "answer", "/nothing"], "--key"],
    [["citizen", "export"], "--pseudonym must be one"],
    [["citizen", "erase", "--pseudonym", "somebody"], "--pseudonym must be one"],
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
