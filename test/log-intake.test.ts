import { beforeEach, expect, it } from "vitest";
import { createLogIntake } from "../edge-server/log-intake.ts";
import type { Bytes } from "../shared/bytes.ts";
import { now } from "./sample.ts";
import { createWorld, sendSigned, type TestTerminal, type World } from "./world.ts";

/** In which order batches are judged, and how many at once. */

let world: World;
let terminals: readonly TestTerminal[];
beforeEach(async () => {
  world = await createWorld();
  terminals = await Promise.all(["a", "b", "c", "d", "e", "f", "g", "h"].map((id) => world.addTerminal(id)));
  for (const terminal of terminals) {
    for (let i = 0; i < 6; i++) await terminal.write({ kind: "started", app: "1", newEpoch: true });
  }
});
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const openIntake = () => {
  const take = createLogIntake(world.ledger, async () => world.edge);
  const unpacked = { now: 0, most: 0 };
  const send = async (terminal: TestTerminal, body: Bytes, milliseconds: number) => {
    const row = world.rows.get(terminal.id);
    if (row === undefined) throw new Error("no such terminal");
    const unpack = async () => {
      unpacked.now += 1;
      unpacked.most = Math.max(unpacked.most, unpacked.now);
      await pause(milliseconds);
      return { value: body };
    };
    const taken = await take({ terminal: row, key: terminal.key }, unpack, now);
    unpacked.now -= 1;
    return "value" in taken ? taken.value.kind : "refused";
  };
  return { send, unpacked };
};

it("judges batches of one terminal in the order in which they came, however long one takes to unpack", async () => {
  const { send } = openIntake();
  const [terminal] = terminals as readonly [TestTerminal];
  const bodies = await Promise.all([1, 2, 3, 4, 5, 6].map((seq) => terminal.batch(seq, seq)));
  const answers = await Promise.all(bodies.map((body, index) => send(terminal, body, index % 2 === 0 ? 10 : 0)));
  expect(answers).toEqual(Array(6).fill("acked"));
});

it("has no more batches unpacked than the ledger settles at once, and lets no slow one hold up all others", async () => {
  const { send, unpacked } = openIntake();
  const done: string[] = [];
  await Promise.all(
    terminals.map(async (terminal, index) => {
      expect(await send(terminal, await terminal.batch(), index === 0 ? 200 : 1)).toBe("acked");
      done.push(terminal.id);
    }),
  );
  expect(unpacked.most).toBe(world.ledger.settlingMax);
  expect(done.indexOf("a")).toBeGreaterThan(0);
});

it("lets in fifty terminals, whatever backlog one of them sends at once", async () => {
  const [liar] = terminals as readonly [TestTerminal];
  for (let i = liar.entries.length; i < 960; i++) await liar.write({ kind: "fault", part: "gate", cause: "x" });
  const others = await Promise.all(Array.from({ length: 50 }, (_, index) => world.addTerminal(`other ${index}`)));
  for (const other of others) await other.write({ kind: "started", app: "1", newEpoch: true });
  const backlog = await Promise.all(Array.from({ length: 16 }, (_, index) => liar.batch(1, 60 * (index + 1))));
  const small = await Promise.all(others.map((other) => other.batch()));
  const done: string[] = [];
  const send = async (by: TestTerminal, body: Bytes): Promise<void> => {
    const response = await sendSigned(world.app, by, "/v1/log", body);
    expect(response.status).toBe(200);
    done.push(by.id);
  };
  await Promise.all([
    ...backlog.map((body) => send(liar, body)),
    ...small.map((body, index) => send(others[index] ?? liar, body)),
  ]);
  const lastOther = done.findLastIndex((id) => id !== liar.id);
  expect(done.slice(0, lastOther).filter((id) => id === liar.id).length).toBeLessThanOrEqual(3);
  expect(await world.ledger.head(liar.chain)).toMatchObject({ seq: 960 });
});
