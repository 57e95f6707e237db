import { generateKeyPairSync } from "node:crypto";
import { expect, it, vi } from "vitest";
import {
  checkingAtOnce,
  createRestingDigest,
  digest,
  letOthersGo,
  type PrivateJwk,
  signingAtOnce,
} from "../edge-server/at-once.ts";
import { createLogIntake } from "../edge-server/log-intake.ts";
import { sha256, toUtf8 } from "../shared/bytes.ts";
import { type Curve, importSigningKey, type SigningKey, verifySignature } from "../shared/keys.ts";
import { drawKey, now } from "./sample.ts";
import { createWorld, sendSigned, type TestTerminal } from "./world.ts";

/** That few entries are never behind a backlog: what they need is done at once, and what is large rests. */

const draw = async (curve: Curve): Promise<{ readonly slow: SigningKey; readonly quick: SigningKey }> => {
  const { privateKey } =
    curve === "P-256" ? generateKeyPairSync("ec", { namedCurve: curve }) : generateKeyPairSync("ed25519");
  const jwk = privateKey.export({ format: "jwk" });
  const slow = await importSigningKey(jwk);
  if (slow === null) throw new Error("no key");
  return { slow, quick: signingAtOnce(slow, jwk as PrivateJwk) };
};

it.each(["Ed25519", "P-256"] as const)("checks and signs as WebCrypto does: %s", async (curve) => {
  const { slow, quick } = await draw(curve);
  const check = checkingAtOnce(slow);
  const bytes = toUtf8("what is signed");
  for (const signature of [await slow.sign(bytes), await quick.sign(bytes)]) {
    expect(signature).toHaveLength(64);
    for (const key of [slow, check]) {
      expect(await verifySignature(key, signature, bytes)).toBe(true);
      expect(await verifySignature(key, signature, toUtf8("something else"))).toBe(false);
      expect(await verifySignature(key, signature.subarray(0, 63), bytes)).toBe(false);
      expect(await verifySignature(key, new Uint8Array([...signature, 0]), bytes)).toBe(false);
    }
  }
  for (const byte of [0, 1, 255]) {
    expect(await verifySignature(check, new Uint8Array(64).fill(byte), bytes)).toBe(false);
  }
  expect(digest(bytes)).toEqual(await sha256(bytes));
});

it("rests after so many bytes, and not before", async () => {
  const resting = createRestingDigest(letOthersGo);
  const order: string[] = [];
  const piece = new Uint8Array(32 * 1024);
  expect(resting(piece)).toEqual(digest(piece));
  setImmediate(() => order.push("another"));
  const second = resting(piece);
  expect(await second).toEqual(digest(piece));
  order.push("this one");
  expect(order).toEqual(["another", "this one"]);
  expect(resting(piece)).toEqual(digest(piece));
});

const writeMany = async (terminal: TestTerminal, count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await terminal.write({ kind: "fault", part: "gate", cause: "x".repeat(700) });
};

it("answers whoever has little before a large batch that came first", async () => {
  const world = await createWorld();
  const [edge, behind, other] = [
    (await draw("Ed25519")).quick,
    await world.addTerminal("behind"),
    await world.addTerminal("other"),
  ];
  await writeMany(behind, 500);
  await writeMany(other, 3);
  const takeBatch = createLogIntake(world.ledger, async () => edge);
  const answered: string[] = [];
  const [large, small] = [await behind.batch(), await other.batch()];
  const send = async (by: TestTerminal, body: typeof large): Promise<void> => {
    const terminal = world.rows.get(by.id);
    if (terminal === undefined) throw new Error("no such terminal");
    const taken = await takeBatch({ terminal, key: checkingAtOnce(by.key) }, async () => ({ value: body }), now);
    expect(taken).toMatchObject({ value: { kind: "acked" } });
    answered.push(by.id);
  };
  await Promise.all([send(behind, large), send(other, small)]);
  expect(answered).toEqual(["other", "behind"]);
});

it("sends nothing of a known terminal's batch to another thread", async () => {
  const edge = (await draw("Ed25519")).quick;
  const world = await createWorld({ edgeKey: async () => edge });
  const terminal = await world.addTerminal("known");
  const calls: string[] = [];
  const app = {
    request: async (path: string, init: RequestInit) => {
      const spies = (["importKey", "digest", "verify", "sign"] as const).map((name) => {
        const spy = vi.spyOn(crypto.subtle, name);
        return { name, spy };
      });
      const response = await world.app.request(path, init);
      for (const { name, spy } of spies) {
        calls.push(...spy.mock.calls.map(() => name));
        spy.mockRestore();
      }
      return response;
    },
  } as unknown as typeof world.app;
  for (const { seq, expected } of [
    { seq: 1, expected: ["importKey", "digest"] }, // its key, the first time
    { seq: 2, expected: [] },
  ]) {
    await writeMany(terminal, 1);
    calls.length = 0;
    expect((await sendSigned(app, terminal, "/v1/log", await terminal.batch(seq))).status).toBe(200);
    expect(calls).toEqual(expected);
  }
});

it("knows a terminal by the key that it has now", async () => {
  const world = await createWorld();
  const terminal = await world.addTerminal("known");
  await writeMany(terminal, 1);
  const newKey = await drawKey("P-256");
  const send = async (key: SigningKey) =>
    (await sendSigned(world.app, { id: "known", key }, "/v1/log", await terminal.batch(1, 1, key))).status;
  expect([await send(terminal.key), await send(newKey)]).toEqual([200, 401]);
  const row = world.rows.get("known");
  if (row !== undefined) world.rows.set("known", { ...row, key: newKey.jwk });
  expect([await send(terminal.key), await send(newKey)]).toEqual([401, 200]);
});
