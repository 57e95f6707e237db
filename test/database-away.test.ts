import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createPostgresLedger } from "../edge-server/adapters/ledger-postgres.ts";
import { createPostgresOperators } from "../edge-server/adapters/operators-postgres.ts";
import type { Profile } from "../shared/messages.ts";
import { receiptCodeOf } from "../shared/receipt-code.ts";
import { formatRecoveryCode, recoveryCodeBytes } from "../shared/recovery.ts";
import { openAdminWorld, password } from "./admin-world.ts";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";
import { type Cluster, startPostgres } from "./postgres.ts";
import { drawKey } from "./sample.ts";
import { createTerminal, decidedTap, problemWord, sendSigned } from "./world.ts";

/** With PostgreSQL away, whoever reads is told so and when to ask again; nobody is signed out by it. */

vi.setConfig({ testTimeout: 60_000 });

const answerSeconds = 0.5;
let cluster: Cluster | null;
let proxy: FaultyProxy;
beforeAll(async () => {
  cluster = await startPostgres(["fsync=off"]);
  proxy = await startFaultyProxy(cluster?.port ?? 0);
}, 60_000);
afterAll(async () => {
  proxy.close();
  await cluster?.stop();
}, 60_000);

it("answers 503 with what to do under /v1/why and at the console, and goes on as before once it is back", async ({
  skip,
}) => {
  if (cluster === null) return skip("no PostgreSQL");
  const url = (await cluster.addDatabase()).replace(/:\d+\//, `:${proxy.port}/`);
  const ledger = await createPostgresLedger(url, answerSeconds);
  const world = await openAdminWorld({ ledger, operators: await createPostgresOperators(url, answerSeconds) });
  try {
    const cookie = await world.bringIn("lin.mei", "administrator");
    const key = await drawKey("P-256");
    const terminal = await createTerminal("gate-1", key);
    const profile: Profile = {
      ...{ service: "metro", action: "entry", programme: "here", site: "gate-1", name: "Gate 1" },
      actuator: "simulated",
    };
    world.registry.putTerminal({
      id: "gate-1",
      profile,
      key: key.jwk,
      enrolledAt: 1,
      revokedAt: null,
      lastSeenAt: null,
    });
    const entry = await terminal.write(decidedTap("00".repeat(32)), { pseudonym: "someone" });
    const batch = await terminal.batch();
    expect((await sendSigned(world.app, terminal, "/v1/log", batch, { createdAt: world.clock.now })).status).toBe(200);
    await vi.waitUntil(() => world.survey.count() === 1, 10_000);
    const code = await receiptCodeOf(terminal.chain, entry.seq, entry.hash);
    const epoch = Buffer.from(terminal.chain.epoch).toString("base64url");
    const post = (path: string, json: object) =>
      Promise.resolve(
        world.app.request(`${world.url}/v1${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(json),
        }),
      );
    const secret = formatRecoveryCode(new Uint8Array(recoveryCodeBytes));
    const asked: Readonly<Record<string, () => Promise<Response>>> = {
      why: () => post("/why", { code }),
      objection: () => post("/objections", { code, text: "why?" }),
      "answer to it": () => post("/objections/answers", { code, secret }),
      overview: () => world.ask("GET", "/overview", { cookie }),
      transactions: () => world.ask("GET", "/transactions", { cookie }),
      entry: () => world.ask("GET", `/transactions/gate-1/${epoch}/1`, { cookie }),
      quarantine: () => world.ask("GET", "/quarantine", { cookie }),
      objections: () => world.ask("GET", "/objections", { cookie }),
      "who is it": () => world.ask("GET", "/sessions", { cookie }),
      "sign in": () => world.ask("POST", "/sessions", { json: { name: "lin.mei", password } }),
    };
    const statuses = async (): Promise<Readonly<Record<string, number>>> => {
      const found: Record<string, number> = {};
      for (const [name, ask] of Object.entries(asked)) found[name] = (await ask()).status;
      return found;
    };
    const before = await statuses();
    expect(before).toMatchObject({
      why: 200,
      objection: 200,
      "answer to it": 404,
      overview: 200,
      entry: 200,
      "sign in": 200,
    });

    proxy.hold(true);
    for (const [name, ask] of Object.entries(asked)) {
      const answer = await ask();
      expect([answer.status, answer.headers.get("retry-after")], name).toEqual([503, "10"]);
      expect(answer.headers.get("content-type"), name).toBe("application/problem+json");
      const problem = (await answer.clone().json()) as { readonly detail: string };
      expect(problem.detail, name).toMatch(/ask again/);
      expect(await problemWord(answer), name).toBe("unavailable");
    }
    expect(world.lines).toContainEqual(expect.objectContaining({ event: "unavailable", cause: expect.any(String) }));
    expect(world.lines.filter(({ event }) => event === "internal")).toEqual([]);

    proxy.hold(false);
    proxy.cut();
    expect(await statuses()).toEqual(before);
  } finally {
    proxy.hold(false);
    await world.close();
  }
});
