import type { Hono } from "hono";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { type Serving, serve } from "../edge-server/main.ts";
import { pathsIn, readSettings } from "../edge-server/settings.ts";
import { type Cluster, startPostgres } from "./postgres.ts";
import { nowhere, run } from "./records.ts";
import { drawKey } from "./sample.ts";
import { createTerminal, sendSigned, type TestTerminal } from "./world.ts";

/** Two whole servers on one ledger, and the command line beside them. */

vi.setConfig({ testTimeout: 60_000 }); // a database that starts again takes its time on a busy machine

let cluster: Cluster | null;
beforeAll(async () => {
  cluster = await startPostgres(["fsync=off"]);
}, 60_000);
afterAll(async () => {
  vi.restoreAllMocks();
  await cluster?.stop();
}, 60_000);

it("takes one terminal's batches at either server, and what came to both audits as one", async ({ skip }) => {
  if (cluster === null) return skip("no PostgreSQL");
  const [folder, databaseUrl] = [nowhere(), await cluster.addDatabase()];
  const read = readSettings({ GREENLANE_DATA: folder, PORT: "0", DATABASE_URL: databaseUrl });
  if (read.kind === "invalid") throw new Error(read.error);
  let said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  const servers = [await serve(read.settings), await serve(read.settings)] as const;
  const key = await drawKey("P-256");
  const terminal = await createTerminal("gate-1", key);
  const registry = createSqliteRegistry(pathsIn(folder).registry);
  const [row] = registry.terminals();
  if (row === undefined) throw new Error("the demo city has terminals");
  registry.putTerminal({ ...row, id: "gate-1", key: key.jwk, enrolledAt: 1 });
  registry.close();

  for (let i = 0; i < 40; i++) await terminal.write({ kind: "fault", part: "gate", cause: "a test" });
  const batches = await Promise.all([10, 20, 30, 40].map((to) => terminal.batch(1, to)));
  const sends = [...batches, ...batches].map((batch, index) => send(servers[index % 2], terminal, batch));
  expect((await Promise.all(sends)).map(({ status }) => status)).toEqual(Array(8).fill(200));

  const database = { DATABASE_URL: databaseUrl };
  const verified = JSON.parse((await run(folder, ["ledger", "verify", "--json"], database)).out);
  expect(verified).toMatchObject({ entries: 40, chains: 1, problems: [], acks: { bad: 0, unknown: 0 } });
  const exported = await run(folder, ["ledger", "export"], database);
  expect(
    exported.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).seq),
  ).toEqual(terminal.entries.map(({ seq }) => seq));
  for (const server of servers) await server.close();
  expect(said).not.toContain(databaseUrl);
});

it("lets an operator who came in at one server in at the other, and out at both when revoked", async ({ skip }) => {
  if (cluster === null) return skip("no PostgreSQL");
  const databaseUrl = await cluster.addDatabase();
  vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const folders = [nowhere(), nowhere()] as const;
  const servers: Serving[] = [];
  try {
    for (const folder of folders) {
      const read = readSettings({ GREENLANE_DATA: folder, PORT: "0", DATABASE_URL: databaseUrl });
      if (read.kind === "invalid") throw new Error(read.error);
      servers.push(await serve(read.settings));
    }
    const [first, second] = servers;
    const command = async (...words: readonly string[]) =>
      JSON.parse((await run(folders[1], [...words, "--json"], { DATABASE_URL: databaseUrl })).out);
    const { link } = await command("operator", "add", "lin.mei", "--role", "administrator");
    const json = { code: String(link).split("=")[1], name: "lin.mei", password: "correct horse battery" };
    const welcomed = await fetch(`${first?.url}/v1/admin/welcomes`, {
      method: "POST",
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: JSON.stringify(json),
    });
    expect(welcomed.status).toBe(200);
    const cookie = welcomed.headers.get("set-cookie")?.split(";")[0] ?? "";
    const look = (path: string) =>
      Promise.all(servers.map(async ({ url }) => fetch(`${url}/v1/admin${path}`, { headers: { cookie } })));
    expect((await look("/sessions")).map(({ status }) => status)).toEqual([200, 200]);
    for (const acts of await look("/acts")) {
      const { rows } = (await acts.json()) as { readonly rows: readonly { readonly act: string }[] };
      expect(rows.map(({ act }) => act)).toEqual(["sign-in", "welcomed", "operator-invited"]);
    }
    expect((await command("operator", "list")).map(({ name }: { readonly name: string }) => name)).toEqual(["lin.mei"]);
    await command("operator", "revoke", "lin.mei");
    expect((await look("/sessions")).map(({ status }) => status)).toEqual([401, 401]);
    expect(second?.url).not.toBe(first?.url);
  } finally {
    for (const server of servers) await server.close();
  }
});

const send = (
  server: Serving | undefined,
  terminal: TestTerminal,
  batch: Uint8Array<ArrayBuffer>,
): Promise<Response> => {
  const app = { request: (path: string, init: RequestInit) => fetch(`${server?.url}${path}`, init) };
  return sendSigned(app as unknown as Hono, terminal, "/v1/log", batch, { createdAt: Math.floor(Date.now() / 1000) });
};
