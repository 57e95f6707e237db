import { mkdtempSync, rmSync } from "node:fs";
import { request as openRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { auditLedger } from "../edge-server/audit.ts";
import { type Serving, serve } from "../edge-server/main.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { pathsIn, readSettings, type Settings } from "../edge-server/settings.ts";
import { type Bytes, fromBase64url, sha256, toBase64url } from "../shared/bytes.ts";
import { contentDigestOf, signRequest } from "../shared/http-signature.ts";
import type { DemoTerminals, EnrolmentAnswer } from "../shared/messages.ts";
import { readStatement } from "../shared/sync.ts";
import { drawKey } from "./sample.ts";
import { createTerminal } from "./world.ts";

/** The whole server, on a socket and on disk. */

const folders: string[] = [];
let settings: Settings;
let said: string;
let server: Serving;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-serve-"));
  folders.push(folder);
  const read = readSettings({ GREENLANE_DATA: folder, PORT: "0" });
  if (read.kind === "invalid") throw new Error(read.error);
  settings = read.settings;
  said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  server = await serve(settings);
});
afterEach(async () => {
  await server.close();
  vi.restoreAllMocks();
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const sendSignedTo = async (path: string, id: string, key: Awaited<ReturnType<typeof drawKey>>, body?: Bytes) => {
  const url = `${server.url}${path}`;
  const headers: Record<string, string> = {};
  if (body !== undefined) {
    headers["content-type"] = "application/cbor";
    headers["content-encoding"] = "gzip";
    headers["content-digest"] = await contentDigestOf(body);
  }
  const method = body === undefined ? "GET" : "POST";
  const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const signature = await signRequest({ method, url, headers }, key, id, Math.floor(Date.now() / 1000), nonce);
  return fetch(url, { method, headers: { ...headers, ...signature }, ...(body === undefined ? {} : { body }) });
};

const addTerminal = async () => {
  const made = await fetch(`${server.url}/v1/demo/terminals`, { method: "POST", headers: { origin: server.url } });
  const { terminals } = (await made.json()) as DemoTerminals;
  const [code, root] = new URL(terminals[0]?.link ?? "").hash.replace("#enrol=", "").split(".");
  const key = await drawKey("P-256");
  const enrolled = await fetch(`${server.url}/v1/enrolments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code, key: key.jwk }),
  });
  expect(enrolled.status).toBe(200);
  const answer = (await enrolled.json()) as EnrolmentAnswer;
  const firstRoot = fromBase64url(answer.root) ?? new Uint8Array(0);
  expect(toBase64url(await sha256(firstRoot))).toBe(root);
  return { firstRoot, terminal: await createTerminal(answer.terminal, key) };
};

describe("the server", () => {
  it("says where it is, how to enrol the city's terminals, and is ready", async () => {
    expect(said).toMatch(/^Greenlane is ready: http:\/\/localhost:\d+\/\n/);
    expect(said.match(/\/kiosk\/#enrol=[\w-]{22}\.[\w-]{43}\n/g)).toHaveLength(3);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/v1/demo/citizens`)).json()).toMatchObject({ programme: "fuzhou-moli" });
  });

  it("enrols a terminal, gives it the list keys, and keeps its log over a restart", async () => {
    const { terminal, firstRoot } = await addTerminal();
    const manifest = await sendSignedTo("/v1/manifest", terminal.id, terminal.key);
    const { keys } = (await manifest.json()) as { readonly keys: Readonly<Record<string, string>> };
    const [list] = Object.keys(keys);
    expect((await fetch(`${server.url}/v1/artefacts/${list}`)).status).toBe(200);

    await terminal.write({ kind: "started", app: "1", newEpoch: true });
    const roots = await openAllRoots(firstRoot, []);
    const send = async () => sendSignedTo("/v1/log", terminal.id, terminal.key, gzip(await terminal.batch()));
    const ack = new Uint8Array(await (await send()).arrayBuffer());
    expect(await readStatement("ack", ack, roots[0]?.edges.map(({ key }) => key) ?? [])).toMatchObject({ seq: 1 });

    await server.close();
    said = "";
    server = await serve(settings);
    expect(said.match(/enrol=/g)).toHaveLength(3); // those of the city, none of a visitor's page
    expect((await send()).status).toBe(200);
    await server.close();
    const ledger = createSqliteLedger(pathsIn(settings.folder).ledger);
    const profile = { site: "dongjiekou" };
    const registry = { terminal: () => ({ key: terminal.key.jwk, profile }) as never };
    expect(await auditLedger(ledger, { roots, registry })).toMatchObject({
      entries: 1,
      checkpoints: { good: 1 },
      acks: { good: 1 },
      problems: [],
    });
    await ledger.close();
  });

  it("logs neither codes nor bodies", async () => {
    const { terminal } = await addTerminal();
    const links = said.slice(0, said.indexOf("\n{"));
    const lines = said.slice(links.length + 1);
    expect(lines).toContain('"route":"/v1/enrolments","status":200');
    expect(lines).not.toContain("enrol=");
    expect(lines).not.toContain(terminal.key.jwk.x);
  });

  it("finishes what is under way before it stops, and takes nothing new", async () => {
    const slow = openRequest(`${server.url}/v1/enrolments`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": "2" },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      slow.once("response", (response) => resolve(response.resume().statusCode)).once("error", reject);
    });
    slow.write("{");
    await fetch(`${server.url}/healthz`); // the slow one has arrived by then
    const closed = server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    slow.end("}");
    expect(await answered).toBe(400);
    await closed;
  });

  it("says so where the port is taken, and leaves nothing open", async () => {
    const port = Number(new URL(server.url).port);
    await expect(serve({ ...settings, port })).rejects.toThrow(`port ${port} is taken`);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it("stops at SIGTERM", async () => {
    process.emit("SIGTERM");
    await vi.waitFor(() => expect(fetch(`${server.url}/healthz`)).rejects.toThrow(), 20_000);
    expect(process.listeners("SIGTERM")).toEqual([]);
  });

  it("creates and opens nothing of a demo when that is off", async () => {
    const folder = mkdtempSync(join(tmpdir(), "greenlane-serve-"));
    folders.push(folder);
    const plain = await serve({ ...settings, folder, isDemo: false });
    for (const path of ["/v1/demo/citizens", "/demo/", "/v1/credentials"]) {
      expect((await fetch(`${plain.url}${path}`)).status, path).toBe(404);
    }
    expect((await fetch(`${plain.url}/readyz`)).status).toBe(200);
    await plain.close();
  });
});

const gzip = (bytes: Bytes): Bytes => new Uint8Array(gzipSync(bytes));
