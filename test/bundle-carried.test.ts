import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { runCli } from "../edge-server/cli.ts";
import { type Serving, serve } from "../edge-server/main.ts";
import { manifestLifeSeconds } from "../edge-server/publisher.ts";
import { pathsIn, readSettings } from "../edge-server/settings.ts";
import { fromBase64url, fromHex, sha256, toBase64url, toHex } from "../shared/bytes.ts";
import { signRequest } from "../shared/http-signature.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Manifest, openManifest, signManifest } from "../shared/manifest.ts";
import type { ManifestAnswer } from "../shared/messages.ts";
import { openFirstRoot } from "../shared/root.ts";
import { createFollower, must } from "./follower.ts";
import { makeKey } from "./operator-world.ts";

/** One server publishes, a folder is carried, another serves it: the real command line, and the real server for a mirror. */

const folder = mkdtempSync(join(tmpdir(), "carried-"));
const at = (name: string) => join(folder, name);
const packFile = join(import.meta.dirname, "../shared/programmes/fuzhou-moli.json");
let here = 0;
/** A folder that nobody has used. */
const nowhere = () => at(`place-${here++}`);

const run = async (data: string, ...words: readonly string[]) => {
  const said = { out: "", err: "" };
  const sink = (name: keyof typeof said) =>
    new Writable({
      write: (chunk, _, done) => {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await runCli(words, { GREENLANE_DATA: data }, { out: sink("out"), err: sink("err") });
  return { code, ...said };
};
const mustRun = async (data: string, ...words: readonly string[]) => {
  const { code, out, err } = await run(data, ...words, "--json");
  expect([code, err], words.join(" ")).toEqual([0, ""]);
  return JSON.parse(out);
};

const publisherData = at("publisher");
const terminalKey: { key: SigningKey | null } = { key: null };
let pin: string;
let second: string;

const publishScores = (list: string, rows: string, programme = "fuzhou-moli") => {
  const path = nowhere();
  writeFileSync(path, `idx,band\n${rows}`);
  return mustRun(publisherData, "scores", "publish", path, "--programme", programme, "--list", list);
};
const exportTo = (out: string, ...more: readonly string[]) =>
  mustRun(publisherData, "bundle", "export", "--out", out, ...more);

beforeAll(async () => {
  await mustRun(publisherData, "programme", "add", packFile);
  const other = { ...JSON.parse(readFileSync(packFile, "utf8")), programme: "xiamen-bailu" };
  writeFileSync(at("other.json"), JSON.stringify(other));
  await mustRun(publisherData, "programme", "add", at("other.json"));
  await publishScores("a", "0,1\n1,2\n2,3\n3,\n");
  await publishScores("a", "0,1\n1,2\n2,3\n3,revoked\n", "xiamen-bailu");
  const key = await makeKey("P-256");
  terminalKey.key = key;
  const registry = createSqliteRegistry(pathsIn(publisherData).registry);
  const profile = { service: "library", programme: "fuzhou-moli", site: "s", name: "Desk", actuator: "simulated" };
  registry.putTerminal({
    id: "desk-1",
    profile: profile as never,
    key: key.jwk,
    enrolledAt: 5,
    revokedAt: null,
    lastSeenAt: null,
  });
  registry.close();
  pin = (await exportTo(at("first"), "--keys", at("first.keys"))).root;
  await publishScores("a", "0,2\n1,2\n2,3\n3,\n");
  second = at("second");
  await exportTo(second, "--keys", at("second.keys"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const importInto = (data: string, from: string, ...more: readonly string[]) =>
  run(data, "bundle", "import", from, ...more);
/** A copy of the second export that somebody has changed. */
const changed = (change: (folder: string) => void): string => {
  const copy = nowhere();
  cpSync(second, copy, { recursive: true });
  change(copy);
  return copy;
};
const readStore = <T>(data: string, read: (store: ReturnType<typeof createSqlitePublishedStore>) => T): T => {
  const store = createSqlitePublishedStore(pathsIn(data).published);
  const value = read(store);
  store.close();
  return value;
};
const filesIn = (from: string) => readdirSync(join(from, "artefacts"));

describe("an export", () => {
  it("holds the roots, the manifest and every encoding under its hash, and no key", async () => {
    expect(readdirSync(second).toSorted()).toEqual(["artefacts", "manifest.cose", "root-1.cose"]);
    for (const name of filesIn(second)) {
      const bytes = new Uint8Array(readFileSync(join(second, "artefacts", name)));
      expect(toHex(await sha256(bytes))).toBe(name);
    }
    const manifest = await openCarried(second);
    const named = manifest.artefacts.flatMap((each) => each.encodings.map((one) => one.sha256));
    expect(filesIn(second).toSorted()).toEqual(named.toSorted());
    const { keys } = JSON.parse(readFileSync(at("second.keys"), "utf8"));
    const all = [...readdirSync(second), ...filesIn(second).map((name) => join("artefacts", name))]
      .filter((name) => name !== "artefacts")
      .map((name) => readFileSync(join(second, name)));
    for (const key of Object.values(keys)) {
      for (const bytes of all) {
        expect(bytes.includes(Buffer.from(String(key), "hex"))).toBe(false);
        expect(bytes.includes(String(key))).toBe(false);
      }
    }
  });

  it("keeps the keys for the owner alone, also over a file that anybody could read", async () => {
    const keys = at("open.keys");
    writeFileSync(keys, "{}", { mode: 0o644 });
    await exportTo(nowhere(), "--keys", keys);
    expect(statSync(keys).mode & 0o777).toBe(0o600);
  });

  it("over an earlier one leaves nothing of that, and of others' files everything", async () => {
    const out = nowhere();
    cpSync(at("first"), out, { recursive: true });
    writeFileSync(join(out, "artefacts", "notes.txt"), "mine");
    await exportTo(out);
    expect(
      filesIn(out)
        .filter((name) => name !== "notes.txt")
        .toSorted(),
    ).toEqual(filesIn(second).toSorted());
    expect(existsSync(join(out, "artefacts", "notes.txt"))).toBe(true);
  });

  it("says what is wrong with where it is to go", async () => {
    const file = nowhere();
    writeFileSync(file, "");
    for (const words of [["--out", join(file, "x")], ["--out", ""], []]) {
      const { code, err } = await run(publisherData, "bundle", "export", ...words);
      expect([code, err.trimEnd().split("\n")]).toEqual([2, [expect.stringContaining("greenlane: bundle export: ")]]);
    }
  });
});

describe("a mirror", () => {
  let mirror: string;
  beforeEach(() => {
    mirror = nowhere();
  });

  const serveMirror = async (): Promise<Serving> => {
    const read = readSettings({ GREENLANE_DATA: mirror, PORT: "0" });
    if (read.kind === "invalid") throw new Error(read.error);
    vi.spyOn(process.stdout, "write").mockImplementation(() => true);
    return serve(read.settings);
  };
  const ask = async (url: string, id: string, key: SigningKey) => {
    const request = { method: "GET", url: `${url}/v1/manifest`, headers: {} };
    const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
    const headers = await signRequest(request, key, id, Math.floor(Date.now() / 1000), nonce);
    return fetch(request.url, { headers: { ...headers } });
  };

  it("serves exactly what was published, to terminals that came with the keys", async () => {
    await mustRun(mirror, "bundle", "import", second, "--root", pin, "--keys", at("second.keys"));
    const server = await serveMirror();
    const answered = await ask(server.url, "desk-1", terminalKey.key ?? (await makeKey()));
    expect(answered.status).toBe(200);
    const answer = (await answered.json()) as ManifestAnswer;
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const name of filesIn(second)) {
      const response = await fetch(`${server.url}/v1/artefacts/${name}`);
      files.set(name, new Uint8Array(await response.arrayBuffer()));
    }
    const firstRoot = new Uint8Array(readFileSync(join(second, "root-1.cose")));
    const published = {
      version: 0,
      firstRoot,
      laterRoots: answer.roots.map((each) => fromBase64url(each) ?? new Uint8Array(0)),
      manifest: fromBase64url(answer.manifest) ?? new Uint8Array(0),
      keys: answer.keys,
    };
    const terminal = createFollower(fromHex(pin) ?? new Uint8Array(0));
    const now = Math.floor(Date.now() / 1000);
    const bundle = must(await terminal.follow(published, (hash) => files.get(hash) ?? null, now));
    expect(bundle.lists.map(({ programme, version }) => [programme, version])).toEqual([
      ["fuzhou-moli", 2],
      ["xiamen-bailu", 1],
    ]);
    expect(terminal.standings("fuzhou-moli", "a")).toEqual([2, 2, 3, "none"]);
    expect(terminal.standings("xiamen-bailu", "a")).toEqual([1, 2, 3, "revoked"]);

    const stranger = await ask(server.url, "desk-1", await makeKey("P-256"));
    expect(stranger.status).toBe(401);
    const open = (await (await fetch(`${server.url}/v1/manifest`)).json()) as ManifestAnswer;
    expect(open.keys).toEqual({});
    expect((await fetch(`${server.url}/v1/log`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${server.url}/v1/demo/citizens`)).status).toBe(404);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await server.close();
  }, 30_000);

  it("without the keys serves what it has, and gives them when they come later, while it runs", async () => {
    await mustRun(mirror, "bundle", "import", second, "--root", pin);
    const server = await serveMirror();
    const open = (await (await fetch(`${server.url}/v1/manifest`)).json()) as ManifestAnswer;
    expect(open.manifest).toBe(toBase64url(new Uint8Array(readFileSync(join(second, "manifest.cose")))));
    await mustRun(mirror, "bundle", "import", second, "--keys", at("second.keys"));
    const key = terminalKey.key ?? (await makeKey());
    const answer = (await (await ask(server.url, "desk-1", key)).json()) as ManifestAnswer;
    expect(answer.keys).toEqual(JSON.parse(readFileSync(at("second.keys"), "utf8")).keys);
    await mustRun(mirror, "bundle", "import", second); // without the keys again: those that are here stay
    expect(((await (await ask(server.url, "desk-1", key)).json()) as ManifestAnswer).keys).toEqual(answer.keys);
    await server.close();
  }, 30_000);

  it("goes on with the next export, without being told the root again, and passes it on", async () => {
    await mustRun(mirror, "bundle", "import", at("first"), "--root", pin);
    const imported = await mustRun(mirror, "bundle", "import", second);
    expect(imported).toMatchObject({ root: 1, lists: 2, openable: 0 });
    const third = nowhere();
    await mustRun(mirror, "bundle", "export", "--out", third);
    expect(filesIn(third).toSorted()).toEqual(filesIn(second).toSorted());
    expect(await run(mirror, "bundle", "export", "--out", nowhere(), "--keys", nowhere())).toMatchObject({
      code: 2,
      err: expect.stringContaining("not given the keys"),
    });
  });

  it("publishes nothing of its own, and says where to do that", async () => {
    await mustRun(mirror, "bundle", "import", second, "--root", pin);
    const scores = ["--programme", "fuzhou-moli", "--list", "a"];
    writeFileSync(at("scores.csv"), "idx,band\n0,1\n");
    for (const words of [
      ["programme", "add", packFile],
      ["issuer", "revoke", "0".repeat(16)],
      ["scores", "publish", at("scores.csv"), ...scores],
      ["scores", "export", ...scores, "--out", at("x.cwt")],
      ["root", "rotate", "--publisher"],
      ["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro", "--site", "s", "--name", "n"],
    ]) {
      const { code, err } = await run(mirror, ...words);
      expect([code, err]).toEqual([2, expect.stringContaining("this server is a mirror")]);
    }
    expect(readStore(mirror, (store) => store.version())).toBe(readStore(publisherData, (store) => store.version()));
  });

  it("refuses what is older, and a server that publishes refuses to become one", async () => {
    await mustRun(mirror, "bundle", "import", second, "--root", pin);
    const before = readStore(mirror, (store) => store.read());
    const older = await importInto(mirror, at("first"));
    expect(older).toMatchObject({ code: 2, err: expect.stringContaining("rollback") });
    expect(readStore(mirror, (store) => store.read())).toEqual(before);
    expect(await importInto(publisherData, second)).toMatchObject({
      code: 2,
      err: expect.stringContaining("publishes a bundle of its own"),
    });
    expect(await importInto(mirror, second, "--root", "00".repeat(32))).toMatchObject({ code: 2 });
  });

  it.each<[string, (folder: string) => void, string]>([
    ["a manifest that is not there", (from) => rmSync(join(from, "manifest.cose")), "there is no such file"],
    ["no root", (from) => rmSync(join(from, "root-1.cose")), "there is no such file"],
    ["a root too large", (from) => writeFileSync(join(from, "root-1.cose"), new Uint8Array(70_000)), "larger than"],
    ["another root", (from) => writeFileSync(join(from, "root-1.cose"), "x"), "wrong-root"],
    [
      "a second root that does not follow",
      (from) => cpSync(join(from, "root-1.cose"), join(from, "root-2.cose")),
      "rollback",
    ],
    ["a truncated manifest", (from) => truncate(join(from, "manifest.cose")), "malformed"],
    ["an artefact that is not there", (from) => rmSync(join(from, "artefacts", largestIn(from))), "missing-artefact"],
    ["a truncated artefact", (from) => truncate(join(from, "artefacts", largestIn(from))), "wrong-length"],
    ["an artefact with a bit flipped", (from) => flipIn(join(from, "artefacts", largestIn(from))), "wrong-hash"],
    ["a manifest with a bit flipped", (from) => flipIn(join(from, "manifest.cose")), "bad-signature"],
  ])("refuses %s, and keeps nothing", async (_, change, problem) => {
    const { code, out, err } = await importInto(mirror, changed(change), "--root", pin);
    expect(err).toContain(problem);
    expect([code, out, err.trimEnd().split("\n").length]).toEqual([2, "", 1]);
    if (existsSync(pathsIn(mirror).published)) {
      expect(readStore(mirror, (store) => [store.version(), store.roots().length, store.isMirror()])).toEqual([
        0,
        0,
        false,
      ]);
    }
  });

  it("refuses what has expired, another first root, and no root at all", async () => {
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + manifestLifeSeconds * 1000);
    expect((await importInto(mirror, second, "--root", pin)).err).toContain("expired");
    vi.restoreAllMocks();
    expect((await importInto(mirror, second, "--root", "ab".repeat(32))).err).toContain("wrong-root");
    expect((await importInto(mirror, second)).err).toContain("--root is missing");
    expect((await importInto(mirror, second, "--root", "abc")).err).toContain("64 hexadecimal digits");
  });

  it.each<[string, (document: { keys: Record<string, string>; terminals: object[] }) => unknown, string]>([
    ["of another bundle", () => JSON.parse(readFileSync(at("first.keys"), "utf8")), "no-key"],
    [
      "that are no hex",
      ({ keys, ...rest }) => ({ ...rest, keys: { ...keys, [Object.keys(keys)[0] ?? ""]: "x" } }),
      "no file of list keys",
    ],
    [
      "of which one is wrong",
      ({ keys, ...rest }) => ({
        ...rest,
        keys: Object.fromEntries(Object.keys(keys).map((hash) => [hash, "ab".repeat(32)])),
      }),
      "wrong-hash",
    ],
    [
      "for a terminal without a key",
      ({ terminals, ...rest }) => ({ ...rest, terminals: terminals.map((each) => ({ ...each, key: {} })) }),
      "no file of list keys: terminals.0",
    ],
    ["in a file of something else", () => [], "no file of list keys"],
  ])("refuses keys %s", async (_, change, problem) => {
    const path = nowhere();
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(at("second.keys"), "utf8")))));
    const { code, err } = await importInto(mirror, second, "--root", pin, "--keys", path);
    expect([code, err]).toEqual([2, expect.stringContaining(problem)]);
    for (const key of Object.values(JSON.parse(readFileSync(at("second.keys"), "utf8")).keys)) {
      expect(err).not.toContain(String(key));
    }
  });

  it("refuses a bit flipped in any artefact, with the keys and without", async () => {
    for (const name of filesIn(second)) {
      const stick = changed((from) => flipIn(join(from, "artefacts", name)));
      for (const more of [[], ["--keys", at("second.keys")]]) {
        expect((await importInto(mirror, stick, "--root", pin, ...more)).err).toContain("wrong-hash");
      }
    }
  });

  it("refuses another manifest of the version that is here", async () => {
    await mustRun(mirror, "bundle", "import", second, "--root", pin);
    const manifest = await openCarried(second);
    const twin = await signManifest(
      { ...manifest, issuedAt: manifest.issuedAt - 1 },
      await publisherKeyIn(publisherData),
    );
    const stick = changed((from) => writeFileSync(join(from, "manifest.cose"), twin));
    expect((await importInto(mirror, stick)).err).toContain("rollback");
  });

  it("refuses another history of roots, however well it is signed", async () => {
    const sticks: string[] = [];
    for (const rotations of [1, 2]) {
      const publisher = nowhere();
      cpSync(publisherData, publisher, { recursive: true });
      for (let done = 0; done < rotations; done++) await mustRun(publisher, "root", "rotate", "--publisher");
      const stick = nowhere();
      await mustRun(publisher, "bundle", "export", "--out", stick);
      sticks.push(stick);
    }
    const [one = "", other = ""] = sticks;
    await mustRun(mirror, "bundle", "import", one, "--root", pin);
    expect((await importInto(mirror, other)).err).toContain("wrong-root");
  });

  it("refuses an older trust, also by a publisher that has only just begun", async () => {
    const publisher = nowhere();
    cpSync(publisherData, publisher, { recursive: true });
    const issuer = nowhere();
    writeFileSync(issuer, JSON.stringify((await makeKey()).jwk));
    await mustRun(publisher, "issuer", "trust", issuer, "--programme", "fuzhou-moli");
    const [newer, rotated] = [nowhere(), nowhere()];
    await mustRun(publisher, "bundle", "export", "--out", newer);
    await mustRun(mirror, "bundle", "import", newer, "--root", pin);
    await mustRun(publisher, "root", "rotate", "--publisher");
    await mustRun(publisher, "bundle", "export", "--out", rotated);

    const old = (await openCarried(second)).artefacts.find(({ name }) => name === "trust");
    const { root, manifest } = readStore(publisher, (store) => ({
      root: store.roots().length,
      manifest: store.read(),
    }));
    if (old === undefined || manifest === null) throw new Error("both are there");
    const artefacts = manifest.artefacts.map(({ entry }) => (entry.name === "trust" ? old : entry));
    const forged = await signManifest(
      { ...(await openCarried(second)), version: manifest.version, root, artefacts },
      await publisherKeyIn(publisher),
    );
    writeFileSync(join(rotated, "manifest.cose"), forged);
    cpSync(join(second, "artefacts", old.sha256), join(rotated, "artefacts", old.sha256));
    expect((await importInto(mirror, rotated)).err).toContain("rollback, trust 1 after 2");
  });

  it("follows a rotation of the publisher, and then takes nothing by the stolen key", async () => {
    const publisher = nowhere();
    cpSync(publisherData, publisher, { recursive: true });
    const thief = await publisherKeyIn(publisher);
    const manifest = await openCarried(second);
    const forged = await signManifest({ ...manifest, version: 1_000_000 }, thief);
    const stick = changed((from) => writeFileSync(join(from, "manifest.cose"), forged));
    await mustRun(mirror, "bundle", "import", stick, "--root", pin);
    expect((await importInto(mirror, second)).err).toContain("rollback");

    await mustRun(publisher, "root", "rotate", "--publisher", "--root");
    const after = nowhere();
    await mustRun(publisher, "bundle", "export", "--out", after);
    expect(await mustRun(mirror, "bundle", "import", after)).toMatchObject({ root: 2 });
    expect(readStore(mirror, (store) => store.read()?.version)).toBeLessThan(1_000_000);
    expect((await importInto(mirror, stick)).err).toContain("rollback");
    cpSync(join(after, "root-2.cose"), join(stick, "root-2.cose"));
    expect((await importInto(mirror, stick)).err).toContain("unknown-publisher");
  });
});

/** Of an export under the first root. */
const openCarried = async (from: string): Promise<Manifest> => {
  const read = (name: string) => new Uint8Array(readFileSync(join(from, name)));
  const root = must(await openFirstRoot(read("root-1.cose"), fromHex(pin) ?? new Uint8Array(0)));
  return must(await openManifest(read("manifest.cose"), root, null, null));
};
const publisherKeyIn = async (data: string): Promise<SigningKey> => {
  const key = (await (await openKeyFiles(pathsIn(data).keys)).held()).publisher.at(-1);
  if (key === undefined) throw new Error("there is one");
  return key;
};
const largestIn = (from: string): string =>
  filesIn(from).toSorted(
    (a, b) => statSync(join(from, "artefacts", b)).size - statSync(join(from, "artefacts", a)).size,
  )[0] ?? "";
const truncate = (path: string): void => writeFileSync(path, readFileSync(path).subarray(0, -1));
const flipIn = (path: string): void => {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
