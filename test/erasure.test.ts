import { beforeEach, describe, expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { auditLedger } from "../edge-server/audit.ts";
import { type Erasable, type ErasingLedger, erasePersonal } from "../edge-server/erasure.ts";
import type { Ledger } from "../edge-server/ports.ts";
import { type RetentionEdges, startRetention } from "../edge-server/retention.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { toBase64url } from "../shared/bytes.ts";
import { createFakeClock } from "./city.ts";
import { collect } from "./collect.ts";
import { append, chainA, chainB, chainC, type Kept, makeEntries } from "./ledger-entries.ts";
import { makeRecords, must, run } from "./records.ts";
import { now } from "./sample.ts";
import { createWorld, sendSigned } from "./world.ts";

/** Erasing what is personal: of whom, of what age, and that nothing else goes. */

const [ann, bob] = ["A".repeat(22), "B".repeat(22)] as const;
const record = { at: 1000, by: "somebody" } as const;

let ledger: Ledger;
beforeEach(async () => {
  ledger = createSqliteLedger(":memory:");
  return () => ledger.close();
});

/** Entries with these texts; null: nothing personal. */
const keep = async (chain = chainA, texts: readonly (string | null)[] = [], receivedAt = 500): Promise<void> => {
  const entries: Kept[] = (await makeEntries(chain, texts.length)).map((entry, index) => {
    const text = texts[index] ?? null;
    return { ...entry, personal: text === null ? null : { text, salt: new Uint8Array(16) } };
  });
  await append(ledger, chain, entries, { receivedAt });
};
const about = (pseudonym: string): string => JSON.stringify({ pseudonym });
const left = async (): Promise<readonly string[]> => {
  const places: string[] = [];
  for (const chain of [chainA, chainB, chainC]) {
    for await (const { terminal, epoch, seq, personal } of ledger.entries(chain)) {
      if (personal !== null) places.push(`${terminal}/${epoch[0]}/${seq}`);
    }
  }
  return places;
};
const erase = (erasable: Erasable) => erasePersonal(ledger, erasable, record);

describe("by pseudonym", () => {
  it("goes through every chain, and leaves everybody else's", async () => {
    await keep(chainA, [about(ann), about(bob), null, about(ann)]);
    await keep(chainC, [about(bob), about(ann)]);
    expect(await erase({ kind: "pseudonym", pseudonym: ann })).toBe(3);
    expect(await left()).toEqual(["gate-1/1/2", "gate-2/1/1"]);
    expect(await erase({ kind: "pseudonym", pseudonym: ann })).toBe(0);
    expect(await collect(ledger.erasures())).toEqual([
      { terminal: "gate-1", ...record, cause: "pseudonym", entries: 2 },
      { terminal: "gate-2", ...record, cause: "pseudonym", entries: 1 },
    ]);
  });

  it.each([
    ["told again with a lost chain", JSON.stringify({ pseudonym: ann, text: about(ann), salt: "x" })],
    ["told again without saying so above", JSON.stringify({ text: about(ann) })],
    ["written in escapes", '{"pseudonym":"\\u0041AAAAAAAAAAAAAAAAAAAAA"}'],
    ["beside something that is wrong", JSON.stringify({ pseudonym: ann, item: 5 })],
    ["in no JSON", `{"pseudonym":"${ann}`],
  ])("finds one that is %s", async (_, text) => {
    await keep(chainA, [text, about(bob), "null", "5", "[]"]);
    expect(await erase({ kind: "pseudonym", pseudonym: ann })).toBe(1);
    expect(await left()).toEqual(["gate-1/1/2", "gate-1/1/3", "gate-1/1/4", "gate-1/1/5"]);
  });

  it("finds all of thousands, in steps", async () => {
    await keep(
      chainA,
      Array.from({ length: 1700 }, (_, index) => about(index % 3 === 0 ? ann : bob)),
    );
    let steps = 0;
    const erased = await erasePersonal(ledger, { kind: "pseudonym", pseudonym: ann }, record, async () => {
      steps += 1;
    });
    expect([erased, steps, (await left()).length]).toEqual([567, 4, 1133]);
  });
});

describe("by age", () => {
  it("counts from when an entry came", async () => {
    await keep(chainA, [about(ann), about(bob)], 500);
    await keep(chainA, [about(ann), about(bob), about(ann)], 600); // the third
    await keep(chainB, [about(ann)], 599);
    expect(await erase({ kind: "age", before: 600 })).toBe(3);
    expect(await left()).toEqual(["gate-1/1/3"]);
  });

  it("looks no further in a chain than there is something old", async () => {
    await keep(chainA, Array(1500).fill(about(ann)), 700);
    const asked: number[] = [];
    const watched: ErasingLedger = {
      ...ledger,
      personal: (chain, seq, rowsMax) => {
        asked.push(seq);
        return ledger.personal(chain, seq, rowsMax);
      },
    };
    expect(await erasePersonal(watched, { kind: "age", before: 700 }, record)).toBe(0);
    expect(asked).toEqual([0]);
  });
});

it("erases all of a terminal, or one entry", async () => {
  await keep(chainA, [about(ann), about(bob)]);
  await keep(chainB, [about(ann), about(bob)]);
  await keep(chainC, [about(ann)]);
  const epoch = toBase64url(chainA.epoch);
  expect(await erase({ kind: "entry", terminal: "gate-1", epoch, seq: 2 })).toBe(1);
  expect(await left()).toEqual(["gate-1/1/1", "gate-1/2/1", "gate-1/2/2", "gate-2/1/1"]);
  expect(await erase({ kind: "entry", terminal: "gate-1", epoch, seq: 9 })).toBe(0);
  expect(await erase({ kind: "terminal", terminal: "gate-1" })).toBe(3);
  expect(await left()).toEqual(["gate-2/1/1"]);
});

it("leaves every chain verifying, and what was erased does not come back by being sent again", async () => {
  const world = await createWorld({ ledger });
  const terminal = await world.addTerminal("gate-1");
  for (let i = 0; i < 4; i++) await terminal.write({ kind: "started", app: "1", newEpoch: true }, { pseudonym: ann });
  const send = async () => (await sendSigned(world.app, terminal, "/v1/log", await terminal.batch())).status;
  expect(await send()).toBe(200);
  expect(await erase({ kind: "pseudonym", pseudonym: ann })).toBe(4);
  await terminal.write({ kind: "started", app: "1", newEpoch: true }, { pseudonym: bob });
  expect([await send(), await send()]).toEqual([200, 200]);
  const kept = await collect(ledger.entries(terminal.chain));
  expect(kept.map(({ personal }) => personal?.text ?? null)).toEqual([null, null, null, null, about(bob)]);
  const keys = { roots: await openAllRoots(world.rootBytes, []), registry: world.registry };
  expect(await auditLedger(ledger, keys)).toMatchObject({
    entries: 5,
    erased: { entries: 4, recorded: 4 },
    checkpoints: { bad: 0, unknown: 0 },
    problems: [],
  });
});

describe("retention", () => {
  const clock = createFakeClock();
  const said: unknown[] = [];
  const edgesOf = (of: ErasingLedger): RetentionEdges => ({
    ledger: of,
    now: clock.now,
    after: clock.after,
    random: () => 0.5,
    say: (result) => said.push(result),
  });
  /** As much time as a few steps take. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.move(0.02);
    }
  };
  beforeEach(() => {
    clock.set(now);
    said.length = 0;
  });

  it("erases what is too old soon after the start, and then once a day", async () => {
    await keep(chainA, Array(3).fill(about(ann)), now - 30 * 86_400 - 1000);
    await keep(chainB, Array(2).fill(about(ann)), now - 29 * 86_400);
    const stop = startRetention(edgesOf(ledger), 30);
    await settle();
    expect(await left()).toHaveLength(5);
    clock.move(600);
    await settle();
    expect(await left()).toEqual(["gate-1/2/1", "gate-1/2/2"]);
    clock.move(86_400);
    await settle();
    expect(await left()).toEqual([]);
    expect(said).toEqual([{ entries: 3 }, { entries: 2 }]);
    await stop();
    expect((await collect(ledger.erasures())).map(({ cause, by }) => [cause, by])).toEqual(
      Array(2).fill(["age", "server"]),
    );
  });

  it("tries again the next day where the ledger cannot be asked, and is quiet where nothing is to do", async () => {
    let isThere = false;
    const away: ErasingLedger = { ...ledger, chains: async () => (isThere ? [] : Promise.reject(new Error("away"))) };
    const stop = startRetention(edgesOf(away), 30);
    clock.move(600);
    await settle();
    isThere = true;
    clock.move(86_400);
    await settle();
    expect(said).toEqual([{ cause: "away" }]);
    await stop();
  });

  it("stops within a step", async () => {
    await keep(chainA, Array(1500).fill(about(ann)), now - 99 * 86_400);
    const stop = startRetention(edgesOf(ledger), 30);
    clock.move(600);
    await new Promise((resolve) => setImmediate(resolve));
    const stopping = stop();
    await settle();
    await stopping;
    clock.move(86_400);
    await settle();
    expect(await left()).toHaveLength(1000);
    expect(said).toEqual([]);
  });
});

describe("the command line", () => {
  it("erases, says beside how many entries, and lists that it did, without what it was", async () => {
    const data = await makeRecords();
    ledger = createSqliteLedger(pathsIn(data).ledger);
    await keep(chainA, [about(ann), about(bob)]);
    expect(JSON.parse(await must(data, "ledger", "erase", "--pseudonym", ann, "--json"))).toMatchObject({ entries: 1 });
    expect(await must(data, "ledger", "erase", "--older-than", "1d")).toBe("Erased beside 1 entry.\n");
    const listed = await must(data, "ledger", "erasures");
    expect(listed).toMatch(/gate-1 +pseudonym +command line, \S+ +1\n.*gate-1 +age/);
    expect(listed).not.toContain(ann);
    expect(JSON.parse(await must(data, "ledger", "erasures", "--json")).erasures).toHaveLength(2);
    expect(await must(data, "ledger", "quarantine")).toBe("Kept and not believed: nothing.\n");
    expect(JSON.parse(await must(data, "ledger", "quarantine", "--json"))).toMatchObject({ listed: [], leftOut: 0 });
    expect(await left()).toEqual([]);
  });

  it.each([
    [[], "say one of"],
    [["--terminal", "a", "--older-than", "3d"], "say one of"],
    [["--pseudonym", "somebody"], "22 characters"],
    [["--older-than", "90"], "90d"],
    [["--older-than", "-1d"], "90d"],
    [["--terminal", ""], "is empty"],
    [["--entry", "gate-1/3"], "ID/EPOCH/SEQ"],
    [["--entry", `gate-1/${"A".repeat(22)}/0`], "ID/EPOCH/SEQ"],
  ])("refuses %j in one line, and erases nothing", async (words, why) => {
    const data = await makeRecords();
    const { code, out, err } = await run(data, ["ledger", "erase", ...words]);
    expect([code, out]).toEqual([2, ""]);
    expect(err.trimEnd()).not.toContain("\n");
    if (!words.includes("-1d")) expect(err).toContain(why);
  });
});
