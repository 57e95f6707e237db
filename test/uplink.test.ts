/** Artefacts over HTTP: by range, as a whole where the server knows no ranges, and never more than was declared. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { createUplink } from "../kiosk/adapters/uplink.ts";
import type { ArtefactEncoding } from "../shared/manifest.ts";
import { noChance } from "./city.ts";
import { now } from "./sample.ts";

const piece = 256 * 1024;
const file = Uint8Array.from({ length: 2 * piece + 100 }, (_, index) => index % 251);
const sha256 = "ab".repeat(32);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let answer: Answer;
const asked: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

const fetchFrom = (from: number, length = file.length) => {
  asked.length = 0;
  const { port } = server.address() as AddressInfo;
  const uplink = createUplink({ origin: `http://127.0.0.1:${port}`, now: () => now, random: noChance });
  const encoded: ArtefactEncoding = { format: "plain", from: null, length, sha256 };
  return uplink.fetchArtefact(encoded, from);
};

const byRange: Answer = (request, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  if (first === undefined) return void response.end(file);
  response.writeHead(206, { "content-range": `bytes ${first}-${last}/${file.length}` });
  response.end(file.slice(Number(first), Number(last) + 1));
};
const whole: Answer = (_, response) => void response.end(file);
const cut = (bytes: Uint8Array, contentRange: string): Answer => {
  return (_, response) => void response.writeHead(206, { "content-range": contentRange }).end(bytes);
};

describe("an artefact", () => {
  test.each([
    ["its first piece", 0, `bytes=0-${piece - 1}`, file.slice(0, piece)],
    ["the next", piece, `bytes=${piece}-${2 * piece - 1}`, file.slice(piece, 2 * piece)],
    ["the last", 2 * piece, `bytes=${2 * piece}-${file.length - 1}`, file.slice(2 * piece)],
    ["what is left where it broke off", 7, `bytes=7-${piece + 6}`, file.slice(7, piece + 7)],
  ])("is asked for piece by piece: %s", async (_, from, range, bytes) => {
    answer = byRange;
    expect(await fetchFrom(from)).toEqual({ kind: "answered", value: { kind: "next", bytes } });
    expect(asked).toEqual([range]);
  });

  it("is asked for without a range where one piece is all of it", async () => {
    answer = (_, response) => void response.end(file.slice(0, piece));
    const value = { kind: "whole", bytes: file.slice(0, piece) };
    expect(await fetchFrom(0, piece)).toEqual({ kind: "answered", value });
    expect(asked).toEqual([undefined]);
  });

  it("is taken whole from a server that knows no ranges", async () => {
    answer = whole;
    expect(await fetchFrom(piece)).toEqual({ kind: "answered", value: { kind: "whole", bytes: file } });
  });

  it("longer than declared is not read to its end", async () => {
    answer = whole;
    expect(await fetchFrom(0, file.length - 1)).toEqual({ kind: "answered", value: { kind: "oversized" } });
    expect(await fetchFrom(piece, file.length - 1)).toEqual({ kind: "answered", value: { kind: "oversized" } });
  });

  test.each<[string, Answer]>([
    ["another piece", cut(file.slice(1, piece + 1), `bytes 1-${piece}/${file.length}`)],
    ["a shorter piece", cut(file.slice(0, 10), `bytes 0-9/${file.length}`)],
    ["a piece shorter than it says", cut(file.slice(0, 10), `bytes 0-${piece - 1}/${file.length}`)],
    ["a piece longer than it says", cut(file, `bytes 0-${piece - 1}/${file.length}`)],
    ["a piece of nothing said", (_, response) => void response.writeHead(206).end(file.slice(0, piece))],
  ])("is not taken from %s", async (_, how) => {
    answer = how;
    expect(await fetchFrom(0)).toEqual({ kind: "unreachable", cause: "another piece than was asked for" });
  });

  it("that has no such bytes is said no to", async () => {
    answer = (_, response) => void response.writeHead(416).end();
    expect(await fetchFrom(piece)).toMatchObject({ kind: "rejected", status: 416 });
  });
});
