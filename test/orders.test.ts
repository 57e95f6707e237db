import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { type AppDeps, createApp } from "../edge-server/app.ts";
import { createDemoCity, openDemoIssuer } from "../edge-server/demo-city.ts";
import { answerProof } from "../edge-server/issuer.ts";
import { createLogIntake } from "../edge-server/log-intake.ts";
import { createOrderDesk, type OrderDesk } from "../edge-server/order-desk.ts";
import { createOrderMemory } from "../edge-server/order-memory.ts";
import type { Ledger } from "../edge-server/ports.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { type Bytes, fromUtf8 } from "../shared/bytes.ts";
import { present, toQrText } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { signProof } from "../shared/proof.ts";
import { collect } from "./collect.ts";
import { makeKey, type OperatorWorld, openOperatorWorld } from "./operator-world.ts";
import { must, run } from "./records.ts";
import { problemWord } from "./world.ts";

/** Orders from home: a live code, the fee that was agreed to, one parcel; and nothing twice, whatever comes in between. */

const october = Date.UTC(2024, 9, 10) / 1000;
const programme = "fuzhou-moli";

let world: OperatorWorld;
let ledger: Ledger;
let takeOrder: OrderDesk;
beforeEach(async () => {
  world = await openOperatorWorld(october);
  await createDemoCity(world);
  ledger = createSqliteLedger(pathsIn(world.folder).ledger);
  takeOrder = open(ledger);
});
afterEach(async () => {
  await ledger.close();
  world.close();
});

/** As a server does when it starts. */
const open = (into: Ledger, startedAt = october - 3600, memory = createOrderMemory()): OrderDesk => {
  const takeBatch = createLogIntake(into, async () => (await world.publisher.keys()).edge);
  return createOrderDesk({ ...world, takeBatch, memory, startedAt });
};

type Phone = { readonly key: SigningKey; readonly credential: Bytes };
const phoneOf = async (citizen: string, form: "phone" | "card" = "phone"): Promise<Phone> => {
  const issuer = await openDemoIssuer(world);
  if (issuer === null) throw new Error("no issuer");
  const key = await makeKey("P-256");
  const ask = async (wanted: "phone" | "card", credential: Bytes | null): Promise<Bytes> => {
    const proof = { key: key.jwk, citizen, credential, form: wanted, at: world.clock.now };
    const issued = await answerProof(issuer, await signProof(proof, key), world.clock.now);
    if (issued.kind === "refused") throw new Error(issued.detail);
    return issued.credential;
  };
  const credential = await ask("phone", null);
  return { key, credential: form === "card" ? await ask("card", credential) : credential };
};
const codeOf = async ({ key, credential }: Phone): Promise<string> =>
  toQrText(await present(credential, key, world.clock.now));

const books = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `BOOK-${index + 1}`);
const order = async (phone: Phone, count: number, fee: number | null) =>
  takeOrder({ code: await codeOf(phone), items: [...books(count)], fee }, world.clock.now);

const entries = async () =>
  (await Promise.all((await ledger.chains()).map((chain) => collect(ledger.entries(chain))))).flat();
const written = async (kind?: string) =>
  (await entries())
    .map(({ bytes }) => JSON.parse(fromUtf8(bytes) ?? ""))
    .filter((each) => kind === undefined || each.kind === kind);
const cny = { currency: "CNY" };

describe("an order from home", () => {
  it.each([
    [1, 300],
    [3, 300],
    [5, 500],
  ])("of %i items says what is due, %i, and nothing is written before it is agreed to", async (count, fee) => {
    const phone = await phoneOf("lin-yue");
    expect(await order(phone, count, null)).toEqual({ kind: "due", fee, ...cny });
    expect(await order(phone, count, fee - 1)).toEqual({ kind: "due", fee, ...cny });
    expect(await written()).toEqual([]);
    world.clock.now += 1;
    expect(await order(phone, count, fee)).toEqual({ kind: "ordered", fee, ...cny });
    const kinds = (await written()).map(({ kind, request }) => request?.action ?? kind);
    const each = (what: string) => books(count).map(() => what);
    expect(kinds).toEqual(["started", "installed", "session", ...each("order"), "agreed", ...each("acted")]);
    const named = (await entries()).flatMap(({ personal }) => (personal === null ? [] : [JSON.parse(personal.text)]));
    expect(named.map(({ item }) => item)).toEqual([undefined, ...books(count)]);
    expect(new Set(named.map(({ pseudonym }) => pseudonym)).size).toBe(1);
  });

  it("stands in a ledger that verifies, each decision decided again, and its fee in the settlement", async () => {
    const [lin, other] = [await phoneOf("lin-yue"), await phoneOf("chen-mo")];
    await order(lin, 4, 400);
    world.clock.now += 1;
    await order(other, 1, 300);
    world.clock.now += 40;
    takeOrder = open(ledger);
    await order(lin, 2, 300);
    expect(await ledger.chains()).toHaveLength(2);
    expect(await must(world.folder, "ledger", "verify")).toContain("Nothing is wrong");
    const { sums, conflicts } = JSON.parse(await must(world.folder, "settle", "--period", "2024-10", "--json"));
    expect(conflicts).toEqual({});
    expect(sums).toMatchObject([{ service: "library", uses: 3, charged: 1000, paid: 0, depositsHeld: 0 }]);
    expect(world.registry.terminal(`orders-${programme}`)).toMatchObject({ profile: { service: "library" } });
  });

  it("is one for one code: the same again, a lost answer, gets the same answer; another is a replay", async () => {
    const phone = await phoneOf("lin-yue");
    const code = await codeOf(phone);
    const ask = (items: readonly string[]) => takeOrder({ code, items: [...items], fee: 300 }, world.clock.now);
    const first = await Promise.all([ask(books(2)), ask(books(2))]);
    expect(first).toEqual([first[0], first[0]]);
    expect(await ask(books(2))).toEqual(first[0]);
    expect(await ask(books(3))).toEqual({ kind: "refused", reason: "replay" });
    expect(await written("agreed")).toHaveLength(1);
  });

  it("is one for one code at two servers that share what they remember", async () => {
    const memory = createOrderMemory();
    const desks = [open(ledger, october - 3600, memory), open(ledger, october - 3600, memory)] as const;
    const phone = await phoneOf("lin-yue");
    const code = await codeOf(phone);
    const ask = (desk: OrderDesk, items: readonly string[]) =>
      desk({ code, items: [...items], fee: 300 }, world.clock.now);
    const both = await Promise.all(desks.map((desk) => ask(desk, books(2))));
    // Whoever came second may have come before the answer: then nobody knows yet, and the phone asks again.
    expect(both.filter((each) => each !== null)).toContainEqual({ kind: "ordered", fee: 300, ...cny });
    for (const desk of desks) {
      expect(await ask(desk, books(2))).toEqual({ kind: "ordered", fee: 300, ...cny });
      expect(await ask(desk, books(3))).toEqual({ kind: "refused", reason: "replay" });
    }
    expect(await written("agreed")).toHaveLength(1);
  });

  it("is not taken where its code could not be remembered, and is once there is room", async () => {
    takeOrder = open(ledger, october - 3600, createOrderMemory(1));
    const [first, second] = [await phoneOf("lin-yue"), await phoneOf("chen-mo")];
    expect(await order(first, 1, 300)).toMatchObject({ kind: "ordered" });
    const before = await written();
    expect(await order(second, 1, 300)).toBeNull();
    expect(await written()).toEqual(before);
    world.clock.now += 200;
    expect(await order(second, 1, 300)).toMatchObject({ kind: "ordered" });
  });

  it("takes no code that may have been used before the server was started", async () => {
    const phone = await phoneOf("lin-yue");
    const asked = { code: await codeOf(phone), items: [...books(1)], fee: 300 };
    expect(await takeOrder(asked, world.clock.now)).toMatchObject({ kind: "ordered" });
    const restarted = open(ledger, world.clock.now);
    expect(await restarted(asked, world.clock.now)).toEqual({ kind: "refused", reason: "stale" });
    world.clock.now += 25;
    expect(await restarted({ ...asked, code: await codeOf(phone) }, world.clock.now)).toMatchObject({
      kind: "ordered",
    });
  });
});

describe("no order", () => {
  it.each<[string, (phone: Phone) => Promise<readonly [code: string, items: readonly string[]]>, object]>([
    ["more than a parcel takes", async (phone) => [await codeOf(phone), books(6)], { reason: "too-many", itemsMax: 5 }],
    ["the same item twice", async (phone) => [await codeOf(phone), ["BOOK-1", "BOOK-1"]], { reason: "twice" }],
    ["what is no code", async () => ["hello", books(1)], { reason: "not-ours" }],
    [
      "a printed card, that anybody can type",
      async ({ credential }) => [toQrText(credential), books(1)],
      {
        reason: "unreadable",
      },
    ],
    [
      "a code of two minutes ago",
      async (phone) => {
        const code = await codeOf(phone);
        world.clock.now += 120;
        return [code, books(1)];
      },
      { reason: "stale" },
    ],
  ])("for %s, and nothing is written", async (_, made, answer) => {
    const [code, items] = await made(await phoneOf("lin-yue"));
    const asked = { code, items: [...items], fee: 500 };
    expect(await takeOrder(asked, world.clock.now)).toEqual({ kind: "refused", ...answer });
    expect(await written()).toEqual([]);
  });

  it("by a printed card", async () => {
    const card = await phoneOf("lin-yue", "card");
    const asked = { code: toQrText(card.credential), items: [...books(1)], fee: 300 };
    expect(await takeOrder(asked, world.clock.now)).toEqual({ kind: "refused", reason: "card-not-accepted" });
  });

  it("by a code that was taken back: it is refused, and that is written down, once", async () => {
    const phone = await phoneOf("lin-yue");
    const index = world.citizens.byHandle("lin-yue")?.index ?? 0;
    world.registry.putLoss({ programme, list: "a" }, { index, standing: "revoked", movedTo: null });
    await world.publisher.publish();
    const code = await codeOf(phone);
    for (let times = 0; times < 3; times++) {
      const asked = { code, items: [...books(1)], fee: 300 };
      expect(await takeOrder(asked, world.clock.now)).toEqual({ kind: "refused", reason: "revoked" });
    }
    expect(await written("decided")).toMatchObject([{ result: { effect: "refer", reason: "revoked" } }]);
  });

  it("where a desk was revoked, or the rules know no orders", async () => {
    const phone = await phoneOf("lin-yue");
    await order(phone, 1, 300);
    const row = world.registry.terminal(`orders-${programme}`);
    if (row !== null) world.registry.putTerminal({ ...row, revokedAt: world.clock.now });
    takeOrder = open(ledger);
    world.clock.now += 1;
    expect(await order(phone, 1, 300)).toEqual({ kind: "refused", reason: "not-offered" });
    const [pack] = world.registry.packs();
    if (pack === undefined) throw new Error("no pack");
    const { library: _, ...services } = pack.services;
    world.registry.putPack({ ...pack, version: pack.version + 1, services });
    await world.publisher.publish();
    world.clock.now += 1;
    expect(await order(phone, 1, 300)).toEqual({ kind: "refused", reason: "not-offered" });
  });

  it("that is said to be one where the ledger could not tell, though it was there; then a new chain begins", async () => {
    const phone = await phoneOf("lin-yue");
    let isHeard = true;
    takeOrder = open({
      ...ledger,
      settle: async (arrival, judge) => {
        const settled = await ledger.settle(arrival, judge);
        return isHeard ? settled : { kind: "unavailable", cause: "the answer was lost" };
      },
    });
    expect(await order(phone, 1, 300)).toMatchObject({ kind: "ordered" });
    world.clock.now += 1;
    isHeard = false;
    expect(await order(phone, 1, 300)).toBeNull();
    isHeard = true;
    expect(await order(phone, 1, 300)).toEqual({ kind: "refused", reason: "unsure" });
    world.clock.now += 1;
    expect(await order(phone, 1, 300)).toMatchObject({ kind: "ordered" });
    expect(await written("started")).toHaveLength(2);
    expect(await written("agreed")).toHaveLength(3);
    expect(await must(world.folder, "ledger", "verify")).toContain("Nothing is wrong");
  });
});

describe("POST /v1/orders", () => {
  const post = (body: unknown, changes: Partial<AppDeps> = {}) => {
    const { registry, publisher, keys } = world;
    const app = createApp({
      ...{ registry, ledger, publisher, takeOrder, operator: keys.operator, now: () => world.clock.now },
      ...{
        edgeKey: null,
        issueBadge: null,
        issue: null,
        lostPhone: null,
        demo: null,
        admin: null,
        passages: null,
        spentCodes: null,
        hasTls: false,
      },
      enrol: async () => ({ kind: "refused", problem: "code-refused", detail: "" }),
      ...{ metrics: async () => "", webFolder: "/nowhere", writeLog: () => {} },
      ...changes,
    });
    const headers = { "content-type": "application/json" };
    return app.request("/v1/orders", { method: "POST", headers, body: JSON.stringify(body) });
  };

  it("answers as the desk does", async () => {
    const response = await post({ code: await codeOf(await phoneOf("lin-yue")), items: books(1), fee: null });
    expect([response.status, await response.json()]).toEqual([200, { kind: "due", fee: 300, ...cny }]);
    expect((await post({ code: "x", items: books(1), fee: null }, { takeOrder: async () => null })).status).toBe(503);
    expect((await post({ code: "x", items: books(1), fee: null }, { takeOrder: null })).status).toBe(404);
  });

  it.each([
    ["no item", { code: "x", items: [], fee: null }],
    ["what is no item", { code: "x", items: ["a b c"], fee: null }],
    ["a fee of less than nothing", { code: "x", items: books(1), fee: -1 }],
    ["more than it asks for", { code: "x", items: books(1), fee: null, by: "me" }],
  ])("refuses %s", async (_, body) => {
    const response = await post(body);
    expect([response.status, await problemWord(response)]).toEqual([400, "malformed"]);
  });
});

it("nobody's command changes it: the desk is listed like any terminal", async () => {
  await order(await phoneOf("lin-yue"), 1, 300);
  expect(await must(world.folder, "terminal", "list")).toContain("Orders from home");
});

describe("order list", () => {
  it("says what is to be brought to whom, and of whoever was erased no more than that", async () => {
    expect(await must(world.folder, "order", "list")).toContain("No orders from home");
    await order(await phoneOf("lin-yue"), 2, 300);
    world.clock.now += 60;
    await order(await phoneOf("chen-mo"), 4, 400);
    const listed = async (...more: readonly string[]) =>
      JSON.parse(await must(world.folder, "order", "list", "--json", ...more));
    const [first, second] = await listed();
    expect([first.items, second.items]).toEqual([books(2), books(4)]);
    expect(first.pseudonym).not.toBe(second.pseudonym);
    expect(await listed("--since", String(october + 1))).toEqual([second]);
    await must(world.folder, "citizen", "erase", "--pseudonym", first.pseudonym);
    expect(await listed()).toEqual([{ ...first, pseudonym: null, items: [] }, second]);
  });
  it("wants a time", async () => {
    const { code, err } = await run(world.folder, ["order", "list", "--since", "soon"]);
    expect([code, err]).toEqual([2, expect.stringContaining("--since")]);
  });
});
