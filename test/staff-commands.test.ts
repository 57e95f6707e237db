/** `staff` on the command line: badges that terminals believe, taken back by the bundle, and bad input that changes nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { runCli } from "../edge-server/cli.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { fromUtf8 } from "../shared/bytes.ts";
import { readTyped } from "../shared/cose.ts";
import { pseudonymOf } from "../shared/log.ts";
import { openTrust } from "../shared/trust.ts";
import { verify } from "../shared/verify.ts";
import { makeKey } from "./operator-world.ts";

const folder = mkdtempSync(join(tmpdir(), "staff-"));
const environment = { GREENLANE_DATA: join(folder, "records") };
const paths = pathsIn(environment.GREENLANE_DATA);
const at = (name: string, content: unknown): string => {
  writeFileSync(join(folder, name), JSON.stringify(content));
  return join(folder, name);
};

const run = async (...words: readonly string[]) => {
  const said = { out: "", err: "" };
  const sink = (name: keyof typeof said) =>
    new Writable({
      write: (chunk, _, done) => {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await runCli(words, environment, { out: sink("out"), err: sink("err") });
  return { code, ...said };
};
const mustJson = async (...words: readonly string[]) => {
  const { code, out, err } = await run(...words, "--json");
  expect([code, err], words.join(" ")).toEqual([0, ""]);
  return JSON.parse(out);
};

/** What a terminal is told. */
const staffArtefact = (): unknown => {
  const store = createSqlitePublishedStore(paths.published);
  const artefact = store.read()?.artefacts.find(({ entry }) => entry.name === "staff");
  const bytes = store.artefact(artefact?.entry.encodings[0]?.sha256 ?? "");
  store.close();
  const signed = bytes === null ? null : readTyped(bytes, "staff");
  return signed === null ? null : JSON.parse(fromUtf8(signed.payload) ?? "");
};

const staffIn = () => {
  const registry = createSqliteRegistry(paths.registry);
  const kept = { staff: registry.staff(), rules: registry.staffRules(), issuers: registry.issuers() };
  registry.close();
  return kept;
};

const pack = JSON.parse(
  readFileSync(join(import.meta.dirname, "../shared/programmes/fuzhou-moli.json"), "utf8"),
) as object;
const lin = ["--name", "Lin", "--role", "assistant", "--site", "east-gate,west-gate"];
let badge: { staff: string; code: string };

beforeAll(async () => {
  await mustJson("programme", "add", at("pack.json", pack));
  badge = await mustJson("staff", "add", ...lin);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a badge", () => {
  it("is genuine to every terminal of the operator, says role and sites, and is kept nowhere", async () => {
    const trust = await openTrust(staffIn().issuers);
    if (trust.kind === "invalid") throw new Error(trust.error);
    const verified = await verify(badge.code, trust.value, Math.floor(Date.now() / 1000));
    expect(verified).toMatchObject({
      kind: "verified",
      presentation: { use: "staff", form: "bearer", role: "assistant", sites: ["east-gate", "west-gate"] },
    });
    if (verified.kind === "fault") return;
    const { operator } = await openKeyFiles(paths.keys);
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", operator.bytes, hmac, false, ["sign"]);
    expect(await pseudonymOf(key, "staff", verified.presentation.sub)).toBe(badge.staff);
    expect(JSON.stringify(staffIn())).not.toContain(verified.presentation.sub);
  });

  it("is printed as a code, with what to do when it is lost", async () => {
    const { code, out } = await run("staff", "add", "--name", "Zhou", "--role", "technician", "--site", "east-gate");
    expect(code).toBe(0);
    expect(out).toContain("staff revoke");
    expect(out).toContain("▀");
  });

  it("has its security key in the bundle, and both are gone from it when it is revoked", async () => {
    const key = await makeKey("P-256");
    const spki = Buffer.from(await crypto.subtle.exportKey("spki", key.cryptoKey)).toString("base64url");
    const wu = await mustJson("staff", "add", "--name", "Wu", "--role", "supervisor", "--site", "east-gate");
    await mustJson("staff", "key", wu.staff, at("key.json", { id: "abc", spki }));
    expect(staffArtefact()).toEqual({ v: 1, revoked: [], keys: [{ staff: wu.staff, id: "abc", jwk: key.jwk }] });

    const taken = await run("staff", "key", badge.staff, at("key.json", { id: "abc", spki }));
    expect([taken.code, taken.err]).toEqual([2, expect.stringContaining("a key is one person's")]);

    await mustJson("staff", "revoke", wu.staff);
    expect(staffArtefact()).toEqual({ v: 1, revoked: [wu.staff] });
    const list = (await mustJson("staff", "list")) as readonly { name: string; state: string }[];
    expect(list.find(({ name }) => name === "Wu")?.state).toBe("revoked");
    expect((await run("staff", "add", "--name", "Wu", "--role", "supervisor", "--site", "east-gate")).code).toBe(0);
  });
});

describe("a badge on a phone", () => {
  const zheng = ["staff", "add", "--name", "Zheng", "--role", "assistant", "--site", "east-gate", "--phone"];
  const inList = async (name: string) =>
    ((await mustJson("staff", "list")) as readonly { name: string; state: string; staff: string }[]).filter(
      (row) => row.name === name,
    );

  it("is a link, printed once with what to do when the phone is lost; nobody has two", async () => {
    const { staff, link, code } = await mustJson(...zheng);
    expect(link).toMatch(/^http:\/\/localhost:\d+\/wallet\/#badge=[A-Za-z0-9_-]{22}$/);
    expect(code).toBe(undefined);
    expect(JSON.stringify(staffIn())).not.toContain(link.slice(-22));
    expect(await inList("Zheng")).toMatchObject([{ staff, state: "link not opened" }]);
    expect((await run(...zheng)).err).toContain(`has a badge, ${staff}`);
    await mustJson("staff", "revoke", staff);
    expect(staffArtefact()).toMatchObject({ revoked: expect.arrayContaining([staff]) });
    const { code: exit, out } = await run(...zheng);
    expect([exit, out]).toEqual([0, expect.stringMatching(/within 15 minutes; it works once.*staff revoke/)]);
    expect(out).toContain("▀");
  });

  it("whose link nobody opened in time is none: the same person gets another", async () => {
    const registry = createSqliteRegistry(paths.registry);
    for (const row of registry.staff()) {
      if (row.name === "Zheng" && row.phone !== undefined) {
        registry.putStaff({ ...row, phone: { ...row.phone, linkUntil: 1_800_000 } });
      }
    }
    registry.close();
    expect((await inList("Zheng")).map(({ state }) => state)).toEqual(["revoked", "link ended"]);
    await mustJson(...zheng);
    expect((await inList("Zheng")).map(({ state }) => state)).toEqual(["revoked", "link ended", "link not opened"]);
  });
});

describe("rules", () => {
  it("come with the policy", async () => {
    const rules = (await mustJson("staff", "rules")) as object;
    const changed = { ...rules, keyFor: ["open"], coolDownSeconds: 5 };
    expect(await mustJson("staff", "rules", at("rules.json", changed))).toMatchObject({ keyFor: ["open"] });
    expect(staffIn().rules).toEqual(changed);
    expect(await mustJson("staff", "rules")).toEqual(changed);
  });
});

describe("bad input: one line, not zero, nothing changed", () => {
  const add = (name: string, role: string) => ["staff", "add", "--name", name, "--role", role];
  it.each([
    ["no name", ["staff", "add", "--role", "assistant", "--site", "a"], "--name is missing"],
    ["an empty name", [...add(" ", "assistant"), "--site", "a"], "--name must have"],
    ["an unknown role", [...add("A", "boss"), "--site", "a"], "it can be assistant, supervisor, technician"],
    ["a site that is none", [...add("A", "assistant"), "--site", "a b"], "--site"],
    ["too many sites", [...add("A", "assistant"), "--site", Array(21).fill("a").join(",")], "at most 20"],
    ["sites that fit into no code", [...add("A", "assistant"), "--site", `${"a".repeat(64)},`.repeat(6)], "--site"],
    ["a second badge for one person", ["staff", "add", ...lin], "has a badge"],
    ["no such badge to revoke", ["staff", "revoke", "x"], "no badge x"],
    ["no such badge for a key", ["staff", "key", "x", at("k.json", { id: "a", spki: "" })], "no public"],
    ["a key that nobody made known", ["staff", "key", "BADGE"], "has made no security key known"],
    ["rules with a misspelt field", ["staff", "rules", at("r.json", { shift: 1 })], "shiftSeconds"],
    ["rules for an act that is none", ["staff", "rules", at("r2.json", badRules())], "keyFor"],
  ])("%s", async (_, words, said) => {
    const before = staffIn();
    const { code, out, err } = await run(...words.map((word) => (word === "BADGE" ? badge.staff : word)));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(said);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(staffIn()).toEqual(before);
  });

  it("no programme yet", async () => {
    const elsewhere = { GREENLANE_DATA: join(folder, "empty") };
    const sink = new Writable({ write: (_, __, done) => done() });
    expect(await runCli(["staff", "add", ...lin], elsewhere, { out: sink, err: sink })).toBe(2);
  });
});

function badRules(): object {
  const limit = { permit: 1, open: 1, annul: 1 };
  return { shiftSeconds: 100, limits: { assistant: limit, supervisor: limit }, coolDownSeconds: 1, keyFor: ["x"] };
}
