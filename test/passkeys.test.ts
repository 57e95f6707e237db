/** Operators' passkeys: made with the password, good alone, on one page, once a question; and the end of each. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { challengeSeconds, passkeysMax } from "../edge-server/passkeys.ts";
import { failuresMax } from "../edge-server/sign-in.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type AdminWorld, cookieOf, openAdminWorld, password } from "./admin-world.ts";
import { type Answering, makePasskey, usePasskey } from "./authenticator.ts";
import { drawKey } from "./sample.ts";
import { problemWord } from "./world.ts";

let world: AdminWorld;
let cookie: string;
let key: SigningKey;
beforeEach(async () => {
  world = await openAdminWorld();
  cookie = await world.bringIn("lin.mei", "operator");
  key = await drawKey("P-256");
});
afterEach(() => world.close());

const headers = () => ({ origin: world.url });
const begin = (given = password) => world.ask("POST", "/passkeys/challenges", { cookie, json: { password: given } });
const challengeOf = async (answer: Response): Promise<string> => (await answer.json()).challenge;

const add = async (change: Answering = {}, by = key, label = "tablet"): Promise<Response> => {
  const made = await makePasskey(by, world.url, await challengeOf(await begin()), change);
  return world.ask("POST", "/passkeys", { cookie, headers: headers(), json: { ...made, label } });
};
const question = async (): Promise<string> => challengeOf(await world.ask("POST", "/sessions/challenges"));
const comeIn = async (id: string, change: Answering = {}, by = key, challenge?: string): Promise<Response> => {
  const json = await usePasskey(by, id, world.url, challenge ?? (await question()), change);
  return world.ask("POST", "/sessions/passkeys", { headers: headers(), json });
};
const acts = async () => (await world.acts()).map(({ by, act, what }) => `${by} ${act} ${what}`);

describe("with a passkey", () => {
  it("an operator comes in without a password; the password stays", async () => {
    const { id } = await (await add()).json();
    const answer = await comeIn(id);
    expect(await answer.json()).toEqual({ name: "lin.mei", role: "operator" });
    const who = await world.ask("GET", "/sessions", { cookie: cookieOf(answer) });
    expect(await who.json()).toEqual({ name: "lin.mei", role: "operator" });
    expect((await world.ask("POST", "/sessions", { json: { name: "lin.mei", password } })).status).toBe(200);
    expect(await acts()).toContain("lin.mei passkey-added tablet");
  });

  it("of either kind of key, and with several of them", async () => {
    const other = await drawKey("Ed25519");
    const ids = [(await (await add()).json()).id, (await (await add({}, other, "key ring")).json()).id];
    expect((await comeIn(ids[0])).status).toBe(200);
    expect((await comeIn(ids[1], {}, other)).status).toBe(200);
    const { passkeys } = await (await world.ask("GET", "/passkeys", { cookie })).json();
    expect(passkeys.map(({ label }: { label: string }) => label)).toEqual(["tablet", "key ring"]);
    expect((await (await begin()).json()).known).toEqual(ids);
  });

  it.each<[string, Answering]>([
    ["for another page", { origin: "https://evil.example" }],
    ["by a key of another host", { host: "evil.example" }],
    ["that was touched alone", { flags: 1 }],
    ["with nobody there", { flags: 4 }],
    ["made at a registration", { type: "webauthn.create" }],
  ])("an answer %s is refused, and on record", async (_, change) => {
    const { id } = await (await add()).json();
    const answer = await comeIn(id, change);
    expect([answer.status, await problemWord(answer)]).toEqual([401, "sign-in-refused"]);
    expect(answer.headers.get("set-cookie")).toBe(null);
    expect((await acts())[0]).toBe("lin.mei sign-in-refused passkey");
  });

  it("by somebody else's key, twice, late, or to a question never asked: refused", async () => {
    const { id } = await (await add()).json();
    expect((await comeIn(id, {}, await drawKey("P-256"))).status).toBe(401);
    const challenge = await question();
    expect((await comeIn(id, {}, key, challenge)).status).toBe(200);
    expect((await comeIn(id, {}, key, challenge)).status).toBe(401);
    const late = await question();
    world.clock.now += challengeSeconds;
    expect((await comeIn(id, {}, key, late)).status).toBe(401);
    expect((await comeIn(id, {}, key, "A".repeat(43))).status).toBe(401);
    const forMaking = await challengeOf(await begin());
    expect((await comeIn(id, {}, key, forMaking)).status).toBe(401);
  });

  it("that nobody has, nothing is on record but a line", async () => {
    const before = (await world.acts()).length;
    expect((await comeIn("AAAA")).status).toBe(401);
    expect(await world.acts()).toHaveLength(before);
    expect(world.lines.at(-2)).toMatchObject({ event: "console-refused", cause: "passkey" });
  });

  it("from a page elsewhere: refused", async () => {
    const elsewhere = { headers: { "sec-fetch-site": "cross-site" } };
    for (const path of ["/sessions/challenges", "/sessions/passkeys", "/passkeys/challenges", "/passkeys"]) {
      const answer = await world.ask("POST", path, { cookie, json: {}, ...elsewhere });
      expect(await problemWord(answer)).toBe("other-origin");
    }
  });
});

describe("making one", () => {
  it("takes the password again, which is counted like one at the door", async () => {
    for (let failures = 0; failures < failuresMax; ) {
      const answer = await begin("wrong");
      if (answer.status === 429) world.clock.now += Number(answer.headers.get("retry-after"));
      else failures += 1;
    }
    const locked = await world.ask("POST", "/sessions", { json: { name: "lin.mei", password } });
    expect(locked.status).toBe(429);
  });

  it.each<[string, Answering]>([
    ["without a PIN or a finger", { flags: 65 }],
    ["for another host", { host: "evil.example" }],
    ["on another page", { origin: "https://evil.example" }],
    ["that is no registration", { type: "webauthn.get" }],
  ])("%s: refused, and nothing is kept", async (_, change) => {
    const answer = await add(change);
    expect([answer.status, await problemWord(answer)]).toEqual([403, "passkey-refused"]);
    expect(await world.operators.passkeys("lin.mei")).toEqual([]);
  });

  it("answers its own question, once, and not that of somebody else", async () => {
    const challenge = await challengeOf(await begin());
    const send = async (asked: string) => {
      const json = { ...(await makePasskey(key, world.url, asked)), label: "x" };
      return (await world.ask("POST", "/passkeys", { cookie, headers: headers(), json })).status;
    };
    expect([await send(challenge), await send(challenge), await send(await question())]).toEqual([200, 403, 403]);
    const other = await world.bringIn("wu.lan", "operator");
    const asked = await world.ask("POST", "/passkeys/challenges", { cookie: other, json: { password } });
    expect(await send(await challengeOf(asked))).toBe(403);
  });

  it("never takes the id of another, nor more than there is room for", async () => {
    const id = Uint8Array.of(1, 2, 3);
    expect((await add({ id })).status).toBe(200);
    expect((await add({ id })).status).toBe(403);
    for (let count = 1; count < passkeysMax; count++) expect((await add()).status).toBe(200);
    expect((await add()).status).toBe(403);
  });

  it("takes no key that is none, and repeats nothing of it", async () => {
    const made = await makePasskey(key, world.url, await challengeOf(await begin()));
    const sent = { ...made, key: { ...made.key, x: "AAAA" }, label: "x" };
    const answer = await world.ask("POST", "/passkeys", { cookie, headers: headers(), json: sent });
    expect(await problemWord(answer)).toBe("passkey-refused");
    for (const change of [{ label: "" }, { label: "x".repeat(61) }, { id: "<b>" }, { client: "A".repeat(6001) }]) {
      const json = { ...made, label: "x", ...change };
      expect((await world.ask("POST", "/passkeys", { cookie, json })).status).toBe(400);
    }
  });
});

describe("a passkey ends", () => {
  it("when its operator removes it; nobody removes another's", async () => {
    const { id } = await (await add()).json();
    const other = await world.bringIn("chief", "administrator");
    expect((await world.ask("DELETE", `/passkeys/${id}`, { cookie: other })).status).toBe(404);
    expect((await world.ask("DELETE", `/passkeys/${id}`, { cookie })).status).toBe(200);
    expect((await comeIn(id)).status).toBe(401);
    expect(await acts()).toContain("lin.mei passkey-removed tablet");
  });

  it("with its operator, and with a new link for them", async () => {
    const { id } = await (await add()).json();
    await world.bringIn("lin.mei", "operator");
    expect((await comeIn(id)).status).toBe(401);
    cookie = cookieOf(await world.ask("POST", "/sessions", { json: { name: "lin.mei", password } }));
    const second = (await (await add()).json()).id;
    const chief = await world.bringIn("chief", "administrator");
    await world.ask("DELETE", "/operators/lin.mei", { cookie: chief });
    expect((await comeIn(second)).status).toBe(401);
    expect(await world.operators.passkeys("lin.mei")).toEqual([]);
  });
});
