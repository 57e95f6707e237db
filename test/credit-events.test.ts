import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { type CreditEvent, eventsOf } from "../edge-server/credit-events.ts";
import { type Delivered, deliverEvents, type Webhook, waits } from "../edge-server/event-delivery.ts";
import { createReconciliation } from "../edge-server/reconciliation.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { fromUtf8 } from "../shared/bytes.ts";
import { checkRequest } from "../shared/http-signature.ts";
import type { EntryRef } from "../shared/transaction.ts";
import { must, nowhere, run } from "./records.ts";
import { now } from "./sample.ts";
import { servicesPolicy } from "./services-sample.ts";
import { day, hour, makeCity, october, type SettleCity } from "./settle-city.ts";
import { createLogs, hours, piecesOf, pricedPolicy, rulesForOf, withPrices } from "./taps.ts";

/** Facts for a programme: which there are, which there are not, and that each comes once, signed. */

const ann = "A".repeat(22);
let city: SettleCity;

beforeAll(async () => {
  city = await makeCity(withPrices({ bike: hours }, day));
  const { logs } = city;
  const loan = { service: "library", site: "lib", standing: 2 } as const;
  const lend = (thing: string, at: number, person: string | null, action: "checkout" | "checkin" | "renew") =>
    logs.ask("lib-1", { ...loan, thing, at, person, action, identity: `${thing} ${action}` });
  lend("in-time", october, ann, "checkout");
  lend("late", october, ann, "checkout");
  lend("renewed", october, ann, "checkout");
  lend("out", october, ann, "checkout");
  lend("renewed", october + 10 * day, ann, "renew");
  lend("in-time", october + 14 * day, null, "checkin");
  lend("late", october + 14 * day + 1, null, "checkin");
  lend("renewed", october + 20 * day, null, "checkin");
  const ride = (thing: string, seconds: number) => {
    logs.ask("dock-1", {
      service: "bike",
      action: "trip_start",
      site: "east",
      at: october,
      person: ann,
      thing,
      identity: thing,
    });
    return logs.ask("dock-2", {
      service: "bike",
      action: "trip_end",
      site: "west",
      at: october + seconds,
      person: null,
      thing,
    });
  };
  const back = ride("v1", hour);
  ride("v2", 2 * day);
  const zoned = logs.written.find(
    ({ ref, transaction }) =>
      transaction.kind === "acted" && transaction.of.seq === back.seq && ref.terminal === "dock-2",
  );
  Object.assign(zoned?.transaction ?? {}, { zone: "station-square" });
  await city.arrive();
});

const exported = async (...more: readonly string[]): Promise<readonly CreditEvent[]> => {
  const out = nowhere();
  await must(city.data, "events", "export", "--programme", "here", "--out", out, ...more);
  return readFileSync(out, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

describe("facts", () => {
  it("are of who brought back in time and parked in a zone, and of nobody who did not", async () => {
    const events = await exported();
    const told = events.map(({ type, data }) => [type.split(".")[2], data.service, data.entries[1]?.split("/")[2]]);
    expect(told.sort()).toEqual([
      ["parked-in-zone", "bike", "1"],
      ["returned-on-time", "bike", "1"],
      ["returned-on-time", "library", "11"],
      ["returned-on-time", "library", "15"],
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ specversion: "1.0", subject: ann, datacontenttype: "application/json" });
      expect(event.source).toMatch(/^urn:greenlane:operator:[0-9a-f]{16}$/);
      expect(JSON.stringify(event)).not.toMatch(/band|score|terms|perk|late/);
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(4);
    expect(await exported()).toEqual(events);
  });

  it("can be had from a moment on, and only for the citizen's own programme", async () => {
    expect(await exported("--since", String(october + 15 * day))).toHaveLength(1);
    const other = await run(city.data, ["events", "export", "--programme", "there", "--out", nowhere()]);
    expect([other.code, other.err]).toEqual([2, expect.stringContaining("no programme there")]);
  });
});

it("a visitor's facts are for the visitor's own programme", () => {
  const logs = createLogs(pricedPolicy);
  logs.ask("l", { service: "library", action: "checkout", site: "lib", person: ann, thing: "b", at: now });
  logs.ask("l", { service: "library", action: "checkin", site: "lib", person: null, thing: "b", at: now + 9 });
  const found = createReconciliation(rulesForOf(pricedPolicy));
  found.add(piecesOf(logs.written));
  const [journey] = found.people().flatMap(({ journeys }) => journeys);
  if (journey === undefined) throw new Error("there is a loan");
  const visitor = { ...journey, start: { ...journey.start, home: "there" } };
  const told = (home: string) => eventsOf(visitor, home, "urn:x", () => pricedPolicy).length;
  expect([told("here"), told("there")]).toEqual([0, 1]);
});

describe("a volunteer's shift", () => {
  const told = (changes: object, also: (logs: ReturnType<typeof createLogs>) => void = () => {}) => {
    const logs = createLogs(servicesPolicy);
    logs.ask("post", { service: "desk", action: "shift", site: "square", person: ann, at: now, ...changes });
    also(logs);
    const found = createReconciliation(rulesForOf(servicesPolicy));
    found.add(piecesOf(logs.written));
    const journeys = found.people().flatMap((each) => each.journeys);
    return journeys.flatMap((journey) => eventsOf(journey, "here", "urn:x", () => servicesPolicy));
  };
  it("is told as the fact that somebody checked in, whatever their band", () => {
    for (const standing of [2, "none"] as const) {
      const [event, ...others] = told({ standing });
      expect(others).toEqual([]);
      expect(event).toMatchObject({ type: "city.greenlane.volunteer-shift-checked-in.v1", subject: ann });
      expect(event?.data).toEqual({
        ...{ service: "desk", programme: "here", site: "square" },
        entries: [expect.stringMatching(/^post\/.*\/1$/)],
      });
      expect(event?.time).toBe(new Date(now * 1000).toISOString());
    }
  });
  it("is not told where nothing came of it, or staff took it back", () => {
    expect(told({ outcome: null })).toEqual([]);
    expect(told({ outcome: "annulled" })).toEqual([]);
    const takenBack = told({}, (logs) => {
      const by = { staff: ["s"], badges: [], factor: "badge", reason: "mistake" } as const;
      const of = { ...(logs.written[0] as { ref: EntryRef }).ref };
      logs.write("post", now + 9, { kind: "annulled", ...by, of }, {});
    });
    expect(takenBack).toEqual([]);
  });
});

describe("the webhook", () => {
  let server: Server;
  let answer = 503;
  const came: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        came.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks) });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  const send = () => run(city.data, ["events", "send", "--programme", "here", "--to", url(), "--json"]);

  it("refuses, and everything waits for the next run; takes it, signed by the edge key; and is not told twice", async () => {
    answer = 400;
    const refused = await send();
    expect([refused.code, JSON.parse(refused.out)]).toEqual([1, { taken: 0, waiting: 4, cause: "it answered 400" }]);
    answer = 202;
    const taken = await send();
    expect([taken.code, JSON.parse(taken.out)]).toEqual([0, { taken: 4, waiting: 0, cause: null }]);
    const before = came.length;
    expect(JSON.parse((await send()).out)).toEqual({ taken: 0, waiting: 0, cause: null });
    expect(came.length).toBe(before);

    const { headers, body } = came.at(-1) ?? { headers: {}, body: Buffer.alloc(0) };
    expect(headers["content-type"]).toContain("application/cloudevents-batch+json");
    expect(JSON.parse(fromUtf8(new Uint8Array(body)) ?? "")).toEqual(await exported());
    const store = createSqlitePublishedStore(pathsIn(city.data).published);
    const [root] = await openAllRoots(store.roots()[0] ?? new Uint8Array(0), []);
    store.close();
    const { signature = "", "signature-input": input = "", "content-digest": digest = "" } = headers;
    const request = {
      method: "POST",
      url: url(),
      headers: { signature, "signature-input": input, "content-digest": digest },
    };
    const keyFor = async (kid: string) => root?.edges.find(({ key }) => key.kid === kid)?.key ?? null;
    const check = await checkRequest(request, new Uint8Array(body), keyFor, Math.floor(Date.now() / 1000));
    expect(check.kind).toBe("signed");
  });

  it.each(["http://events.example.org", "ftp://x", "https://user@x", "x"])("is not %s", async (to) => {
    const { code, err } = await run(city.data, ["events", "send", "--programme", "here", "--to", to]);
    expect([code, err]).toEqual([2, expect.stringContaining("--to is")]);
  });
});

describe("delivery", () => {
  const events = (many: number): readonly CreditEvent[] =>
    Array.from({ length: many }, (_, index) => ({ id: String(index) }) as CreditEvent);
  const createDelivered = (): Delivered & { readonly ids: Set<string> } => {
    const ids = new Set<string>();
    return { ids, has: (_, id) => ids.has(id), add: (_, some) => some.forEach((id) => void ids.add(id)) };
  };
  const createWebhook = (answers: readonly (readonly ["taken" | "away" | "refused"])[]) => {
    const waited: number[] = [];
    let posts = 0;
    const webhook: Webhook = {
      post: async () => {
        const [kind] = answers[posts++] ?? ["taken"];
        return kind === "taken" ? { kind } : { kind, cause: kind };
      },
      wait: async (seconds) => void waited.push(seconds),
    };
    return { webhook, waited, posts: () => posts };
  };

  it("goes on after a while away, with longer and longer waits", async () => {
    const [hook, delivered] = [createWebhook([["away"], ["away"], ["taken"]]), createDelivered()];
    const delivery = await deliverEvents(events(250), "here", hook.webhook, delivered);
    expect(delivery).toEqual({ taken: 250, waiting: 0, cause: null });
    expect([hook.waited, hook.posts(), delivered.ids.size]).toEqual([[1, 2], 5, 250]);
  });

  it("gives up for now when it stays away, and keeps what was taken", async () => {
    const hook = createWebhook([["taken"], ...Array.from({ length: 9 }, () => ["away"] as const)]);
    const delivered = createDelivered();
    expect(await deliverEvents(events(250), "here", hook.webhook, delivered)).toEqual({
      taken: 100,
      waiting: 150,
      cause: "away",
    });
    expect([hook.waited, hook.posts(), delivered.ids.size]).toEqual([[...waits], 2 + waits.length, 100]);
    expect(await deliverEvents(events(250), "here", createWebhook([]).webhook, delivered)).toMatchObject({
      taken: 150,
    });
  });

  it("does not try again what was refused", async () => {
    const hook = createWebhook([["refused"]]);
    expect(await deliverEvents(events(5), "here", hook.webhook, createDelivered())).toMatchObject({ waiting: 5 });
    expect(hook.posts()).toBe(1);
  });
});
