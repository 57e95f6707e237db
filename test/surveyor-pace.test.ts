/** No terminal waits for the survey: what was handed in is counted a moment later, in parts with a rest after each. */
import { expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { createSqliteSurvey } from "../edge-server/adapters/survey-sqlite.ts";
import { createLogIntake } from "../edge-server/log-intake.ts";
import { createSurveyor, watchLedger } from "../edge-server/surveyor.ts";
import type { Profile } from "../shared/messages.ts";
import { append, chainA, chainB, makeEntries } from "./ledger-entries.ts";
import { waitUntil } from "./live-city.ts";
import { drawKey, now } from "./sample.ts";
import { createTerminal } from "./world.ts";

const openWorld = async () => {
  const ledger = createSqliteLedger(":memory:");
  const survey = createSqliteSurvey(":memory:");
  const waiting: { readonly seconds: number; readonly callback: () => void }[] = [];
  const surveyor = createSurveyor({
    ...{ ledger, survey, operators: { reviewsAfter: async () => [] } },
    after: (seconds, callback) => {
      const one = { seconds, callback };
      waiting.push(one);
      return () => void waiting.splice(waiting.indexOf(one) >>> 0, 1);
    },
    onFailed: (cause) => expect.fail(cause),
  });
  const edgeKey = await drawKey();
  const takeBatch = createLogIntake(watchLedger(ledger, surveyor.nudge), async () => edgeKey);
  const send = async (name: string, count: number): Promise<void> => {
    const key = await drawKey("P-256");
    const terminal = await createTerminal(name, key);
    for (let i = 0; i < count; i++) await terminal.write({ kind: "fault", part: "gate", cause: "a test" });
    const row = { id: name, key: key.jwk, enrolledAt: now, revokedAt: null, lastSeenAt: null, profile } as const;
    const body = await terminal.batch();
    const taken = await takeBatch({ terminal: row, key }, async () => ({ value: body }), now);
    expect(taken).toMatchObject({ value: { kind: "acked", added: count } });
  };
  /** Lets the one wait that there is be over. How long it was. */
  const passOne = async (): Promise<number> => {
    await waitUntil(async () => waiting.length > 0);
    const [one, ...others] = waiting.splice(0);
    if (one === undefined || others.length > 0) throw new Error(`${others.length} waits besides`);
    one.callback();
    return one.seconds;
  };
  return { survey, surveyor, send, passOne, waits: () => waiting.map(({ seconds }) => seconds) };
};

const profile: Profile = {
  ...{ service: "metro" as const, action: "entry" as const, programme: "here" },
  ...{ site: "gate-1", name: "Gate", actuator: "simulated" },
};

it("answers before it counts, and rests after each part", async () => {
  const { survey, surveyor, send, passOne, waits } = await openWorld();
  await send("a", 1000);
  await send("b", 1);
  expect(survey.count()).toBe(0);
  expect(await passOne()).toBeGreaterThan(0.1);
  await waitUntil(async () => waits().length > 0);
  expect(survey.count()).toBe(400);
  // Whoever handed in much is behind who came after.
  expect(await passOne()).toBeGreaterThan(0);
  await waitUntil(async () => waits().length > 0);
  expect(survey.count()).toBe(801);
  await passOne();
  await waitUntil(async () => survey.count() === 1001);
  await surveyor.stop();
});

it("counts sooner while somebody watches", async () => {
  const { surveyor, send, waits } = await openWorld();
  const stopWatching = surveyor.listen(() => {});
  const look = waits();
  await send("a", 1);
  expect([look, waits()]).toEqual([[0], [0, 0.05]]);
  stopWatching();
  await surveyor.stop();
  expect(waits()).toEqual([]);
});

it("counts nothing any more once it was stopped", async () => {
  const { survey, surveyor, send, waits } = await openWorld();
  await send("a", 1);
  await surveyor.stop();
  expect([survey.count(), waits()]).toEqual([0, []]);
});

it("tells who watches of what comes, and not of a ledger that is counted anew", async () => {
  const ledger = createSqliteLedger(":memory:");
  const survey = createSqliteSurvey(":memory:");
  await append(ledger, chainA, await makeEntries(chainA, 11_000));
  const surveyor = createSurveyor({
    ...{ ledger, survey, operators: { reviewsAfter: async () => [] } },
    after: (_, callback) => {
      const soon = setImmediate(callback);
      return () => clearImmediate(soon);
    },
    onFailed: (cause) => expect.fail(cause),
  });
  const told: number[] = [];
  surveyor.listen(({ first }) => told.push(first));
  await waitUntil(async () => survey.count() === 11_000);
  expect(told[0]).toBe(1201);
  await append(ledger, chainB, await makeEntries(chainB, 1));
  await waitUntil(async () => told.at(-1) === 11_001);
  await surveyor.stop();
});
