import { afterAll, beforeAll, expect, it } from "vitest";
import { createReceptionThread, smallBytesMax } from "../edge-server/adapters/reception-thread.ts";
import { receiveHere } from "../edge-server/reception.ts";
import { type Bytes, toUtf8 } from "../shared/bytes.ts";
import { type Batch, decodeBatch, encodeBatch, type Held } from "../shared/sync.ts";
import { drawKey } from "./sample.ts";
import { createTerminal, type TestTerminal } from "./world.ts";

/** A batch is judged in a thread of its own as it is here. */

const thread = createReceptionThread();
afterAll(() => thread.close());

let terminal: TestTerminal;
const long = { kind: "fault", part: "gate", cause: "x".repeat(800) } as const;
beforeAll(async () => {
  terminal = await createTerminal("gate-1", await drawKey("P-256"));
  for (let i = 0; i < 120; i++) await terminal.write(long, i % 3 === 0 ? { item: `书 ${i}` } : {});
});

const heldUpTo = (seq: number, of: TestTerminal = terminal): Held => ({
  head: of.entries[seq - 1] ?? of.genesis,
  hashAt: (at) => of.entries.slice(0, seq)[at - 1]?.hash ?? null,
});
const decoded = (body: Bytes): Batch => {
  const batch = decodeBatch(body);
  if (batch === null) throw new Error("a batch");
  return batch;
};
const change = (body: Bytes, at: number, bytes: string): Bytes => {
  const batch = decoded(body);
  const entries = batch.entries.map((each, index) => (index === at ? { ...each, bytes: toUtf8(bytes) } : each));
  return encodeBatch({ ...batch, entries });
};

const cases: readonly [string, string, () => Promise<Bytes>, () => Held | Promise<Held>][] = [
  ["all new", "append", () => terminal.batch(), () => heldUpTo(0)],
  ["some known", "append", () => terminal.batch(1, 80), () => heldUpTo(40)],
  ["in the middle", "append", () => terminal.batch(41, 120), () => heldUpTo(40)],
  ["all known", "append", () => terminal.batch(1, 60), () => heldUpTo(90)],
  ["after a gap", "gap", () => terminal.batch(41, 120), () => heldUpTo(39)],
  ["altered", "altered", async () => change(await terminal.batch(), 99, "{}"), () => heldUpTo(0)],
  ["by another key", "not-signed", async () => terminal.batch(1, 120, await drawKey()), () => heldUpTo(0)],
  [
    "forked",
    "fork",
    () => terminal.batch(),
    async () => {
      const sibling = await terminal.sibling();
      sibling.entries.push(...terminal.entries.slice(0, 50));
      await sibling.write({ ...long, part: "camera" });
      return heldUpTo(51, sibling);
    },
  ],
];

it.each(cases)("%s: %s", async (_, kind, bodyOf, heldOf) => {
  const [body, held] = [await bodyOf(), await heldOf()];
  expect(body.length).toBeGreaterThan(smallBytesMax);
  const batch = decoded(body);
  const here = await receiveHere("gate-1", batch, terminal.key, held);
  expect(here.kind).toBe(kind);
  expect(await thread.receive("gate-1", batch, terminal.key, held)).toEqual(here);
});

it("keeps apart what is asked at once, small and large", async () => {
  const bodies = await Promise.all([120, 60, 110, 3, 90].map((to) => terminal.batch(1, to)));
  const asked = bodies.map((body) => thread.receive("gate-1", decoded(body), terminal.key, heldUpTo(0)));
  const heads = (await Promise.all(asked)).map((each) => (each.kind === "append" ? each.head.seq : each.kind));
  expect(heads).toEqual([120, 60, 110, 3, 90]);
});

it("says so when the thread ends, and starts another", async () => {
  const other = createReceptionThread();
  const body = await terminal.batch();
  const ask = () => other.receive("gate-1", decoded(body), terminal.key, heldUpTo(0));
  const asked = ask();
  await other.close();
  await expect(asked).rejects.toThrow("has ended");
  expect((await ask()).kind).toBe("append");
  await other.close();
});
