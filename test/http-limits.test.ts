import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpServer, type HttpLimits, httpLimits } from "../edge-server/http-server.ts";
import { batchBytesMax } from "../shared/batch.ts";
import type { Bytes } from "../shared/bytes.ts";
import { contentDigestOf, signRequest } from "../shared/http-signature.ts";
import { now } from "./sample.ts";
import { createWorld, problemWord, sendSigned, type TestTerminal, type World } from "./world.ts";

/** Whoever connects to do harm, over real sockets: slow, many, large. Everybody else is answered meanwhile. */

let world: World;
let terminal: TestTerminal;
let honest: TestTerminal;
let server: ReturnType<typeof createHttpServer>;
let port: number;
const sockets: Socket[] = [];

const short: HttpLimits = { connectionsMax: 8, headersSeconds: 0.3, requestSeconds: 0.6, checkSeconds: 0.05 };
const start = async (limits: HttpLimits): Promise<void> => {
  server = createHttpServer(null, limits);
  server.on("request", getRequestListener(world.app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
};
beforeEach(async () => {
  world = await createWorld();
  terminal = await world.addTerminal("gate-1");
  honest = await world.addTerminal("gate-2");
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const open = (): Socket => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // closed on us is what we wait for
  sockets.push(socket);
  return socket;
};
/** All that is said until the connection is closed. */
const untilClosed = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let said = "";
    socket.on("data", (text) => {
      said += String(text);
    });
    socket.on("close", () => resolve(said));
  });
const headersOf = async (body: Bytes, more: Record<string, string>, by = terminal): Promise<string> => {
  const headers: Record<string, string> = {
    "content-type": "application/cbor",
    "content-digest": await contentDigestOf(body),
    ...(more["content-encoding"] === undefined ? {} : { "content-encoding": more["content-encoding"] }),
  };
  const request = { method: "POST", url: `http://127.0.0.1:${port}/v1/log`, headers };
  const signature = await signRequest(request, by.key, by.id, now, crypto.randomUUID());
  const all = { host: `127.0.0.1:${port}`, ...headers, ...more, ...signature };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return ["POST /v1/log HTTP/1.1", ...lines, "", ""].join("\r\n");
};
const overHttp = () =>
  ({ request: (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init) }) as unknown as Hono;
const sendHonest = async (): Promise<number> => {
  await honest.write({ kind: "started", app: "1", newEpoch: true });
  return (await sendSigned(overHttp(), honest, "/v1/log", await honest.batch())).status;
};
const writeOne = () => terminal.write({ kind: "started", app: "1", newEpoch: true });

describe("slow ones", () => {
  beforeEach(() => start(short));

  it("do not finish their headers: the connection is closed", async () => {
    const socket = open();
    socket.write("POST /v1/log HTTP/1.1\r\nhost: a\r\n");
    const dripping = setInterval(() => socket.write("x: y\r\n"), 50);
    const closed = untilClosed(socket);
    expect(await sendHonest()).toBe(200);
    await closed;
    clearInterval(dripping);
  });

  it("do not finish their body: the connection is closed, nothing is stored, and the same comes in later", async () => {
    await writeOne();
    const body = await terminal.batch();
    const socket = open();
    socket.write(await headersOf(body, { "content-length": String(body.length) }));
    socket.write(body.subarray(0, 20));
    const closed = untilClosed(socket);
    expect(await sendHonest()).toBe(200);
    await closed;
    expect(await world.ledger.head(terminal.chain)).toBeNull();
    expect((await sendSigned(overHttp(), terminal, "/v1/log", body)).status).toBe(200);
    expect(world.lines.filter(({ event }) => event === "internal")).toEqual([]);
  });

  it("have not signed: they are answered before any of their body is there", async () => {
    const socket = open();
    const closed = untilClosed(socket);
    socket.write(
      "POST /v1/log HTTP/1.1\r\nhost: a\r\ncontent-type: application/cbor\r\ncontent-length: 4000000\r\n\r\n",
    );
    expect(await closed).toContain("401");
  });

  it("are many: there is an end to connections, and room again when they are gone", async () => {
    const flood = Array.from({ length: 40 }, open);
    const closed = await Promise.all(flood.map(untilClosed));
    expect(closed).toHaveLength(40);
    expect(await sendHonest()).toBe(200);
  });
});

it("are never more than so many at once", async () => {
  await start({ ...httpLimits, connectionsMax: 8 });
  let connected = 0;
  server.on("connection", () => {
    connected += 1;
  });
  const flood = Array.from({ length: 40 }, open);
  await new Promise<void>((resolve) => {
    let ended = 0;
    for (const socket of flood) socket.on("close", () => ++ended === 32 && resolve());
  });
  expect(connected).toBe(8);
});

describe("large ones", () => {
  beforeEach(() => start(httpLimits));

  it("say so: they are not read", async () => {
    const socket = open();
    const closed = untilClosed(socket);
    socket.write(await headersOf(new Uint8Array(1), { "content-length": String(batchBytesMax + 1) }));
    expect(await firstLine(socket)).toContain("413");
    socket.destroy();
    await closed;
    expect(await sendHonest()).toBe(200);
  });

  it("do not say so: they are read no further than is allowed", async () => {
    const socket = open();
    const answered = firstLine(socket);
    socket.write(await headersOf(new Uint8Array(1), { "transfer-encoding": "chunked" }));
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(0x100000), Buffer.from("\r\n")]);
    for (let sent = 0; sent < 6 && !socket.destroyed; sent++) socket.write(chunk);
    expect(await answered).toContain("413");
    expect(await sendHonest()).toBe(200);
  });

  it("are small until they are unpacked", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(256 * 1024 * 1024)));
    const response = await sendSigned(overHttp(), terminal, "/v1/log", bomb, {
      headers: { "content-encoding": "gzip" },
    });
    expect([response.status, await problemWord(response)]).toEqual([413, "too-large"]);
    expect(await sendHonest()).toBe(200);
  });
});

const firstLine = (socket: Socket): Promise<string> =>
  new Promise((resolve) => socket.once("data", (text) => resolve(String(text).split("\r\n")[0] ?? "")));
