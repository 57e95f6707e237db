/** What a terminal's log is, by what was found of its two copies: every state of the one beside every state of the other. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Reconciled, reconcile } from "../kiosk/log-repair.ts";
import type { FoundCopy, LogContent, Mark } from "../kiosk/ports.ts";
import { toBase64url } from "../shared/bytes.ts";
import { type Chain, type Entry, genesisOf } from "../shared/log.ts";
import { chainOf, copyOf, writeChain, writeEntries } from "./log-copies.ts";

const chain = chainOf(7);
const other = chainOf(8);
const newest = 12;
const ackedSeq = 4;
const acked = { ackedSeq, floorAt: 900 };
let entries: readonly Entry[];
let others: readonly Entry[];

beforeAll(async () => {
  entries = await writeChain(chain, newest);
  others = await writeChain(other, 3);
});

const altered = (all: readonly Entry[], seq: number): readonly Entry[] =>
  all.map((entry) => (entry.seq === seq ? { ...entry, bytes: new Uint8Array([1, 2, 3]) } : entry));
const without = (all: readonly Entry[], ...seqs: readonly number[]): readonly Entry[] =>
  all.filter(({ seq }) => !seqs.includes(seq));

const states = {
  whole: () => copyOf(chain, entries, acked),
  empty: () => copyOf(null, []),
  truncated: () => copyOf(chain, entries.slice(0, 8), { ...acked, isTorn: true }),
  holed: () => copyOf(chain, without(entries, 10), acked),
  altered: () => copyOf(chain, altered(entries, 6), acked),
  stale: () => copyOf(chain, entries.slice(0, 9), acked),
  other: () => copyOf(other, others),
} satisfies Record<string, () => FoundCopy>;
type Name = keyof typeof states;
const names = Object.keys(states) as readonly Name[];

/** How far the log reaches, and what each copy is; or why it is lost. */
const describeOf = (result: Reconciled, copies: readonly FoundCopy[]): string =>
  result.kind === "lost"
    ? `lost: ${result.cause}`
    : `${result.content.head.seq}: ${copies.map((copy) => result.states.get(copy) ?? "stray").join(" ")}`;

const outcomeOf = async (copies: readonly FoundCopy[], mark: Mark | null = null): Promise<string> =>
  describeOf(await reconcile("t-1", copies, mark), copies);

const readAll = async ({ read }: LogContent, from: number): Promise<readonly Entry[]> => {
  const [next, ...more] = await read(from, 5);
  return next === undefined ? [] : [next, ...more, ...(await readAll({ read } as LogContent, from + 1 + more.length))];
};

const markOf = ({ epoch }: Chain, seq: number): Mark => ({ epoch: toBase64url(epoch), seq });

const different = "lost: its copies are of different chains";
const endless = (seq: number) => `lost: nothing says that entry ${seq} is the last one`;
const missing = (from: number, to = newest) => `lost: entries ${from} to ${to} are missing`;
const unacked = (seq: number) => `lost: entries before ${seq} are missing, not acknowledged`;

/** One row a state of the first, one column a state of the second: in the order of `states`. */
const table: Readonly<Record<Name, readonly string[]>> = {
  whole: [
    "12: same same",
    "12: same damaged",
    "12: same behind",
    "12: same damaged",
    "12: same damaged",
    "12: same behind",
    different,
  ],
  empty: [
    "12: damaged same",
    "lost: nothing of it was found",
    endless(8),
    unacked(11),
    unacked(6),
    "9: damaged same",
    "3: damaged same",
  ],
  truncated: [
    "12: behind same",
    endless(8),
    endless(8),
    unacked(11),
    "12: behind damaged",
    "9: behind same",
    different,
  ],
  holed: ["12: damaged same", unacked(11), unacked(11), unacked(11), "12: damaged damaged", unacked(11), different],
  altered: [
    "12: damaged same",
    unacked(6),
    "12: damaged behind",
    "12: damaged damaged",
    unacked(6),
    "12: damaged behind",
    different,
  ],
  stale: [
    "12: behind same",
    "9: same damaged",
    "9: same behind",
    unacked(11),
    "12: behind damaged",
    "9: same same",
    different,
  ],
  other: [different, "3: same damaged", different, different, different, different, "3: same same"],
};

describe("the first copy beside the second", () => {
  const cases = names.flatMap((first) =>
    names.map((second, column) => [first, second, table[first][column] ?? ""] as const),
  );
  test.each(cases)("%s, %s: %s", async (first, second, expected) => {
    expect(await outcomeOf([states[first](), states[second]()])).toBe(expected);
  });

  test.each(names)("%s, and no second", async (name) => {
    const alone = { ...table, whole: "12: same", stale: "9: same", other: "3: same" }[name];
    const expected = typeof alone === "string" ? alone : table[name][1];
    expect(await outcomeOf([states[name]()])).toBe(expected);
  });
});

describe("a copy that lost its chain's name", () => {
  const straysOf = async (...copies: readonly FoundCopy[]) => {
    const result = await reconcile("t-1", copies, null);
    return result.kind === "lost"
      ? result.cause
      : [result.content.head.seq, result.strays.map((copy) => copies.indexOf(copy))];
  };

  test("is kept as another chain's where none of it is in this one: before it, beside it, or behind it", async () => {
    const nameless = copyOf(null, await writeChain(other, 8), { ackedSeq: 2 });
    expect(await straysOf(nameless, copyOf(chain, entries, acked))).toEqual([newest, [0]]);
    expect(await straysOf(nameless, copyOf(chain, entries.slice(5), { ackedSeq: 9 }))).toEqual([newest, [0]]);
  });

  test("is this chain's where some of it is, or its first entries may be", async () => {
    const whole = copyOf(chain, entries, acked);
    expect(await straysOf(copyOf(null, entries, acked), whole)).toEqual([newest, []]);
    expect(await straysOf(copyOf(null, altered(entries, 1), acked), whole)).toEqual([newest, []]);
    const pruned = copyOf(chain, entries.slice(8), { ackedSeq: 10 });
    expect(await straysOf(copyOf(null, entries.slice(0, 4), acked), pruned)).toEqual([newest, []]);
  });
});

describe("a log that is whole", () => {
  test("reads from wherever an entry is right", async () => {
    const [first, second] = [copyOf(chain, altered(entries, 6), acked), copyOf(chain, without(entries, 2, 11), acked)];
    const result = await reconcile("t-1", [first, second], null);
    if (result.kind === "lost") throw new Error(String(result.cause));
    expect(result.content).toMatchObject({ chain, firstSeq: 1, ackedSeq, floorAt: 900 });
    expect(await readAll(result.content, 1)).toEqual(entries);
    expect(await result.content.read(newest + 1, 5)).toEqual([]);
  });

  test("takes the cursor and the floor of whichever copy is further", async () => {
    const result = await reconcile(
      "t-1",
      [copyOf(chain, entries, { ackedSeq: 9, floorAt: 5 }), copyOf(chain, entries, { ackedSeq: 3, floorAt: 700 })],
      null,
    );
    expect(result).toMatchObject({ content: { ackedSeq: 9, floorAt: 700 } });
  });

  test("takes the personal fields that fit", async () => {
    const spoilt = entries.map((entry) =>
      entry.seq === 6 ? { ...entry, personal: { text: '{"item":"x"}', salt: new Uint8Array(16) } } : entry,
    );
    for (const copies of [
      [copyOf(chain, spoilt, acked), states.whole()],
      [states.whole(), copyOf(chain, spoilt, acked)],
    ]) {
      const result = await reconcile("t-1", copies, null);
      if (result.kind === "lost") throw new Error(String(result.cause));
      expect((await result.content.read(6, 1))[0]?.personal?.text).toBe('{"item":"item 5"}');
      expect([...result.states.values()].sort()).toEqual(["damaged", "same"]);
    }
  });

  test("may have been pruned, further in one copy than in the other", async () => {
    expect(await outcomeOf([copyOf(chain, entries.slice(3), acked), states.whole()])).toBe("12: same same");
    expect(await outcomeOf([copyOf(chain, entries.slice(3), acked)])).toBe("12: same");
    expect(await outcomeOf([copyOf(chain, entries.slice(4), acked)])).toBe(unacked(5));
    expect(await outcomeOf([copyOf(chain, entries.slice(4), acked), states.whole()])).toBe("12: damaged same");
  });

  test("takes the first entry of a pruned log from the file, whose records have checksums, where nothing proves it", async () => {
    for (const count of [newest, 4]) {
      const pruned = entries.slice(3, count);
      const copies = [copyOf(chain, altered(pruned, 4), acked), copyOf(chain, pruned, acked)];
      const result = await reconcile("t-1", copies, null);
      expect(describeOf(result, copies)).toBe(`${count}: damaged same`);
      if (result.kind === "lost") throw new Error(String(result.cause));
      expect((await result.content.read(4, 1))[0]?.bytes).toEqual(entries[3]?.bytes);
    }
  });

  test("does without a damaged entry that the ledger has", async () => {
    const result = await reconcile("t-1", [copyOf(chain, altered(entries, 2), acked)], null);
    expect(result).toMatchObject({ kind: "whole", content: { firstSeq: 2, head: { seq: newest } } });
    expect(await outcomeOf([copyOf(chain, without(entries, 2), acked)])).toBe("12: damaged");
  });

  test("begins behind the last hole, and neither copy is right that has something before it", async () => {
    const told = { ackedSeq: 7, floorAt: 1 };
    const [first, second] = [
      copyOf(chain, without(entries, 2, 3, 4, 5), told),
      copyOf(chain, without(entries, 2, 4), told),
    ];
    expect(await outcomeOf([first, second])).toBe("12: damaged damaged");
    expect(await reconcile("t-1", [first, second], null)).toMatchObject({ content: { firstSeq: 5 } });
  });

  test("is whole again from its beginning, where one copy lost what it had not dropped, though the ledger has it", async () => {
    const kept = (keptFrom: number, from: number) => copyOf(chain, entries.slice(from - 1), { ...acked, keptFrom });
    expect(await outcomeOf([kept(1, 3), kept(1, 1)])).toBe("12: damaged same");
    expect(await outcomeOf([kept(1, 1), kept(1, 3)])).toBe("12: same damaged");
    expect(await reconcile("t-1", [kept(1, 3), kept(1, 1)], null)).toMatchObject({ content: { firstSeq: 1 } });
    // Dropped, it is missed nowhere; nor where no copy has it any more.
    expect(await outcomeOf([kept(3, 3), kept(1, 1)])).toBe("12: same same");
    expect(await outcomeOf([kept(1, 3), kept(1, 3)])).toBe("12: same same");
    expect(await outcomeOf([kept(9, 6), kept(1, 1)])).toBe("12: damaged same");
  });

  test("ends with what was cut off in one copy, where the other is one entry short: no more was begun", async () => {
    const torn = copyOf(chain, entries, { ...acked, isTorn: true });
    const short = (by: number) => copyOf(chain, entries.slice(0, newest - by), acked);
    expect(await outcomeOf([short(1), torn])).toBe("12: behind same");
    expect(await outcomeOf([short(2), torn])).toBe(endless(12));
    expect(await outcomeOf([{ ...short(1), isTorn: true }, torn])).toBe(endless(12));
  });

  test("may have nothing in it yet", async () => {
    const head = await genesisOf(chain);
    expect(await outcomeOf([copyOf(chain, [], { head }), copyOf(null, [])])).toBe("0: same damaged");
    expect(await outcomeOf([copyOf(chain, [], { head }), states.whole()])).toBe("12: behind same");
  });

  test("may have lost its name in one copy", async () => {
    expect(await outcomeOf([copyOf(null, entries, acked), states.stale()])).toBe("12: damaged behind");
  });

  test("is longer than one window", async () => {
    const long = await writeChain(chain, 2500);
    const told = { ackedSeq: 2499, floorAt: 1 };
    expect(await outcomeOf([copyOf(chain, altered(long, 1000), told), copyOf(chain, altered(long, 2001), told)])).toBe(
      "2500: damaged damaged",
    );
    expect(await outcomeOf([copyOf(chain, long.slice(2200), told), copyOf(chain, long.slice(0, 900), told)])).toBe(
      "2500: same damaged",
    );
  });
});

describe("a log that is lost", () => {
  test("is one that does not reach as far as it once did", async () => {
    const stale = () => [states.stale(), states.stale()];
    expect(await outcomeOf(stale(), markOf(chain, 9))).toBe("9: same same");
    expect(await outcomeOf(stale(), markOf(chain, 10))).toBe(missing(10, 10));
    expect(await outcomeOf(stale(), markOf(other, 10))).toBe("9: same same");
    expect(await outcomeOf([copyOf(chain, entries.slice(0, 3), { ackedSeq: 4 })])).toBe(missing(4, 4));
    expect(await outcomeOf([copyOf(chain, entries.slice(0, 9), { head: entries[10] ?? null })])).toBe(missing(10, 11));
  });

  test("has two histories", async () => {
    const parted = [
      ...entries.slice(0, 5),
      ...(await writeEntries(entries[4] ?? { seq: 0, hash: new Uint8Array(32) }, 4, "else")),
    ];
    const cause = "lost: its copies tell two histories from entry 6 on";
    expect(await outcomeOf([states.whole(), copyOf(chain, parted, acked)])).toBe(cause);
    expect(await outcomeOf([copyOf(chain, parted, acked), states.whole()])).toBe(cause);
    expect(await outcomeOf([copyOf(chain, entries.slice(7)), copyOf(chain, parted.slice(7))])).toContain("lost");
  });

  test("is one under another chain's name", async () => {
    expect(await outcomeOf([copyOf(other, entries, acked)])).toBe("lost: it is another chain's");
    expect(await outcomeOf([copyOf(chain, altered(entries, 1), acked)])).toBe("lost: it is another chain's");
    expect(await outcomeOf([copyOf(chain, altered(entries, 1), acked), copyOf(chain, entries.slice(3), acked)])).toBe(
      "12: damaged same",
    );
  });

  test("is not, where the mark names one of two chains", async () => {
    expect(await outcomeOf([states.whole(), states.other()], markOf(chain, 3))).toBe("12: same stray");
    expect(await outcomeOf([states.whole(), states.other()], markOf(other, 3))).toBe("3: stray same");
    expect(await outcomeOf([states.whole(), states.other()], markOf(other, 4))).toBe(missing(4, 4));
    expect(await outcomeOf([states.whole(), states.other()], markOf(chainOf(9), 1))).toBe(different);
  });

  test("is no loss where it was another terminal's", async () => {
    expect(await outcomeOf([copyOf(chainOf(7, "t-2"), entries)])).toBe("lost: null");
    expect(await reconcile("t-1", [copyOf(chainOf(7, "t-2"), [], { floorAt: 70 })], null)).toMatchObject({
      floorAt: 70,
    });
  });

  test("may be anything that a damaged store gives back", async () => {
    const rubbish = [{ seq: 5, bytes: new Uint8Array(1) }, { seq: "6" }, { seq: 7, hash: 1 }] as unknown as Entry[];
    expect(await outcomeOf([copyOf(chain, rubbish, { head: null, ...acked }), states.whole()])).toBe(
      "12: damaged same",
    );
  });
});

test("whatever happens to one copy, nothing is lost", async () => {
  const damage = fc.record({
    removed: fc.array(fc.integer({ min: 1, max: newest }), { maxLength: 6 }),
    altered: fc.array(fc.integer({ min: 1, max: newest }), { maxLength: 3 }),
    rehashed: fc.array(fc.integer({ min: 1, max: newest }), { maxLength: 3 }),
    isFirst: fc.boolean(),
    isTorn: fc.boolean(),
    hasName: fc.boolean(),
    head: fc.constantFrom("last", "none", "whole"),
  });
  await fc.assert(
    fc.asyncProperty(damage, async (each) => {
      const left = each.altered
        .reduce(altered, without(entries, ...each.removed))
        .map((entry) => (each.rehashed.includes(entry.seq) ? { ...entry, hash: new Uint8Array(32) } : entry));
      const { head, isTorn } = each;
      const heads = { last: left.at(-1) ?? null, none: null, whole: entries.at(-1) ?? null };
      const damaged = copyOf(each.hasName ? chain : null, left, { ...acked, isTorn, head: heads[head] });
      const copies = each.isFirst ? [damaged, states.whole()] : [states.whole(), damaged];
      const result = await reconcile("t-1", copies, markOf(chain, newest));
      if (result.kind === "lost") throw new Error(String(result.cause));
      expect(await readAll(result.content, 5)).toEqual(entries.slice(4));
    }),
    { numRuns: 300 },
  );
});
