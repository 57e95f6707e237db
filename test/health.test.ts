import { afterEach, beforeEach, expect, it } from "vitest";
import { type Fares, reportOf, tellHealth } from "../kiosk/health.ts";
import { nothingKnown } from "../kiosk/status.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { type HealthReport, healthEverySeconds } from "../shared/health.ts";
import { type AdminWorld, openAdminWorld } from "./admin-world.ts";
import { drawKey, samplePolicy } from "./sample.ts";
import { problemWord, sendSigned } from "./world.ts";

const fares: Fares = {
  screen: "out-of-service",
  status: { ...nothingKnown, version: "abc", pending: 7, alarms: Array(30).fill("x".repeat(400)) },
  inForce: { bundle: { manifest: { version: 9 }, policy: samplePolicy }, checkedAt: 1_799_900_000 } as never,
  latency: [{ stage: "all", count: 3, p50: 10, p95: Number.MAX_VALUE, p99: -1 }],
  storage: 1.5,
};

let world: AdminWorld;
beforeEach(async () => {
  world = await openAdminWorld();
});
afterEach(() => world.close());

it("is told as the server reads it, whatever a terminal has to say, and is seen on the console", async () => {
  const key = await drawKey("P-256");
  const profile = {
    service: "metro",
    action: "entry",
    programme: "here",
    site: "east",
    name: "East 1",
    actuator: "simulated",
  } as const;
  world.registry.putTerminal({ id: "gate-1", profile, key: key.jwk, enrolledAt: 1, revokedAt: null, lastSeenAt: null });
  const send = (report: unknown, by = key) =>
    sendSigned(world.app, { id: "gate-1", key: by }, "/v1/health", toUtf8(JSON.stringify(report)), {
      headers: { "content-type": "application/json" },
    });
  expect((await send(reportOf(fares))).status).toBe(200);
  expect(await problemWord(await send(reportOf(fares), await drawKey("P-256")))).toBe("not-signed");
  expect(await problemWord(await send({ ...reportOf(fares), holder: "somebody" }))).toBe("malformed");

  const cookie = await world.bringIn("lin.mei", "viewer");
  const [row] = (await (await world.ask("GET", "/terminals", { cookie })).json()).rows;
  expect(row).toMatchObject({ state: "attention", pending: 7, manifest: 9, app: "abc", storage: 1, p95: 3_600_000 });
  expect(row.causes).toEqual(expect.arrayContaining(["out-of-service", "alarms", "storage"]));
  world.clock.now += 301;
  expect((await (await world.ask("GET", "/terminals", { cookie })).json()).rows[0].state).toBe("silent");
});

it("goes on after a report that did not get through", async () => {
  const waiting: { readonly seconds: number; readonly callback: () => void }[] = [];
  const sent: HealthReport[] = [];
  let isDown = true;
  tellHealth({
    fares: async () => fares,
    now: () => 1,
    clock: {
      after: (seconds, callback) => {
        waiting.push({ seconds, callback });
        return () => {};
      },
    },
    send: async (report) => {
      if (isDown) throw new Error("no network");
      sent.push(report);
    },
  });
  for (let round = 0; round < 3; round++) {
    const next = waiting.shift();
    if (round > 0) expect(next?.seconds).toBe(healthEverySeconds);
    next?.callback();
    await new Promise((resolve) => setImmediate(resolve));
    isDown = false;
  }
  expect(sent).toHaveLength(2);
});
