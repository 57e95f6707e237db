import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failuresMax, idleSeconds, makeWelcomeLink, sessionSeconds, welcomeSeconds } from "../edge-server/sign-in.ts";
import { type AdminWorld, cookieOf, openAdminWorld, password } from "./admin-world.ts";
import { problemWord } from "./world.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await openAdminWorld();
});
afterEach(() => world.close());

const signIn = (name: string, given = password) => world.ask("POST", "/sessions", { json: { name, password: given } });
const whoIs = (cookie: string) => world.ask("GET", "/sessions", { cookie });

describe("the first operator", () => {
  const firstLink = () =>
    makeWelcomeLink(world.operators, world.url, { name: null, role: "administrator" }, world.clock.now);
  const use = (link: string, name = "lin.mei", given = password) =>
    world.ask("POST", "/welcomes", { json: { code: link.split("=")[1], name, password: given } });

  it("is made by a one-time link, signed in at once, and the link is spent", async () => {
    const link = await firstLink();
    const answer = await use(link);
    expect(await answer.json()).toEqual({ name: "lin.mei", role: "administrator" });
    expect((await whoIs(cookieOf(answer))).status).toBe(200);
    const again = await use(link, "somebody");
    expect([again.status, await problemWord(again)]).toEqual([403, "code-refused"]);
    expect((await world.operators.operators()).map(({ name }) => name)).toEqual(["lin.mei"]);
  });

  it("is refused by a link that is too old, replaced, or never was, and by a short password", async () => {
    const old = await firstLink();
    const fresh = await firstLink();
    expect((await use(old)).status).toBe(403);
    expect((await use(fresh, "lin.mei", "short")).status).toBe(400);
    world.clock.now += welcomeSeconds;
    expect((await use(fresh)).status).toBe(403);
    expect((await use(`x=${"A".repeat(22)}`)).status).toBe(403);
    expect(await world.operators.operators()).toEqual([]);
  });

  it("keeps neither password nor code nor session as it is", async () => {
    const link = await firstLink();
    const cookie = cookieOf(await use(link));
    const kept = JSON.stringify([await world.operators.operators(), await world.acts(), world.lines]);
    expect((await world.operators.operator("lin.mei"))?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    for (const secret of [password, link.split("=")[1] ?? "", cookie.split("=")[1] ?? ""]) {
      expect(kept).not.toContain(secret);
    }
  });
});

describe("the cookie", () => {
  it("is out of reach of scripts, other sites and the clear", async () => {
    await world.bringIn("lin.mei", "viewer");
    const cookie = (await signIn("lin.mei")).headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^__Host-greenlane-operator=[\w-]{43};/);
    for (const part of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"]) expect(cookie).toContain(part);
    expect(cookie).not.toContain("Domain");
  });

  it("needs no HTTPS on this machine alone", async () => {
    const clear = await openAdminWorld({ hasTls: false });
    const cookie = await clear.bringIn("lin.mei", "viewer");
    expect(cookie).toMatch(/^greenlane-operator=/);
    const elsewhere = await clear.ask("GET", "/overview", { cookie, headers: { host: "192.168.1.5:8787" } });
    expect(await problemWord(elsewhere)).toBe("https-needed");
    const misled = await clear.ask("GET", "/overview", { cookie, headers: { host: "localhost.evil.example" } });
    expect(await problemWord(misled)).toBe("https-needed");
    await clear.close();
  });
});

describe("attempts", () => {
  beforeEach(async () => void (await world.bringIn("lin.mei", "viewer")));

  it("are counted before the password is looked at, wait longer each time, and end in a lock", async () => {
    const waits: number[] = [];
    for (let failures = 0; failures < failuresMax; ) {
      const answer = await signIn("lin.mei", "wrong");
      if (answer.status === 401) {
        failures += 1;
        continue;
      }
      waits.push(Number(answer.headers.get("retry-after")));
      world.clock.now += waits.at(-1) ?? 0;
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128]);
    const locked = await signIn("lin.mei");
    expect([locked.status, locked.headers.get("retry-after")]).toEqual([429, "900"]);
    world.clock.now += 899;
    expect((await signIn("lin.mei")).status).toBe(429);
    world.clock.now += 1;
    expect((await signIn("lin.mei")).status).toBe(200);
    expect((await signIn("lin.mei")).status).toBe(200);
  });

  it("gain nothing by coming all at once", async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => signIn("lin.mei", "wrong")));
    expect(answers.map(({ status }) => status).filter((status) => status === 401)).toHaveLength(3);
    expect((await signIn("lin.mei")).status).toBe(429);
  });

  it("of a name that nobody has are answered alike", async () => {
    const tried = async (name: string) => {
      const answers = [];
      for (let i = 0; i < 4; i++) answers.push((await signIn(name, "wrong")).status);
      return answers;
    };
    expect(await tried("nobody")).toEqual(await tried("lin.mei"));
    expect((await world.acts()).filter(({ act }) => act === "sign-in-refused").map(({ by }) => by)).toEqual([
      ...["lin.mei", "lin.mei", "lin.mei"],
      ...["?", "?", "?"],
    ]);
  });
});

describe("a session", () => {
  it("ends when nobody uses it, after half a day, at sign-out and with its operator", async () => {
    const cookie = await world.bringIn("lin.mei", "viewer");
    const started = world.clock.now;
    world.clock.now += idleSeconds - 1;
    expect((await whoIs(cookie)).status).toBe(200);
    world.clock.now += idleSeconds;
    expect((await whoIs(cookie)).status).toBe(401);

    const second = cookieOf(await signIn("lin.mei"));
    const from = world.clock.now;
    while (world.clock.now < from + sessionSeconds - idleSeconds) {
      world.clock.now += idleSeconds - 60;
      expect((await whoIs(second)).status).toBe(200);
    }
    world.clock.now = from + sessionSeconds;
    expect((await whoIs(second)).status).toBe(401);
    expect(world.clock.now).toBeGreaterThan(started);

    const third = cookieOf(await signIn("lin.mei"));
    expect((await world.ask("DELETE", "/sessions", { cookie: third })).status).toBe(200);
    expect((await whoIs(third)).status).toBe(401);

    const fourth = cookieOf(await signIn("lin.mei"));
    const admin = await world.bringIn("chief", "administrator");
    expect((await world.ask("DELETE", "/operators/lin.mei", { cookie: admin })).status).toBe(200);
    expect((await whoIs(fourth)).status).toBe(401);
    expect((await signIn("lin.mei")).status).toBe(401);
  });

  it("cannot be forged", async () => {
    const cookie = await world.bringIn("lin.mei", "viewer");
    const [name, secret = ""] = cookie.split("=");
    const forged = [
      `${name}=${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`,
      `${name}=`,
      `${name}=lin.mei`,
      `${name}=${"A".repeat(43)}`,
      `greenlane-operator=${secret}`,
      `${name}=' OR 1=1 --`,
    ];
    for (const each of forged) expect(await problemWord(await whoIs(each)), each).toBe("not-signed-in");
  });

  it("is of no use to a page elsewhere", async () => {
    const cookie = await world.bringIn("lin.mei", "administrator");
    const attempts = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
    ];
    for (const headers of attempts) {
      const json = { name: "evil.one", role: "administrator" };
      expect(await problemWord(await world.ask("POST", "/operators", { cookie, headers, json }))).toBe("other-origin");
      expect((await world.ask("DELETE", "/operators/lin.mei", { cookie, headers })).status).toBe(403);
    }
    const old = await world.app.request(`${world.url}/v1/admin/operators/lin.mei`, {
      method: "DELETE",
      headers: { cookie, host: new URL(world.url).host, origin: "https://evil.example" },
    });
    expect(await problemWord(old)).toBe("other-origin");
    expect((await world.ask("GET", "/overview", { cookie, headers: { "sec-fetch-site": "cross-site" } })).status).toBe(
      403,
    );
    expect(world.lines.filter(({ event }) => event === "console-refused").length).toBe(8);
    expect((await whoIs(cookie)).status).toBe(200);
  });
});

it("opens nothing without a session, and nothing that a role does not have, and records who tried", async () => {
  const paths = [
    ["GET", "/overview", "viewer"],
    ["GET", "/figures", "viewer"],
    ["GET", "/terminals", "viewer"],
    ["GET", "/transactions", "viewer"],
    ["GET", "/transactions/events", "viewer"],
    ["GET", `/transactions/t/${"A".repeat(22)}/1`, "viewer"],
    ["GET", "/receipts/7KQM-3F2-9XT4", "viewer"],
    ["GET", "/overrides", "viewer"],
    ["GET", "/quarantine", "viewer"],
    ["GET", "/passkeys", "viewer"],
    ["POST", "/passkeys", "viewer"],
    ["POST", "/passkeys/challenges", "viewer"],
    ["DELETE", "/passkeys/AAAA", "viewer"],
    ["POST", "/sites", "operator"],
    ["GET", "/objections", "viewer"],
    ["GET", "/objections/1", "operator"],
    ["POST", "/objections/1", "operator"],
    ["POST", "/terminals", "operator"],
    ["DELETE", "/terminals/t", "operator"],
    ["POST", "/reviews", "operator"],
    ["GET", "/exports", "operator"],
    ["POST", "/exports", "operator"],
    ["GET", "/exports/1", "operator"],
    ["GET", "/packs", "operator"],
    ["POST", "/pack-checks", "operator"],
    ["GET", "/rehearsals", "operator"],
    ["POST", "/rehearsals", "operator"],
    ["POST", "/list-rehearsals", "operator"],
    ["GET", "/rehearsals/1", "operator"],
    ["DELETE", "/rehearsals/1", "operator"],
    ["POST", "/rehearsals/1/publication", "administrator"],
    ["GET", "/operators", "administrator"],
    ["POST", "/operators", "administrator"],
    ["DELETE", "/operators/lin.mei", "administrator"],
    ["GET", "/acts", "administrator"],
  ] as const;
  const ranks = ["viewer", "operator", "administrator"];
  const documented = Object.entries((await (await world.app.request("/openapi.json")).json()).paths).flatMap(
    ([path, methods]) =>
      path.startsWith("/v1/admin/") && !/sessions|welcomes/.test(path) ? Object.keys(methods as object) : [],
  );
  expect(paths).toHaveLength(documented.length);
  const cookies = [await world.bringIn("a.viewer", "viewer"), await world.bringIn("an.operator", "operator")];
  for (const [method, path, role] of paths) {
    const json = method === "POST" ? {} : undefined;
    expect(await problemWord(await world.ask(method, path, { json })), path).toBe("not-signed-in");
    for (const [rank, cookie] of cookies.entries()) {
      if (rank >= ranks.indexOf(role)) continue;
      const before = (await world.acts()).length;
      expect(await problemWord(await world.ask(method, path, { json, cookie })), path).toBe("role-missing");
      expect(await world.acts()).toHaveLength(before + 1);
      expect((await world.acts())[0]).toMatchObject({
        act: "role-refused",
        by: rank === 0 ? "a.viewer" : "an.operator",
      });
    }
  }
});

it("takes no more than it says in any field", async () => {
  const cookie = await world.bringIn("chief", "administrator");
  const nasty = ["' OR '1'='1", '"><script>alert(1)</script>', "../../etc/passwd", "\0", "{{7*7}}", "a".repeat(5000)];
  for (const each of nasty) {
    const sent = [
      ["POST", "/sessions", { name: each, password: "x" }],
      ["POST", "/welcomes", { code: each, name: each, password }],
      ["POST", "/operators", { name: each, role: "viewer" }],
      ["POST", "/operators", { name: "fine", role: each }],
      ["POST", "/objections/1", { outcome: each, text: "x" }],
      ["POST", "/reviews", { of: { terminal: "t", epoch: each, seq: 1 }, verdict: "approved", note: "" }],
      ["POST", "/objections/1", { outcome: each, text: "x" }],
      ["POST", "/reviews", { of: { terminal: "t", epoch: "A".repeat(22), seq: 1 }, verdict: each, note: "" }],
      ["POST", "/exports", { format: each, since: null }],
      ["POST", "/rehearsals", { text: "{}", days: each }],
      ["POST", "/rehearsals/1/publication", { sha256: each }],
    ] as const;
    for (const [method, path, json] of sent) {
      const answer = await world.ask(method, path, { json, cookie });
      expect(answer.status, `${path} ${each.slice(0, 20)}`).toBe(400);
      expect(await answer.text()).not.toContain(each);
    }
    const asked = ["/receipts/", "/transactions/t/x/", "/operators/", "/terminals/", "/exports/"];
    for (const path of asked) {
      const answer = await world.ask(
        path.startsWith("/o") || path.startsWith("/te") ? "DELETE" : "GET",
        path + encodeURIComponent(each),
        { cookie },
      );
      expect([400, 404], path).toContain(answer.status);
    }
    const query = encodeURIComponent(each);
    for (const path of [`/transactions?before=${query}`, `/overrides?state=${query}`, `/terminals?state=${query}`]) {
      expect((await world.ask("GET", path, { cookie })).status, path).toBe(400);
    }
    if (each.length < 100) {
      const answer = await world.ask("GET", `/terminals?find=${query}`, { cookie });
      expect(await answer.json()).toEqual({ total: 0, rows: [], next: null });
    }
  }
  expect((await world.operators.operators()).map(({ name }) => name)).toEqual(["chief"]);
});
