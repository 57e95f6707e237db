import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { runCli } from "../edge-server/cli.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { decodeCbor, readSign1, verifySign1 } from "../shared/cose.ts";
import { issueCredential, present, toQrText } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { makeKey } from "./operator-world.ts";

/** The command line in a folder of its own: the real program where it starts, else its one function, which is faster. */

type Vectors = {
  readonly trust: readonly { readonly jwk: unknown }[];
  readonly read: readonly { now: number; text: string; expect: object }[];
  readonly refuse: readonly { now: number; text: string; fault: string }[];
};
const vectors: Vectors = JSON.parse(readFileSync(new URL("./vectors/formats-v1.json", import.meta.url), "utf8"));

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "cli-"));
const dataFolder = join(folder, "records");
const paths = pathsIn(dataFolder);
const packFile = join(root, "shared/programmes/fuzhou-moli.json");
const at = (name: string) => join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

type Ran = { readonly code: number; readonly out: string; readonly err: string };
const spawn = (words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, GREENLANE_DATA: dataFolder, ...environment };
    execFile(process.execPath, [join(root, "edge-server/cli.ts"), ...words], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
    );
  });
const run = async (words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> => {
  const said = { out: "", err: "" };
  const sink = (name: keyof typeof said) =>
    new Writable({
      write: (chunk, _, done) => {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await runCli(
    words,
    { GREENLANE_DATA: dataFolder, ...environment },
    { out: sink("out"), err: sink("err") },
  );
  return { code, ...said };
};
const must = async (...words: readonly string[]): Promise<string> => {
  const { code, out, err } = await run(words);
  expect([code, err], words.join(" ")).toEqual([0, ""]);
  return out;
};
const mustJson = async (...words: readonly string[]) => JSON.parse(await must(...words, "--json"));

/** Everything that a command could have changed. */
const readAll = () => {
  const registry = createSqliteRegistry(paths.registry);
  const store = createSqlitePublishedStore(paths.published);
  const all = [registry.packs(), registry.issuers(), registry.lists(), registry.terminals(), store.version()];
  registry.close();
  store.close();
  return { all, files: readdirSync(folder), keys: readdirSync(paths.keys) };
};

const pack = JSON.parse(readFileSync(packFile, "utf8"));
const scores = ["--programme", "fuzhou-moli", "--list", "a"] as const;
const gate = ["--programme", "fuzhou-moli", "--profile", "metro", "--site", "dongjiekou", "--name", "Gate 1"] as const;
let issuer: SigningKey;

beforeAll(async () => {
  issuer = await makeKey();
  write("issuer.jwk", JSON.stringify(issuer.jwk));
  await must("programme", "add", packFile);
  await must("issuer", "trust", at("issuer.jwk"), "--programme", "fuzhou-moli", "--name", "Moli office");
  write("scores.csv", "idx,score\n0,720\n1,650\n2,\n3,suspended\n5,revoked\n4,1000\n");
  await must("scores", "publish", at("scores.csv"), ...scores);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe("programme", () => {
  it("lists what is in force", async () => {
    expect(await must("programme", "list")).toMatch(/fare-20-off +from 697 +\(S\)/);
    expect(await mustJson("programme", "list")).toMatchObject([{ programme: "fuzhou-moli", version: pack.version }]);
  });

  it("says which perk grants nothing yet", async () => {
    const metro = pack.services.metro;
    const perks = [{ ...metro.perks[0], atLeast: "unknown", certainty: "unknown" }];
    const other = { ...pack, programme: "huizhou", services: { metro: { ...metro, perks } } };
    const out = await must("programme", "add", write("huizhou.json", JSON.stringify(other)));
    expect(out).toContain("grants nothing until its threshold is set");
  });
});

describe("programme recognise", () => {
  it("publishes how visitors are served, and takes it back", async () => {
    const visitors = { ...pack, programme: "visitors", services: {} };
    await must("programme", "add", write("visitors.json", JSON.stringify(visitors)));
    const said = await must("programme", "recognise", "visitors", "--at", "fuzhou-moli", "--scores", "650=650,750=697");
    expect(said).toContain("from 650 what 650 has, from 750 what 697 has");
    const again = await mustJson("programme", "recognise", "visitors", "--at", "fuzhou-moli", "--none");
    expect(again).toMatchObject({ visitor: "visitors", here: "fuzhou-moli", scores: [] });
  });
});

describe("programme check", () => {
  it("says that a pack is right, and what of it still has to be set", async () => {
    const out = await must("programme", "check", packFile);
    expect(out).toMatch(/power-bank +free-3-hours +from 650 +\(S\)/);
    expect(out).toMatch(/desk +ordinary deposit +stays as it is until it is set +\(unknown\)/);
    expect(await mustJson("programme", "check", packFile)).toMatchObject({ findings: [], programme: "fuzhou-moli" });
  });

  it("says everything that is wrong, by line and column, and is not zero", async () => {
    const text = readFileSync(packFile, "utf8")
      .replace('"scale"', '"skale"')
      .replace('"priceFactor": 800', '"priceFactor": 901');
    const { code, out, err } = await run(["programme", "check", write("bad.json", text)]);
    expect([code, err]).toEqual([1, ""]);
    expect(out).toMatch(/bad\.json:\d+:3 {2}skale: there is no such field; did you mean scale\?\n/);
    expect(out).toMatch(/fare-20-off is worse than the ordinary service in priceFactor; a score only adds\n/);
    expect(out).toMatch(/\n2 errors\n$/);
    const json = await run(["programme", "check", at("bad.json"), "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out).findings).toHaveLength(2);
  });
});

describe("issuer", () => {
  it("trusts, lists and revokes", async () => {
    const key = await makeKey("P-256");
    write("staff.jwk", JSON.stringify(key.jwk));
    const staff = ["--programme", "fuzhou-moli", "--use", "staff", "--sites", "east-library,west-lake"];
    const trusted = await mustJson("issuer", "trust", at("staff.jwk"), ...staff);
    expect(trusted).toMatchObject({ kid: key.kid, use: "staff", sites: ["east-library", "west-lake"] });
    expect(await must("issuer", "list")).toMatch(new RegExp(`${issuer.kid} .*trusted .*Moli office`));
    await must("issuer", "revoke", key.kid);
    const listed = await mustJson("issuer", "list");
    expect(listed).toMatchObject([{ kid: issuer.kid }, { kid: key.kid, revokedAt: expect.any(Number) }]);
    const again = await run(["issuer", "trust", at("staff.jwk"), ...staff]);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("was revoked") });
  });
});

describe("scores", () => {
  it("exports what was published as a standard Token Status List", async () => {
    await must("scores", "export", ...scores, "--out", at("a.cwt"));
    const cwt = readSign1(new Uint8Array(readFileSync(at("a.cwt"))), [1, 4, 16]);
    const publisher = (await (await openKeyFiles(paths.keys)).held()).publisher.at(-1);
    if (cwt === null || publisher === undefined) throw new Error("not a COSE_Sign1");
    expect(await verifySign1(cwt, publisher)).toBe("ok");
    expect(cwt.header.get(16)).toBe("application/statuslist+cwt");
    const claims = decodeCbor(cwt.payload)?.value as Map<number, unknown>;
    expect(claims.get(2)).toBe("a");
    expect(Number(claims.get(4))).toBeGreaterThan(Number(claims.get(6)));
    const list = claims.get(65533) as Map<string, unknown>;
    expect(list.get("bits")).toBe(4);
    expect([...inflateSync(list.get("lst") as Uint8Array)]).toEqual([0x3c, 0x20, 0x1d]);
  });

  it("publishes again as the next version, by bands too", async () => {
    const bands = write("bands.csv", "\uFEFFidx,band\r\n0,1\r\n1,2\r\n2,3\r\n3,4\r\n4,5\r\n5,\r\n8,revoked\r\n");
    const other = ["--programme", "fuzhou-moli", "--list", "b"];
    expect(await mustJson("scores", "publish", bands, ...other)).toMatchObject({ version: 1, entries: 9, rows: 7 });
    const out = await must("scores", "publish", bands, ...other);
    expect(out).toContain("List b of fuzhou-moli, version 2");
    expect(out).toContain("9 places, 2 of them without a row");
    expect(out).toContain("no cut for band 4");
    await must("scores", "export", ...other, "--out", at("b.cwt"));
    const registry = createSqliteRegistry(paths.registry);
    expect(registry.list({ programme: "fuzhou-moli", list: "b" })?.packed).toEqual(
      Uint8Array.of(0xc3, 0xed, 0x0f, 0x00, 0x01),
    );
    registry.close();
  });
});

describe("restrictions", () => {
  const list = ["--programme", "fuzhou-moli", "--list", "restricted"] as const;
  const bands = () => write("restricted.csv", "idx,band\n0,1\n1,2\n2,3\n");
  const restricted = () =>
    write("restrictions.csv", 'idx,basis,until,appeal\n1,"a law, article 2",4102444800,a court\n');

  it("hold for the next list as well, until they end or others take their place, and stay here", async () => {
    const first = await mustJson("scores", "publish", bands(), ...list, "--restrictions", restricted());
    expect(first).toMatchObject({ version: 1, entries: 3, restrictions: 1, patches: [] });
    expect(first.snapshotBytes).toBeGreaterThan(0);
    expect(await mustJson("scores", "publish", bands(), ...list)).toMatchObject({ version: 2, restrictions: 1 });
    await must("scores", "export", ...list, "--out", at("restricted.cwt"));
    const exported = readSign1(new Uint8Array(readFileSync(at("restricted.cwt"))), [1, 4, 16]);
    const claims = decodeCbor(exported?.payload ?? new Uint8Array(0))?.value as Map<number, Map<string, unknown>>;
    expect([...inflateSync(claims.get(65533)?.get("lst") as Uint8Array)]).toEqual([0x03, 0x0d]);

    const none = write("nobody.csv", "idx,basis,until,appeal\n");
    const out = await must("scores", "publish", bands(), ...list);
    expect(out).toContain("1 restriction in force");
    expect(await mustJson("scores", "publish", bands(), ...list, "--restrictions", none)).toMatchObject({
      version: 4,
      restrictions: 0,
    });
  });

  it("are counted in the list of lists", async () => {
    await must("scores", "publish", bands(), ...list, "--restrictions", restricted());
    const rows = await mustJson("scores", "list");
    expect(rows.map(({ list: name }: { list: string }) => name)).toEqual(["a", "b", "restricted"]);
    expect(rows[2]).toMatchObject({ programme: "fuzhou-moli", version: 5, entries: 3, cuts: 1, restrictions: 1 });
    expect(await must("scores", "list")).toMatch(/fuzhou-moli\s+restricted\s+5\s+3\s+1\s+\d+ bytes\s+\d+\s+1/);
  });
});

describe("root", () => {
  it("lists the keys that are in force, and rotates them", async () => {
    const before = await mustJson("root", "list");
    expect(before).toMatchObject({ threshold: 1, firstRoot: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const inForce = (listed: typeof before, use: string): string =>
      listed.keys.find((key: { use: string; state: string }) => key.use === use && key.state === "in force").kid;
    const rotated = await mustJson("root", "rotate", "--publisher", "--edge");
    expect(rotated).toMatchObject({ root: before.root + 1, keys: [{ use: "publisher" }, { use: "edge" }] });
    const after = await mustJson("root", "list");
    expect(after.firstRoot).toBe(before.firstRoot);
    expect(inForce(after, "root")).toBe(inForce(before, "root"));
    expect(inForce(after, "publisher")).toBe(rotated.keys[0].kid);
    const old = after.keys.find(({ kid }: { kid: string }) => kid === inForce(before, "publisher"));
    expect(old).toMatchObject({ state: "replaced", isHere: true });
    expect(after.keys.find(({ kid }: { kid: string }) => kid === inForce(before, "edge"))).toMatchObject({
      validUntil: expect.any(Number),
    });
    const out = await must("root", "list");
    expect(out).toMatch(new RegExp(`${rotated.keys[1].kid}\\s+edge\\s+in force\\s+since root ${after.root}`));
    expect(await must("ledger", "verify")).toContain("Nothing is wrong");
  });
});

describe("terminal", () => {
  it("enrols, lists and revokes", async () => {
    const enrolled = await mustJson("terminal", "enrol", ...gate, "--action", "exit");
    expect(Object.keys(enrolled)).toEqual(["id", "link"]);
    expect(enrolled.link).toMatch(/^http:\/\/localhost:8787\/kiosk\/#enrol=[\w-]{22}\.[\w-]{43}$/);
    expect(await mustJson("terminal", "list")).toMatchObject([
      { id: enrolled.id, state: "not enrolled", profile: { service: "metro", action: "exit", site: "dongjiekou" } },
    ]);
    await must("terminal", "revoke", enrolled.id);
    expect(await must("terminal", "list")).toMatch(new RegExp(`${enrolled.id} .*revoked`));
  });

  it("has its site put on the map, and taken off again", async () => {
    await mustJson("terminal", "enrol", ...gate);
    const placed = () => {
      const registry = createSqliteRegistry(paths.registry);
      const places = [...registry.places()];
      registry.close();
      return places;
    };
    const at = { lat: 26.0745, lon: -119.2965 };
    expect(await mustJson("site", "place", "dongjiekou", "--at", "26.0745,-119.2965")).toEqual({
      site: "dongjiekou",
      at,
    });
    expect(placed()).toEqual([["dongjiekou", at]]);
    for (const [wrong, error] of [
      [["nowhere", "--at", "1,2"], "no terminal stands at nowhere"],
      [["dongjiekou"], "--at is missing"],
      ...["91,2", "1,181", "1", "a,b", "1,2,3", "1, 2", ",", "1e1,2"].map((text) => [
        ["dongjiekou", "--at", text],
        `--at is "${text}"`,
      ]),
    ] as [string[], string][]) {
      const { code, err } = await run(["site", "place", ...wrong]);
      expect([code, err], error).toEqual([2, expect.stringContaining(error)]);
    }
    expect(placed()).toEqual([["dongjiekou", at]]);
    await must("site", "place", "dongjiekou", "--at", "none");
    expect(placed()).toEqual([]);
  });

  it("prints the link as a QR code, with the address that was set", async () => {
    const { out } = await run(["terminal", "enrol", ...gate], { GREENLANE_URL: "https://edge.example.org/" });
    expect(out).toContain("https://edge.example.org/kiosk/#enrol=");
    expect(out).toContain("█▀");
  });
});

describe("code check", () => {
  const trust = () => write("trust.json", JSON.stringify(vectors));

  it.each([0, 3])("reads vector %i as it says", async (index) => {
    const vector = vectors.read[index];
    if (vector === undefined) throw new Error("no such vector");
    const words = ["code", "check", vector.text, "--now", String(vector.now), "--trust", trust(), "--json"];
    const { code, out } = await run(words);
    expect([code, JSON.parse(out)]).toEqual([0, vector.expect]);
  });

  it.each([0, 1, 12])("refuses vector %i with its fault", async (index) => {
    const vector = vectors.refuse[index];
    if (vector === undefined) throw new Error("no such vector");
    const words = ["code", "check", vector.text, "--now", String(vector.now), "--trust", trust(), "--json"];
    const { code, out } = await run(words);
    expect([code, JSON.parse(out)]).toEqual([1, { fault: vector.fault }]);
  });

  it("needs no more of a trust file than the keys", async () => {
    const [vector] = vectors.read;
    if (vector === undefined) throw new Error("no vectors");
    const keys = write("keys.json", JSON.stringify({ trust: vectors.trust.map(({ jwk }) => ({ jwk })) }));
    expect(await mustJson("code", "check", vector.text, "--now", String(vector.now), "--trust", keys)).toEqual(
      vector.expect,
    );
  });

  it("trusts the registry's issuers, and takes the time that it is", async () => {
    const phone = await makeKey();
    const iat = Math.floor(Date.now() / 1000);
    const status = { uri: "a", index: 0 };
    const credential = await issueCredential(
      { sub: "subject-1", iat, exp: iat + 1000, holder: phone.jwk, status },
      issuer,
    );
    const out = await must("code", "check", toQrText(await present(credential, phone, iat)));
    expect(out).toContain("Genuine and current");
    expect(out).toContain(issuer.kid);
  });
});

describe("ledger", () => {
  it("exports and verifies, empty as it is", async () => {
    expect(await must("ledger", "export")).toBe("");
    expect(await must("ledger", "export", "--format", "csv", "--since", "0")).toMatch(
      /^terminal,epoch,seq,hash,at,kind/,
    );
    expect(await must("ledger", "verify")).toContain("Nothing is wrong");
    expect(await mustJson("ledger", "verify", write("empty.ndjson", ""))).toMatchObject({ entries: 0, problems: [] });
  });
});

describe("the program itself", () => {
  it("says what it has done on one stream, what is wrong on the other, and by its exit code", async () => {
    const [good, bad, fault] = await Promise.all([
      spawn(["programme", "list", "--json"]),
      spawn(["programme", "add", at("none.json")]),
      spawn(["code", "check", "hello", "--json"]),
    ]);
    expect([good.code, good.err, JSON.parse(good.out)[0].programme]).toEqual([0, "", "fuzhou-moli"]);
    expect(bad).toEqual({ code: 2, out: "", err: expect.stringMatching(/^greenlane: programme add: .*\n$/) });
    expect([fault.code, fault.err, JSON.parse(fault.out)]).toEqual([1, "", { fault: "not-ours" }]);
  }, 30_000);
});

describe("serve", () => {
  it("makes the demo city at a first start, prints where, and stops when told", async () => {
    const env = { PATH: process.env.PATH, GREENLANE_DATA: at("demo"), PORT: "0" };
    const server = execFile(process.execPath, [join(root, "edge-server/cli.ts"), "serve"], { env });
    const ended = new Promise<number | null>((resolve) => server.on("exit", resolve));
    const said = await new Promise<string>((resolve) => {
      let text = "";
      server.stdout?.on("data", (chunk) => {
        text += String(chunk);
        if (text.includes("enrol station-1")) resolve(text);
      });
    });
    expect(said).toMatch(/Greenlane is ready: http:\/\/localhost:\d+\//);
    const { out } = await run(["terminal", "list", "--json"], { GREENLANE_DATA: at("demo") });
    expect(JSON.parse(out).map(({ id }: { id: string }) => id)).toEqual(["gate-1", "desk-1", "station-1"]);
    server.kill("SIGTERM");
    expect(await ended).toBe(0);
  }, 30_000);
});

describe("help", () => {
  it.each([
    [["--help"], "scores publish"],
    [["terminal", "--help"], "terminal revoke"],
    [["scores", "publish", "--help"], "header idx,score"],
    [["serve", "-h"], "GREENLANE_DATA"],
  ])("%s", async (words, expected) => {
    const elsewhere = at("untouched");
    const { code, out, err } = await run(words, { GREENLANE_DATA: elsewhere });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(expected);
    expect(existsSync(elsewhere)).toBe(false);
  });
});

describe("bad input: one line, not zero, nothing changed", () => {
  const csv = (content: string | Uint8Array) => ["scores", "publish", write("bad.csv", content), ...scores];
  const rows = (row: string) => csv(`idx,score\n0,720\n${row}\n`);
  const edited = (change: object) => ["programme", "add", write("bad.json", JSON.stringify({ ...pack, ...change }))];
  const metro = pack.services.metro;
  const worse = { ...metro.perks[0], terms: { priceFactor: 950 } };
  const trust = ["--programme", "fuzhou-moli"];
  const key = (content: unknown) => ["issuer", "trust", write("bad.jwk", JSON.stringify(content)), ...trust];
  const code = ["code", "check", "GL1:XX"];
  const restrict = (content: string) => [
    ...csv("idx,score\n0,720\n1,650\n"),
    "--restrictions",
    write("bad-restrictions.csv", `idx,basis,until,appeal\n${content}`),
  ];

  const cases: readonly (readonly [string, () => readonly string[], string])[] = [
    ["no command", () => [], "which command?"],
    [
      "an unknown one",
      () => ["programme", "remove"],
      "it can be programme add, programme check, programme list, programme recognise",
    ],
    ["an unknown option", () => ["programme", "list", "--all"], "'--all'"],
    ["an option twice", () => ["terminal", "enrol", ...gate, "--name", "Gate 2"], "--name stands there twice"],
    ["too much", () => ["terminal", "list", "x"], "too much"],
    ["no pack", () => ["programme", "add"], "something is missing"],
    ["a pack that is not there", () => ["programme", "add", at("none.json")], "there is no such file"],
    ["a folder for a pack", () => ["programme", "add", folder], "is not a file"],
    ["a pack that is no JSON", () => ["programme", "add", write("bad.json", "{")], "not JSON"],
    ["a pack in another encoding", () => ["programme", "add", write("bad.json", Uint8Array.of(0xff, 0xfe))], "UTF-8"],
    ["a pack with a misspelt field", () => edited({ nmae: 1 }), "nmae"],
    [
      "a perk that is worse than the ordinary service",
      () => edited({ services: { metro: { ...metro, perks: [worse] } } }),
      "worse than the ordinary service",
    ],
    [
      "other cuts under the same version",
      () => edited({ cuts: { version: 1, at: [600, 650, 697, 750] } }),
      "cuts.version",
    ],
    ["another pack under the version in force", () => edited({ context: "elsewhere" }), "version must be above"],
    ["another currency", () => edited({ currency: "EUR" }), "the operator's in CNY"],
    [
      "nobody to recognise",
      () => ["programme", "recognise", "zhima", "--at", "fuzhou-moli", "--scores", "1=650"],
      "no pack of zhima",
    ],
    [
      "a score that is none",
      () => ["programme", "recognise", "zhima", "--at", "fuzhou-moli", "--scores", "high"],
      "501=650,701=697",
    ],
    ["neither scores nor none", () => ["programme", "recognise", "zhima", "--at", "fuzhou-moli"], "say either"],
    ["no place to recognise at", () => ["programme", "recognise", "zhima", "--none"], "--at is missing"],
    ["no pack to check", () => ["programme", "check"], "something is missing"],
    ["a pack to check that is not there", () => ["programme", "check", at("none.json")], "there is no such file"],
    ["a version below the one in force", () => edited({ version: 0 }), `version ${pack.version} is in force`],
    ["a private key", () => key({ ...issuer.jwk, d: issuer.jwk.x }), "holds a private key"],
    ["no key", () => key({ kty: "RSA" }), "not a public Ed25519 or P-256 key"],
    ["no programme for a key", () => ["issuer", "trust", at("issuer.jwk")], "--programme is missing"],
    ["an unknown programme", () => ["issuer", "trust", at("issuer.jwk"), "--programme", "x"], "no programme x"],
    ["an unknown use", () => ["issuer", "trust", at("issuer.jwk"), ...trust, "--use", "root"], "--use"],
    ["another use for a key", () => ["issuer", "trust", at("issuer.jwk"), ...trust, "--use", "staff"], "one use"],
    ["sites for a citizen's issuer", () => ["issuer", "trust", at("issuer.jwk"), ...trust, "--sites", "a"], "--sites"],
    ["no kid", () => ["issuer", "revoke", "XYZ"], "is not a kid"],
    ["an unknown kid", () => ["issuer", "revoke", "0".repeat(16)], "no issuer"],
    ["no scores", () => csv(""), "line 1: the header must be"],
    ["another header", () => csv("index,score\n0,1\n"), "line 1: the header must be"],
    ["only a header", () => csv("idx,score\n"), "there are no rows"],
    ["UTF-16", () => csv(new Uint8Array(Buffer.from("\uFEFFidx,score\n0,1\n", "utf16le"))), "line 1: "],
    ["an index twice", () => rows("0,650"), "line 3: idx 0 was there before"],
    ["no index", () => rows(",650"), "line 3: the idx is missing"],
    ["a negative index", () => rows("-1,650"), "line 3: the idx must be a whole number"],
    ["a fractional index", () => rows("1.5,650"), "line 3: the idx must be a whole number"],
    ["a huge index", () => rows("99999999,650"), "line 3: the idx must be below"],
    ["an endless index", () => rows(`${"9".repeat(100)},650`), "line 3: the idx must be below"],
    ["a word for a score", () => rows("1,excellent"), "line 3: the value must be"],
    ["a score outside the scale", () => rows("1,1001"), "line 3: the score is outside"],
    ["a score below the scale", () => rows("1,-1"), "line 3: the score is outside"],
    ["a third column", () => rows("1,650,x"), "line 3: the value must be"],
    ["one column", () => rows("1"), "line 3: it must be idx,value"],
    ["an empty line in between", () => rows("\n2,650"), "line 4: there are lines after an empty one"],
    ["letters of another alphabet", () => rows("１,650"), "line 3: it is not UTF-8 text of digits"],
    ["a line without an end", () => rows(`1,${"x".repeat(2_000_000)}`), "line 3: the line is too long"],
    ["a band of 6", () => csv("idx,band\n0,6\n"), "line 2: a band is 1 to 5"],
    ["a band of 0", () => csv("idx,band\n0,0\n"), "line 2: a band is 1 to 5"],
    ["scores that are not there", () => ["scores", "publish", at("none.csv"), ...scores], "there is no such file"],
    ["a folder for scores", () => ["scores", "publish", folder, ...scores], "it is a folder"],
    ["a list name that no artefact has", () => [...rows("1,1").slice(0, 5), "--list", "A/B"], "--list"],
    ["scores of nobody", () => [...rows("1,1").slice(0, 3), "--programme", "x", "--list", "a"], "no programme x"],
    ["a restriction without a basis", () => restrict("0,,2099-01-01,a court\n"), "restrictions.csv, line 2: the basis"],
    ["one without an end", () => restrict("1,a law,,a court\n"), "line 2: the end is missing"],
    ["one that is over", () => restrict("1,a law,2001-01-01,a court\n"), "line 2: it is over already"],
    ["one past the end of the list", () => restrict("2,a law,2099-01-01,a court\n"), "line 2: the list has no idx 2"],
    ["one twice", () => restrict("1,a law,2099-01-01,x\n1,a law,2099-01-01,x\n"), "line 3: idx 1 was there before"],
    ["no restrictions", () => [...csv("idx,score\n0,1\n"), "--restrictions", at("none.csv.none")], "no such file"],
    ["a rotation of nothing", () => ["root", "rotate"], "say which keys"],
    ["a rotation of what is none", () => ["root", "rotate", "--operator"], "'--operator'"],
    ["no folder to export to", () => ["bundle", "export"], "--out is missing"],
    ["no folder to import", () => ["bundle", "import", at("nowhere")], "there is no such file or folder"],
    ["no list to export", () => ["scores", "export", ...trust, "--list", "z", "--out", at("z")], "no list z"],
    ["nowhere to export to", () => ["scores", "export", ...scores, "--out", at("no/z")], "no such file or folder"],
    ["no site", () => ["terminal", "enrol", ...gate.slice(0, 4), "--name", "x"], "--site is missing"],
    [
      "a profile that is none",
      () => ["terminal", "enrol", ...trust, "--profile", "tram", ...gate.slice(4)],
      "--profile",
    ],
    [
      "a service without rules",
      () => ["terminal", "enrol", ...trust, "--profile", "bike", ...gate.slice(4)],
      "no rules",
    ],
    [
      "no dock",
      () => ["terminal", "enrol", ...trust, "--profile", "bike", ...gate.slice(4), "--docks", "0"],
      "--docks",
    ],
    ["tasks at a gate", () => ["terminal", "enrol", ...gate, "--tasks", "shift"], "--tasks is for desks"],
    ["an action at a gate that is none", () => ["terminal", "enrol", ...gate, "--action", "up"], "--action"],
    ["a controller elsewhere", () => ["terminal", "enrol", ...gate, "--actuator", "http://10.0.0.1/"], "--actuator"],
    ["a serial line that is none", () => ["terminal", "enrol", ...gate, "--actuator", "serial:lines?coil=1"], "coil"],
    [
      "a relay for docks",
      () => ["terminal", "enrol", ...trust, "--profile", "bike", ...gate.slice(4), "--actuator", "serial:modbus"],
      "no docks",
    ],
    [
      "a relay that takes no item back",
      () => ["terminal", "enrol", ...trust, "--profile", "library", ...gate.slice(4), "--actuator", "serial:modbus"],
      "accept=N",
    ],
    ["an unknown terminal", () => ["terminal", "revoke", "nobody"], "no terminal nobody"],
    ["no time", () => [...code, "--now", "yesterday"], "--now"],
    ["a trust file that is none", () => [...code, "--trust", write("bad.json", "[]")], "must be like"],
    [
      "a trust file with a broken key",
      () => [...code, "--trust", write("bad.json", '{"trust":[{"jwk":{}}]}')],
      "trust.0",
    ],
    ["no format", () => ["ledger", "export", "--format", "xml"], "--format"],
    ["no such export", () => ["ledger", "verify", at("none.ndjson")], "there is no such file"],
  ];

  it.each(cases)("%s", async (_, makeWords, expected) => {
    const words = makeWords();
    const before = readAll();
    const { code: exitCode, out, err } = await run(words);
    expect(err).toContain(expected);
    expect([exitCode, out, err.trimEnd().split("\n").length]).toEqual([2, "", 1]);
    expect(err.length).toBeLessThan(400);
    expect(readAll()).toEqual(before);
  });

  it.each([
    ["PORT", "http"],
    ["GREENLANE_DEMO", "yes"],
    ["GREENLANE_HOST", "0.0.0.0"],
    ["GREENLANE_URL", "edge.example.org"],
    ["TLS_CERT", "cert.pem"],
  ])("%s=%s", async (name, value) => {
    const { code: exitCode, err } = await run(["serve"], { [name]: value });
    expect(exitCode).toBe(2);
    expect(err).toContain(name);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});
