import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { objectionPace, whyPace } from "../edge-server/routes/why.ts";
import { sha256, toBase64url, toHex } from "../shared/bytes.ts";
import { issueCredential, present } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { pseudonymOf } from "../shared/log.ts";
import { type OwnReceiptRequest, signOwnReceipt } from "../shared/own-receipt.ts";
import { signProof } from "../shared/proof.ts";
import { receiptCodeOf } from "../shared/receipt-code.ts";
import type { Standing } from "../shared/status-list.ts";
import { saidCharactersMax } from "../shared/why.ts";
import { type AdminWorld, openAdminWorld } from "./admin-world.ts";
import { drawKey, sampleRules } from "./sample.ts";
import { createTerminal, decidedTap, sendSigned, type TestTerminal } from "./world.ts";

let world: AdminWorld;
let gate: TestTerminal;
let issuer: SigningKey;
let phone: SigningKey;
let policyHash: string;
let pseudonym: string;

const sub = "subject-of-tests";

beforeEach(async () => {
  world = await openAdminWorld();
  const key = await drawKey("P-256");
  gate = await createTerminal("gate-1", key);
  const placed = { programme: "here", site: "east", name: "East 1", actuator: "simulated" };
  const profile = { service: "metro", action: "entry", ...placed } as const;
  world.registry.putTerminal({ id: "gate-1", profile, key: key.jwk, enrolledAt: 1, revokedAt: null, lastSeenAt: null });
  [issuer, phone] = [await drawKey(), await drawKey("P-256")];
  world.registry.putIssuer({ kid: issuer.kid, use: "citizen", jwk: issuer.jwk, programme: "here" });
  const policy = world.store.history().findLast(({ name }) => name === "policy")?.signed;
  policyHash = toHex(await sha256(policy ?? new Uint8Array(0)));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const operatorKey = await crypto.subtle.importKey("raw", world.keys.operator.bytes, hmac, false, ["sign"]);
  pseudonym = await pseudonymOf(operatorKey, "here", sub);
  await gate.write({ kind: "started", app: "1", newEpoch: true });
});
afterEach(() => world.close());

const ask = async (path: string, json: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const body = typeof json === "string" ? json : JSON.stringify(json);
  const sent = { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
  const response = await world.app.request(`${world.url}/v1${path}`, sent);
  const answer = await response.json();
  return {
    status: response.status,
    word: String(answer.type ?? "")
      .split(":")
      .at(-1),
    answer,
    response,
  };
};

/** A tap that is handed in; its code. */
const tap = async (standing: Standing = 2): Promise<string> => {
  const entry = await gate.write(decidedTap(policyHash, standing), { pseudonym });
  return handIn(entry);
};
const handIn = async ({ seq, hash }: { readonly seq: number; readonly hash: Uint8Array<ArrayBuffer> }) => {
  expect((await sendSigned(world.app, gate, "/v1/log", await gate.batch())).status).toBe(200);
  await expect.poll(() => world.survey.seqOf(gate.chain)).toBe(gate.entries.length);
  return receiptCodeOf(gate.chain, seq, hash);
};

const credentialFor = (holder: SigningKey | null, by = issuer, claims: object = {}) =>
  issueCredential(
    {
      ...{ sub, iat: world.clock.now - 10, exp: world.clock.now + 86_400, status: { uri: "a", index: 5 } },
      ...(holder === null ? {} : { holder: holder.jwk }),
      ...claims,
    },
    by,
  );
const ownOf = async (code: string, changes: Partial<OwnReceiptRequest> = {}, by = phone): Promise<string> => {
  const credential = await credentialFor(phone);
  return toBase64url(await signOwnReceipt({ credential, code, at: world.clock.now, ...changes }, by));
};

describe("POST /v1/why", () => {
  it("tells whoever has the code the rules that held there, and nothing that depends on whom it is about", async () => {
    const told: unknown[] = [];
    for (const standing of [2, 3, 1, "none", "unknown", "suspended", "revoked"] as const) {
      const { status, answer } = await ask("/why", { code: await tap(standing) });
      expect(status).toBe(200);
      told.push({ ...answer, code: "" });
    }
    expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(told[0]).toEqual({
      ...{ code: "", hour: 1_800_000_000, service: "metro", policy: policyHash.slice(0, 12), manifest: 1 },
      confirmedAt: 1_800_000_000,
      rules: {
        currency: "CNY",
        programme: { name: expect.any(Object), version: 3, objection: { zh: "此地", en: "Here" } },
        ordinary: sampleRules("metro").ordinary,
        perks: [{ id: "fare-20-off", atLeast: 697, terms: expect.objectContaining({ priceFactor: 800 }) }],
      },
      own: null,
    });
  });

  it("tells the phone that it is about what was decided, and no band", async () => {
    const code = await tap(2);
    const { answer } = await ask("/why", { code: code.toLowerCase().replaceAll("-", " "), own: await ownOf(code) });
    expect(answer.own).toEqual({
      ...{ at: 1_800_000_001, site: "gate-1", effect: "permit", reason: "perk", perk: "fare-20-off", owed: false },
      ...{ isByStaff: false, list: { version: 1, confirmedAt: 1_800_000_000 } },
      terms: { ...sampleRules("metro").ordinary, priceFactor: 800, greenChannel: true },
    });
    const refused = await tap("revoked");
    const own = (await ask("/why", { code: refused, own: await ownOf(refused) })).answer.own;
    expect(own).toMatchObject({ effect: "refer", reason: "revoked", terms: null });
    expect(JSON.stringify([answer, own])).not.toMatch(/standing|band|pseudonym|identity/);
  });

  it("tells of an override what staff gave, to the one it is for", async () => {
    const refused = await gate.write(decidedTap(policyHash, "revoked"), { pseudonym });
    const of = { terminal: "gate-1", epoch: toBase64url(gate.chain.epoch), seq: refused.seq };
    const said = {
      staff: ["a", "b"],
      badges: [],
      factor: "badge",
      reason: "lost-card",
      effect: "ordinary",
      perk: null,
    };
    const { ordinary: terms } = sampleRules("metro");
    const override = { kind: "override", of, ...said, terms, service: "metro" } as never;
    const code = await handIn(await gate.write(override));
    expect((await ask("/why", { code })).answer).toMatchObject({ service: "metro", own: null });
    const { own } = (await ask("/why", { code, own: await ownOf(code) })).answer;
    expect(own).toMatchObject({ effect: "permit", reason: "ordinary", isByStaff: true, terms });
  });

  it("takes nobody else's word for it", async () => {
    const code = await tap(2);
    const elsewhere = await tap(3);
    const thief = await drawKey();
    const now = world.clock.now;
    const credential = await credentialFor(phone);
    const shown = await present(credential, phone, now);
    const proof = { key: phone.jwk, citizen: null, credential, form: "phone", at: now } as const;
    const staff = { role: "assistant", sites: ["east"] };
    const refused: readonly (readonly [string, Promise<string> | string])[] = [
      ["another phone", ownOf(code, { credential: await credentialFor(thief) }, phone)],
      ["another's key", ownOf(code, {}, thief)],
      ["another person", ownOf(code, { credential: await credentialFor(phone, issuer, { sub: "somebody-else" }) })],
      ["a photographed code", toBase64url(shown)],
      ["another proof of the same key", toBase64url(await signProof(proof, phone))],
      ["another receipt", ownOf(elsewhere)],
      ["too old", ownOf(code, { at: now - 301 })],
      ["too early", ownOf(code, { at: now + 301 })],
      ["a card", ownOf(code, { credential: await credentialFor(null) })],
      ["expired", ownOf(code, { credential: await credentialFor(phone, issuer, { exp: now }) })],
      ["not yet", ownOf(code, { credential: await credentialFor(phone, issuer, { iat: now + 60 }) })],
      ["for too long", ownOf(code, { credential: await credentialFor(phone, issuer, { exp: now + 40 * 86_400 }) })],
      ["unknown issuer", ownOf(code, { credential: await credentialFor(phone, await drawKey()) })],
      ["a badge", ownOf(code, { credential: await credentialFor(phone, issuer, { staff, status: undefined }) })],
      ["nothing", ""],
      ["no COSE", "AAAA"],
    ];
    for (const [who, own] of refused) {
      expect((await ask("/why", { code, own: await own })).word, who).toBe("not-yours");
    }
    expect((await ask("/why", { code, own: await ownOf(code) })).status).toBe(200);
    world.registry.putLoss({ programme: "here", list: "a" }, { index: 5, standing: "suspended", movedTo: null });
    expect((await ask("/why", { code, own: await ownOf(code) })).word).toBe("not-yours");
  });

  it("knows no code that is guessed, or not handed in yet, and says what to do", async () => {
    const code = await tap();
    const waiting = await gate.write(decidedTap(policyHash), { pseudonym });
    const later = await receiptCodeOf(gate.chain, waiting.seq, waiting.hash);
    const guessed = `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`;
    for (const each of [later, guessed, "0000-1-0000", "", "x", "'; DROP TABLE entry; --", "﷽".repeat(10)]) {
      const { status, answer } = await ask("/why", { code: each });
      expect(status, each).toBe(404);
      expect(answer.detail).toContain("hands its records in later");
    }
  });

  it("reads nothing that is too long, of another kind, or more than was asked for", async () => {
    const code = await tap();
    for (const wrong of [{}, { code, more: 1 }, { code: 5 }, { code: "0".repeat(41) }, { code, own: "§" }, [], "{"]) {
      expect((await ask("/why", wrong)).word, JSON.stringify(wrong)).toBe("malformed");
    }
    expect((await ask("/why", { code, own: "A".repeat(3000) })).word).toBe("malformed");
    expect((await ask("/why", { code: "0".repeat(70_000) })).word).toBe("too-large");
    expect((await ask("/why", { code }, { "content-type": "text/plain" })).word).toBe("unsupported-media-type");
  });

  it("is asked at a pace, and goes on after it", async () => {
    const code = await tap();
    for (let times = 0; times < whyPace.byOne; times++) expect((await ask("/why", { code })).status).toBe(200);
    const { word, response } = await ask("/why", { code });
    expect([word, response.headers.get("retry-after")]).toEqual(["too-many", "60"]);
    world.clock.now += 60;
    expect((await ask("/why", { code })).status).toBe(200);
  });

  it("leaves neither a code nor a secret in the server's log, or in anything that is kept", async () => {
    const code = await tap();
    const { answer, response } = await ask("/objections", { code, text: "why" });
    await ask("/objections/answers", { code, secret: answer.secret });
    expect(response.headers.get("cache-control")).toBe("no-store");
    const log = JSON.stringify(world.lines);
    expect(log).toContain("/v1/objections");
    for (const each of [code, answer.secret]) expect(log).not.toContain(each);
  });
});

describe("an objection", () => {
  const object = (code: string, text = "为什么收押金？\n\"'<b>&", more: object = {}) =>
    ask("/objections", { code, text, ...more });
  const look = (code: string, secret: string) => ask("/objections/answers", { code, secret });

  it("opens a case, which an operator answers once, and whoever has the secret reads the answer", async () => {
    const code = await tap();
    const { answer: opened } = await object(code);
    expect(opened).toEqual({ at: world.clock.now, secret: expect.stringMatching(/^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/) });
    expect((await look(code, opened.secret)).answer).toEqual({
      ...{ at: world.clock.now, text: "为什么收押金？\n\"'<b>&", answer: null },
    });
    const cookie = await world.bringIn("lin.mei", "operator");
    const page = await (await world.ask("GET", "/objections?state=open", { cookie })).json();
    expect(page).toMatchObject({ open: 1, rows: [{ number: 1, code, isOwn: false, outcome: null }] });
    expect(await (await world.ask("GET", "/overview", { cookie })).json()).toMatchObject({ openObjections: 1 });
    const view = await (await world.ask("GET", "/objections/1", { cookie })).json();
    expect(view).toMatchObject({ text: "为什么收押金？\n\"'<b>&", entry: { row: { code } }, answer: null });
    expect(JSON.stringify(view)).not.toMatch(/standing|pseudonym":|identity/);

    const json = { outcome: "corrected", text: "已更正。It is put right." };
    const answered = await world.ask("POST", "/objections/1", { cookie, json });
    expect(await answered.json()).toMatchObject({ answer: { by: "lin.mei", ...json } });
    const again = await world.ask("POST", "/objections/1", { cookie, json: { ...json, outcome: "stands" } });
    expect([again.status, (await again.json()).type]).toEqual([409, "urn:greenlane:problem:answered-before"]);
    world.clock.now += 5;
    const read = (await look(code.toLowerCase(), opened.secret.replaceAll("-", " ").toLowerCase())).answer;
    expect(read.answer).toEqual({ at: world.clock.now - 5, ...json });
    expect(JSON.stringify(read)).not.toContain("lin.mei");
    expect((await world.acts()).map(({ act, what }) => `${act} ${what}`)).toContain("objection-answered 1 corrected");
    const done = await (await world.ask("GET", "/objections?state=open", { cookie })).json();
    expect(done).toMatchObject({ open: 0, rows: [] });
  });

  it("says whether the phone that it is about has signed it", async () => {
    const code = await tap();
    await object(code, "mine", { own: await ownOf(code) });
    expect((await object(code, "mine", { own: await ownOf(code, {}, await drawKey()) })).word).toBe("not-yours");
    const cookie = await world.bringIn("lin.mei", "operator");
    const page = await (await world.ask("GET", "/objections", { cookie })).json();
    expect(page.rows).toMatchObject([{ number: 1, isOwn: true }]);
  });

  it("is opened by its own secret alone", async () => {
    const [code, elsewhere] = [await tap(), await tap()];
    const { secret } = (await object(code)).answer;
    const other = (await object(elsewhere)).answer.secret;
    for (const wrong of [other, secret.slice(1), `0${secret}`, "", "0".repeat(24), "' OR 1=1 --", code]) {
      expect((await look(code, wrong)).word, wrong).toBe("not-found");
    }
    expect((await look(elsewhere, secret)).word).toBe("not-found");
    expect((await look(code, "x".repeat(101))).word).toBe("malformed");
  });

  it("takes no empty text, no giant, and nothing about what is not there", async () => {
    const code = await tap();
    for (const text of ["", "  \n ", "x".repeat(saidCharactersMax + 1)]) {
      expect((await object(code, text)).word).toBe("malformed");
    }
    expect((await object(code, "字".repeat(40_000))).word).toBe("too-large");
    expect((await object("0000-1-0000")).word).toBe("not-found");
    expect((await object(code, "字".repeat(saidCharactersMax))).status).toBe(200);
  });

  it("is taken no more where too many are open, and again once one has its answer", async () => {
    const code = await tap();
    for (let times = 0; times < 3; times++) expect((await object(code)).status).toBe(200);
    const { word, answer } = await object(code);
    expect([word, answer.detail]).toEqual(["too-many", expect.stringContaining("still open")]);
    expect((await object(code, "mine", { own: await ownOf(code) })).status).toBe(200);
    const cookie = await world.bringIn("lin.mei", "operator");
    await world.ask("POST", "/objections/2", { cookie, json: { outcome: "stands", text: "so it is" } });
    expect((await object(code)).status).toBe(200);
  });

  it("does not fill a disk, however many are sent", async () => {
    const codes: string[] = [];
    for (let times = 0; times < 12; times++) codes.push(await tap());
    const statuses: number[] = [];
    for (const code of codes) for (let times = 0; times < 3; times++) statuses.push((await object(code)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(objectionPace.byOne);
    expect(statuses.slice(objectionPace.byOne).every((status) => status === 429)).toBe(true);
    world.clock.now += 3600;
    expect((await object(codes.at(-1) ?? "")).status).toBe(200);
  });

  it("is nobody's to read or answer without the role, and no case that is not there is answered", async () => {
    const code = await tap();
    await object(code);
    const json = { outcome: "stands", text: "so it is" };
    expect((await world.ask("GET", "/objections")).status).toBe(401);
    expect((await world.ask("POST", "/objections/1", { json })).status).toBe(401);
    const viewer = await world.bringIn("wang.li", "viewer");
    expect((await world.ask("GET", "/objections", { cookie: viewer })).status).toBe(200);
    expect((await world.ask("GET", "/objections/1", { cookie: viewer })).status).toBe(403);
    expect((await world.ask("POST", "/objections/1", { cookie: viewer, json })).status).toBe(403);
    expect((await world.acts()).map(({ act }) => act)).toContain("role-refused");
    const cookie = await world.bringIn("lin.mei", "operator");
    const foreign = { cookie, json, headers: { "sec-fetch-site": "cross-site" } };
    expect((await world.ask("POST", "/objections/1", foreign)).status).toBe(403);
    expect((await world.ask("POST", "/objections/7", { cookie, json })).status).toBe(404);
    for (const wrong of [{}, { ...json, outcome: "won" }, { ...json, text: "" }, { ...json, by: "somebody" }]) {
      expect((await world.ask("POST", "/objections/1", { cookie, json: wrong })).status).toBe(400);
    }
    expect((await world.ask("POST", "/objections/1", { cookie, json })).status).toBe(200);
  });
});
