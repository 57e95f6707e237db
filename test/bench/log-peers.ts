/**
 * What others take to get the same records to a server, each in its own page of the same Chromium: PouchDB replicates to
 * the least that can pass for a CouchDB, workbox-background-sync replays to a server that only says yes. Both servers keep
 * everything in memory and sync nothing to disk, which is in the peers' favour.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext } from "playwright-core";
import { type BuiltPage, buildPage } from "./page.ts";
// For the type of `window.peerBench`.
import type {} from "./peer-page/main.ts";

export type Doc = { readonly _id: string };
export type Peers = {
  /** Seconds; each time in a database of its own. */
  readonly replicate: (docs: readonly Doc[]) => Promise<number>;
  readonly replay: (docs: readonly Doc[]) => Promise<number>;
  readonly close: () => void;
};

const batchSize = 1000;

export const openPeers = async (context: BrowserContext, folder: string): Promise<Peers> => {
  const built = await buildPage("peer-page", folder, ["queue.sw.ts"]);
  const couch = createCouch();
  let taken = 0;
  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    if (path === "/take") {
      await readBody(request);
      taken += 1;
      response.writeHead(204).end();
    } else if (!(await couch(path, request, response))) await servePage(built, path, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${portOf(server)}/`);
  await page.locator("body[data-ready]").waitFor({ state: "attached" });
  let name = 0;
  return {
    replicate: async (docs) => {
      const wanted = [`log${++name}`, docs, batchSize] as const;
      return (await page.evaluate((each) => peerBench.replicate(...each), wanted)) / 1000;
    },
    replay: async (docs) => {
      taken = 0;
      const milliseconds = await page.evaluate((each) => peerBench.replay(each), docs);
      if (taken !== docs.length) throw new Error(`${taken} of ${docs.length} replayed`);
      return milliseconds / 1000;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const servePage = async (built: BuiltPage, path: string, response: ServerResponse): Promise<void> => {
  const file = await built.read(path);
  if (file === null) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": file.type }).end(file.body);
};

/** The part of CouchDB's protocol that a replication writes by. False for a path that is not of a database. */
const createCouch = () => {
  const databases = new Map<string, Map<string, unknown>>();
  return async (path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const [, name, verb] = /^\/(log\d+)(?:\/([^?]*))?/.exec(path) ?? [];
    if (name === undefined) return false;
    const held = databases.get(name) ?? new Map<string, unknown>();
    databases.set(name, held);
    const body = request.method === "GET" ? null : JSON.parse((await readBody(request)).toString() || "null");
    const [status, answer] = answerCouch(name, held, request.method ?? "", verb ?? "", body);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    return true;
  };
};

const answerCouch = (
  name: string,
  held: Map<string, unknown>,
  method: string,
  verb: string,
  body: unknown,
): readonly [status: number, answer: unknown] => {
  if (verb === "")
    return [200, { db_name: name, doc_count: held.size, update_seq: held.size, instance_start_time: "0" }];
  if (verb === "_revs_diff") {
    const asked = Object.entries(body as Readonly<Record<string, readonly string[]>>).filter(([id]) => !held.has(id));
    return [200, Object.fromEntries(asked.map(([id, revisions]) => [id, { missing: revisions }]))];
  }
  if (verb === "_bulk_docs") {
    for (const doc of (body as { readonly docs: readonly Doc[] }).docs) held.set(doc._id, doc);
    return [201, []];
  }
  if (method === "PUT") {
    held.set(verb, body);
    return [201, { ok: true, id: verb, rev: "0-1" }];
  }
  return held.has(verb) ? [200, held.get(verb)] : [404, { error: "not_found", reason: "missing" }];
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
};
