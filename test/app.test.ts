import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { noncesMax } from "../edge-server/auth.ts";
import { bodiesMax } from "../edge-server/routes/log.ts";
import { batchBytesMax } from "../shared/batch.ts";
import { equalBytes, toBase64url, toUtf8 } from "../shared/bytes.ts";
import { readStatement } from "../shared/sync.ts";
import { collect } from "./collect.ts";
import { drawKey, now } from "./sample.ts";
import { createWorld, decidedTap, problemWord, sendSigned, type TestTerminal, type World } from "./world.ts";

let world: World;
let terminal: TestTerminal;
beforeEach(async () => {
  world = await createWorld();
  terminal = await world.addTerminal("gate-1");
});

const started = { kind: "started", app: "1", newEpoch: true } as const;
const writeMany = async (count: number, to: TestTerminal = terminal): Promise<void> => {
  for (let i = 0; i < count; i++) await to.write(started);
};
const sendLog = (body: Uint8Array<ArrayBuffer>, changes = {}) =>
  sendSigned(world.app, terminal, "/v1/log", body, changes);
const readAck = async (response: Response) => {
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/cose");
  return readStatement("ack", new Uint8Array(await response.arrayBuffer()), [world.edge]);
};
const expectRefused = async (response: Response, status: number, word: string) => {
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await problemWord(response)).toBe(word);
};
const expectNothingStored = async () => {
  expect(await world.ledger.count()).toBe(0);
  expect(await world.ledger.chains()).toEqual([]);
};

describe("POST /v1/log", () => {
  it("stores a batch and answers with a signed ack of its head", async () => {
    await terminal.write(started);
    await terminal.write(decidedTap(world.policyHash), { pseudonym: "someone" });
    const ack = await readAck(await sendLog(await terminal.batch()));
    expect(ack).toEqual({ ...terminal.chain, seq: 2, hash: terminal.entries[1]?.hash, at: now });
    expect(await collect(world.ledger.entries(terminal.chain))).toMatchObject(terminal.entries);
    expect(await collect(world.ledger.receipts(terminal.chain))).toMatchObject([{ seq: 2 }]);
  });

  it("takes gzip, and 1,000 entries at once", async () => {
    await writeMany(1000);
    const body = new Uint8Array(gzipSync(await terminal.batch()));
    const ack = await readAck(await sendLog(body, { headers: { "content-encoding": "gzip" } }));
    expect(ack?.seq).toBe(1000);
    expect(await world.ledger.count()).toBe(1000);
  });

  it("acknowledges what it already has, however it is cut, and stores it once", async () => {
    await writeMany(5);
    await readAck(await sendLog(await terminal.batch(1, 3)));
    expect((await readAck(await sendLog(await terminal.batch(1, 3))))?.seq).toBe(3);
    expect((await readAck(await sendLog(await terminal.batch(2, 5))))?.seq).toBe(5);
    expect((await readAck(await sendLog(await terminal.batch(1, 2))))?.seq).toBe(5);
    expect(await world.ledger.count()).toBe(5);
  });

  it("judges batches of one terminal one after another", async () => {
    await writeMany(40);
    // Each begins at 1, so that whichever comes first, none leaves a gap: only judging two at once could go wrong.
    const batches = await Promise.all([10, 20, 30, 40].map((to) => terminal.batch(1, to)));
    const answers = await Promise.all([...batches, ...batches].map((batch) => sendLog(batch)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    expect(await world.ledger.count()).toBe(40);
  });

  it("names a gap and from where to send", async () => {
    await writeMany(6);
    await sendLog(await terminal.batch(1, 2));
    const response = await sendLog(await terminal.batch(4, 6));
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ type: "urn:greenlane:problem:gap", next: 3 });
    expect(await world.ledger.count()).toBe(2);
  });

  it("keeps a fork as evidence and never merges it", async () => {
    await writeMany(3);
    await sendLog(await terminal.batch());
    const other = await terminal.sibling();
    await other.write({ ...started, app: "2" });
    await other.write(started);
    const batch = await other.batch();
    await expectRefused(await sendLog(batch), 409, "fork");
    await expectRefused(await sendLog(batch), 409, "fork");
    expect(await collect(world.ledger.forks())).toEqual([{ ...terminal.chain, seq: 1, batch, receivedAt: now }]);
    expect(await collect(world.ledger.entries(terminal.chain))).toMatchObject(terminal.entries);
  });

  it("refuses bytes that the checkpoint does not cover", async () => {
    await writeMany(3);
    const [first, , third] = terminal.entries;
    if (first === undefined || third === undefined) throw new Error("three entries");
    terminal.entries[0] = { ...first, bytes: toUtf8("altered") };
    await expectRefused(await sendLog(await terminal.batch()), 409, "altered");
    terminal.entries[0] = first;
    terminal.entries[2] = { ...third, personal: { text: '{"item":"x"}', salt: new Uint8Array(16) } };
    await expectRefused(await sendLog(await terminal.batch()), 409, "altered");
    await expectNothingStored();
  });

  it("refuses a checkpoint by another key, and another terminal's batch", async () => {
    await writeMany(2);
    await expectRefused(await sendLog(await terminal.batch(1, 2, await drawKey())), 401, "not-signed");
    const other = await world.addTerminal("gate-2");
    await writeMany(2, other);
    await expectRefused(await sendLog(await other.batch()), 401, "not-signed");
    await expectNothingStored();
  });

  it.each([
    ["another key", async () => ({ key: await drawKey() })],
    ["a signature of more than 300 s ago", async () => ({ createdAt: now - 301 })],
    ["a signature of more than 300 s ahead", async () => ({ createdAt: now + 301 })],
    ["another body than was signed", async () => ({ sentBody: toUtf8("another") })],
    ["another digest", async () => ({ headers: { "content-digest": "sha-256=:AAAA:" } })],
    ["no digest", async () => ({ headers: { "content-digest": "" } })],
  ])("refuses %s", async (_, changes) => {
    await writeMany(1);
    await expectRefused(await sendLog(await terminal.batch(), await changes()), 401, "not-signed");
    await expectNothingStored();
  });

  it.each([-300, 300])("takes a signature of %i s", async (offset) => {
    await writeMany(1);
    await readAck(await sendLog(await terminal.batch(), { createdAt: now + offset }));
  });

  it("refuses what is not signed, and a terminal that it does not know or that is not enrolled yet", async () => {
    await writeMany(1);
    const body = await terminal.batch();
    const headers = { "content-type": "application/cbor" };
    await expectRefused(await world.app.request("/v1/log", { method: "POST", headers, body }), 401, "not-signed");
    const row = world.rows.get("gate-1");
    if (row !== undefined) world.rows.set("gate-1", { ...row, key: null });
    await expectRefused(await sendLog(body), 401, "not-signed");
    world.rows.delete("gate-1");
    await expectRefused(await sendLog(body), 401, "not-signed");
    await expectNothingStored();
  });

  it("takes a nonce once, for as long as its signature would be good", async () => {
    await writeMany(1);
    const body = await terminal.batch();
    const changes = { nonce: "once", createdAt: now + 300 };
    await readAck(await sendLog(body, changes));
    await expectRefused(await sendLog(body, changes), 401, "not-signed");
    world.clock.now = now + 600;
    await expectRefused(await sendLog(body, changes), 401, "not-signed");
    expect(world.lines).toContainEqual(expect.objectContaining({ cause: "the nonce was used before" }));
  });

  it("makes a terminal wait that draws too many nonces, and no other", async () => {
    await writeMany(1);
    for (let i = 0; i < noncesMax; i++) await sendSigned(world.app, terminal, "/v1/manifest", null);
    await expectRefused(await sendLog(await terminal.batch()), 429, "too-many");
    const other = await world.addTerminal("gate-2");
    expect((await sendSigned(world.app, other, "/v1/manifest", null)).status).toBe(200);
    world.clock.now = now + 601;
    await readAck(await sendLog(await terminal.batch(), { createdAt: now + 601 }));
  });

  it("keeps and flags what comes after a revocation", async () => {
    await writeMany(2);
    await sendLog(await terminal.batch(1, 1));
    world.revokeTerminal("gate-1");
    await readAck(await sendLog(await terminal.batch()));
    expect((await collect(world.ledger.entries(terminal.chain))).map((each) => each.isAfterRevocation)).toEqual([
      false,
      true,
    ]);
  });

  it.each([
    ["no CBOR", 400, "malformed", toUtf8("no CBOR"), {}],
    ["an empty body", 400, "malformed", new Uint8Array(0), {}],
    ["no gzip", 400, "malformed", toUtf8("no gzip"), { "content-encoding": "gzip" }],
    ["another encoding", 415, "unsupported-media-type", toUtf8("x"), { "content-encoding": "br" }],
    ["another media type", 415, "unsupported-media-type", toUtf8("{}"), { "content-type": "application/json" }],
    ["more than 4 MiB", 413, "too-large", new Uint8Array(batchBytesMax + 1), {}],
    [
      "a gzip bomb",
      413,
      "too-large",
      new Uint8Array(gzipSync(new Uint8Array(64 * 1024 * 1024))),
      { "content-encoding": "gzip" },
    ],
  ])("refuses %s", async (_, status, word, body, headers) => {
    await expectRefused(await sendLog(body, { headers }), status, word);
    await expectNothingStored();
  });

  it("stops reading a body that is longer than it said", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const streaming = {
      request: (path: string, init: RequestInit) =>
        world.app.request(path, { ...init, body, duplex: "half" } as RequestInit),
    } as unknown as World["app"];
    await expectRefused(await sendSigned(streaming, terminal, "/v1/log", toUtf8("x")), 413, "too-large");
    expect(sent).toBeLessThan(8);
  });

  it("reads no body of somebody who has not signed", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull: () => {
          sent += 1;
        },
      },
      { highWaterMark: 0 },
    );
    const request = { method: "POST", headers: { "content-type": "application/cbor" }, body, duplex: "half" };
    await expectRefused(await world.app.request("/v1/log", request as RequestInit), 401, "not-signed");
    expect(sent).toBe(0);
  });

  it("takes only so many bodies of one terminal at once, and another's as ever", async () => {
    await writeMany(1);
    const ends: (() => void)[] = [];
    const streaming = {
      request: (path: string, init: RequestInit) => {
        const body = new ReadableStream({ start: (controller) => void ends.push(() => controller.close()) });
        return world.app.request(path, { ...init, body, duplex: "half" } as RequestInit);
      },
    } as unknown as World["app"];
    const slow = Array.from({ length: bodiesMax }, () => sendSigned(streaming, terminal, "/v1/log", new Uint8Array(0)));
    while (ends.length < bodiesMax) await new Promise((resolve) => setImmediate(resolve));
    await expectRefused(await sendLog(await terminal.batch()), 429, "too-many");
    const other = await world.addTerminal("gate-2");
    await other.write(started);
    expect((await sendSigned(world.app, other, "/v1/log", await other.batch())).status).toBe(200);
    for (const end of ends) end();
    for (const response of await Promise.all(slow)) expect(response.status).toBe(400);
    await readAck(await sendLog(await terminal.batch()));
  });
});

describe("GET /v1/manifest and /v1/artefacts", () => {
  it("gives the manifest to anybody, and the list keys to enrolled terminals", async () => {
    const open = await world.app.request("/v1/manifest");
    expect(await open.json()).toEqual({ roots: [], manifest: toBase64url(world.published.manifest), keys: {} });
    const signed = await sendSigned(world.app, terminal, "/v1/manifest", null);
    expect(await signed.json()).toMatchObject({ keys: world.published.keys });
    expect(signed.headers.get("vary")).toBe("Signature-Input");
    expect(signed.headers.get("cache-control")).toBe("private, no-cache");
    expect(signed.headers.get("etag")).not.toBe(open.headers.get("etag"));
  });

  it("says that nothing has changed", async () => {
    const first = await sendSigned(world.app, terminal, "/v1/manifest", null);
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    const again = await sendSigned(world.app, terminal, "/v1/manifest", null, { headers });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect((await world.app.request("/v1/manifest", { headers })).status).toBe(200);
  });

  it("refuses a revoked terminal, and a signature that does not hold", async () => {
    const changes = { key: await drawKey() };
    await expectRefused(await sendSigned(world.app, terminal, "/v1/manifest", null, changes), 401, "not-signed");
    world.revokeTerminal("gate-1");
    await expectRefused(await sendSigned(world.app, terminal, "/v1/manifest", null), 403, "terminal-revoked");
  });

  it("notes to the minute when a terminal was seen, and nothing else of it", async () => {
    const before = world.rows.get("gate-1");
    await sendSigned(world.app, terminal, "/v1/manifest", null);
    world.clock.now = now + 59;
    await sendSigned(world.app, terminal, "/v1/manifest", null);
    expect(world.rows.get("gate-1")).toEqual({ ...before, lastSeenAt: now });
    world.clock.now = now + 60;
    await sendSigned(world.app, terminal, "/v1/manifest", null);
    expect(world.rows.get("gate-1")).toEqual({ ...before, lastSeenAt: now + 60 });
  });

  it("serves artefacts by their hash, for good", async () => {
    const response = await world.app.request(`/v1/artefacts/${world.policyHash}`);
    expect(equalBytes(new Uint8Array(await response.arrayBuffer()), world.signedPolicy)).toBe(true);
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    await expectRefused(await world.app.request(`/v1/artefacts/${"0".repeat(64)}`), 404, "not-found");
    await expectRefused(await world.app.request("/v1/artefacts/..%2F..%2Fkeys"), 404, "not-found");
  });
});

describe("a part of an artefact", () => {
  const ask = (headers: Record<string, string>) => world.app.request(`/v1/artefacts/${world.policyHash}`, { headers });
  const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

  it.each<[string, number, number | undefined]>([
    ["bytes=0-0", 0, 1],
    ["bytes=10-19", 10, 20],
    ["bytes=10-", 10, undefined],
    ["bytes=-5", -5, undefined],
    ["bytes=-99999999", 0, undefined],
    ["bytes=3-99999999", 3, undefined],
  ])("%s", async (range, from, to) => {
    const response = await ask({ range });
    const part = world.signedPolicy.slice(from, to);
    const start = from < 0 ? world.signedPolicy.length + from : from;
    expect(response.status).toBe(206);
    expect(equalBytes(await bytesOf(response), part)).toBe(true);
    expect(response.headers.get("content-range")).toBe(
      `bytes ${start}-${start + part.length - 1}/${world.signedPolicy.length}`,
    );
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(response.headers.get("etag")).toBe(`"${world.policyHash}"`);
  });

  it("goes on where it broke off, and gives what was there", async () => {
    const whole = await ask({});
    expect(whole.headers.get("accept-ranges")).toBe("bytes");
    const ifRange = whole.headers.get("etag") ?? "";
    const all = await bytesOf(whole);
    const rest = await bytesOf(await ask({ range: "bytes=100-", "if-range": ifRange }));
    expect(equalBytes(rest, all.slice(100))).toBe(true);
  });

  it.each(["bytes=-", "bytes=5-4", "bytes=0-1,3-4", "bytes=a-b", "items=0-1", "bytes 0-1"])(
    "gives all of it for %s",
    async (range) => {
      const response = await ask({ range });
      expect([response.status, (await bytesOf(response)).length]).toEqual([200, world.signedPolicy.length]);
    },
  );

  it("gives all of it where something else was begun", async () => {
    expect((await ask({ range: "bytes=1-2", "if-range": '"other"' })).status).toBe(200);
  });

  it("refuses what begins after the end", async () => {
    for (const range of [`bytes=${world.signedPolicy.length}-`, "bytes=99999999-", "bytes=-0"]) {
      const response = await ask({ range });
      expect(response.headers.get("content-range")).toBe(`bytes */${world.signedPolicy.length}`);
      await expectRefused(response, 416, "range-not-satisfiable");
    }
  });
});

describe("POST /v1/enrolments", () => {
  const code = "a".repeat(22);
  const post = (app: World["app"], body: string, type = "application/json") =>
    app.request("/v1/enrolments", { method: "POST", headers: { "content-type": type }, body });

  it("enrols with a code, and refuses one that is not good", async () => {
    const answer = {
      terminal: "gate-9",
      operatorKey: "AA",
      operatorKeyVersion: 1,
      profile: { service: "library", programme: "here", site: "s", name: "n", actuator: "simulated" },
      root: "AA",
    } as const;
    const { app } = await createWorld({
      enrol: async (request) =>
        request.code === code
          ? { kind: "enrolled", answer }
          : { kind: "refused", problem: "code-refused", detail: "used" },
    });
    const good = await post(app, JSON.stringify({ code, key: terminal.key.jwk }));
    expect([good.status, await good.json()]).toEqual([200, answer]);
    expect(good.headers.get("cache-control")).toBe("no-store");
    await expectRefused(
      await post(app, JSON.stringify({ code: "b".repeat(22), key: terminal.key.jwk })),
      403,
      "code-refused",
    );
  });

  it.each([
    ["no JSON", 400, "malformed", "{", undefined],
    ["a missing key", 400, "malformed", JSON.stringify({ code }), undefined],
    ["a field that is not known", 400, "malformed", JSON.stringify({ code, key: {}, more: 1 }), undefined],
    ["more than 64 KiB", 413, "too-large", `"${"x".repeat(64 * 1024)}"`, undefined],
    ["another media type", 415, "unsupported-media-type", "{}", "text/plain"],
  ])("refuses %s", async (_, status, word, body, type) => {
    await expectRefused(await post(world.app, body, type), status, word);
  });

  it("never repeats what was submitted", async () => {
    const response = await post(world.app, JSON.stringify({ code: "secret-code-of-someone", key: { kty: "secret" } }));
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("secret");
  });
});

describe("POST /v1/credentials", () => {
  const post = (app: World["app"], body: string, type = "application/cose") =>
    app.request("/v1/credentials", { method: "POST", headers: { "content-type": type }, body });

  it("is only there where this server issues", async () => {
    await expectRefused(await post(world.app, "proof"), 404, "not-found");
    const { app } = await createWorld({
      issue: async (proof) =>
        equalBytes(proof, toUtf8("proof"))
          ? { kind: "issued", credential: toUtf8("credential") }
          : { kind: "refused", problem: "proof-refused", detail: "old" },
    });
    const good = await post(app, "proof");
    expect(good.headers.get("content-type")).toBe("application/cose");
    expect(await good.text()).toBe("credential");
    await expectRefused(await post(app, "another"), 403, "proof-refused");
    await expectRefused(await post(app, "x".repeat(5000)), 413, "too-large");
    await expectRefused(await post(app, "proof", "text/plain"), 415, "unsupported-media-type");
  });
});

describe("/v1/demo", () => {
  const citizens = { programme: "here", citizens: [] };
  const demo = { citizens: () => citizens, addTerminals: async () => ({ terminals: [] }) };
  const post = async (headers: Record<string, string>) =>
    (await createWorld({ demo })).app.request("/v1/demo/terminals", { method: "POST", headers });

  it("is only there in the demo city", async () => {
    await expectRefused(await world.app.request("/v1/demo/citizens"), 404, "not-found");
    await expectRefused(await world.app.request("/v1/demo/terminals", { method: "POST" }), 404, "not-found");
    await expectRefused(await world.app.request("/demo/"), 404, "not-found");
    const { app } = await createWorld({ demo });
    expect(await (await app.request("/v1/demo/citizens")).json()).toEqual(citizens);
  });

  it("makes terminals for pages of this server alone", async () => {
    expect((await post({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await post({ origin: "http://localhost", host: "localhost" })).status).toBe(200);
    const crossSite = { "sec-fetch-site": "cross-site", origin: "http://localhost", host: "localhost" };
    await expectRefused(await post(crossSite), 403, "other-origin");
    await expectRefused(await post({ origin: "http://evil.example", host: "localhost" }), 403, "other-origin");
    await expectRefused(await post({ origin: "null", host: "localhost" }), 403, "other-origin");
    await expectRefused(await post({}), 403, "other-origin");
  });

  it("makes one of a service that there is", async () => {
    const asked: unknown[] = [];
    const addTerminals = async (services: unknown) => {
      asked.push(services);
      return { terminals: [] };
    };
    const { app } = await createWorld({ demo: { ...demo, addTerminals } });
    const ask = (service: string, headers = { "sec-fetch-site": "same-origin" }) =>
      app.request(`/v1/demo/terminals/${service}`, { method: "POST", headers });
    expect((await ask("power-bank")).status).toBe(200);
    await expectRefused(await ask("tram"), 404, "not-found");
    await expectRefused(await ask("bus", { "sec-fetch-site": "cross-site" }), 403, "other-origin");
    expect(asked).toEqual([["power-bank"]]);
  });
});

describe("every answer", () => {
  const broken = { current: () => Promise.reject(new Error("secret")), artefact: () => null, publish: () => never };
  const never = Promise.reject(new Error("never"));
  never.catch(() => {});

  it("has the headers that a page and a worker need, and no CORS", async () => {
    for (const path of ["/", "/healthz", "/nowhere", "/v1/manifest"]) {
      const { headers } = await world.app.request(path, { headers: { origin: "http://evil.example" } });
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*trusted-types greenlane$/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("permissions-policy")).toBe("camera=(self)");
      expect(headers.get("strict-transport-security")).toBeNull();
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
    const { app } = await createWorld({ hasTls: true });
    expect((await app.request("/")).headers.get("strict-transport-security")).toMatch(/^max-age=/);
  });

  it("is a problem where there is nothing, or not with this method", async () => {
    await expectRefused(await world.app.request("/v1/nothing"), 404, "not-found");
    const wrong = await world.app.request("/v1/log");
    expect(wrong.headers.get("allow")).toBe("POST");
    await expectRefused(wrong, 405, "wrong-method");
    await expectRefused(await world.app.request("/v1/manifest", { method: "DELETE" }), 405, "wrong-method");
  });

  it("tells nobody but the log what went wrong", async () => {
    const { app, lines } = await createWorld({ publisher: broken });
    const response = await app.request("/v1/manifest");
    expect(response.headers.get("content-security-policy")).not.toBeNull();
    expect(await response.clone().text()).not.toContain("secret");
    await expectRefused(response, 500, "internal");
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "internal", cause: expect.stringContaining("secret") }),
    );
  });

  it("is alive, and ready when ledger and bundle are", async () => {
    expect((await world.app.request("/healthz")).status).toBe(200);
    expect((await world.app.request("/readyz")).status).toBe(200);
    const { app } = await createWorld({ publisher: broken });
    expect((await app.request("/healthz")).status).toBe(200);
    const response = await app.request("/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: "the bundle is not ready" });
  });

  it("leaves one line in the log, without what was typed into the address", async () => {
    await world.app.request("/v1/artefacts/somebody?name=somebody");
    await world.app.request("/somebody");
    expect(world.lines.map(({ event, method, route, status }) => [event, method, route, status])).toEqual([
      ["request", "GET", "/v1/artefacts/:sha256", 404],
      ["request", "GET", "/*", 404],
    ]);
    expect(JSON.stringify(world.lines)).not.toContain("somebody");
  });
});
