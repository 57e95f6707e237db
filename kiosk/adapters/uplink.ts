/**
 * The server over fetch (FORMATS, "HTTP"): an `Uplink` that never rejects.
 *
 * `answered` is only what has the agreed shape, within its bounds and in time (10 s; a rescue 120 s; artefacts 60 s for each 256 KiB,
 * asked for by range, so that a thin line gets there and what broke off goes on). `rejected` is an
 * answer of the server that says no: a status from 400 up, with its problem details where it has some. All else is
 * `unreachable`: no network, a redirect, too many bytes, a cut body, the login page of a wireless network. Batches are
 * compressed; requests that carry an identity are signed over the bytes that are sent.
 */

import { type Bytes, fromUtf8, toBase64url, toUtf8 } from "../../shared/bytes.ts";
import { artefactBytesMax } from "../../shared/manifest.ts";
import {
  type EnrolmentRequest,
  enrolmentAnswer,
  manifestAnswer,
  problem,
  readAnswer,
  rescueAnswer,
} from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Answer, Identity, Piece, Random, Uplink } from "../ports.ts";
import { readBounded } from "./bounded-body.ts";
import { watchReturn } from "./network-return.ts";

/** `origin`: such as `https://city.example`. `now`: a time that the server takes, for signatures. */
export type UplinkOptions = { readonly origin: string; readonly now: () => Instant; readonly random: Random };

type Request = {
  readonly path: string;
  readonly accept: string;
  readonly bytesMax: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** With a body it is a POST. */
  readonly body?: Bytes;
  readonly signedBy?: Identity;
  readonly seconds?: number;
};

const answerSeconds = 10;
const artefactSeconds = 60;
/** Up to 8 MB on a thin line. */
const rescueSeconds = 120;
const pieceBytes = 256 * 1024;
const smallBytesMax = 64 * 1024;
/** The manifest and a hundred roots, in base64url. */
const manifestAnswerBytesMax = 2 * 1024 * 1024;

export const createUplink = ({ origin, now, random }: UplinkOptions): Uplink => {
  const network = watchReturn(origin, random);
  let etag: string | null = null;

  const ask = async (request: Request): Promise<Answer<Reply>> => {
    const answer = await askOnce(request);
    if (answer.kind === "unreachable") network.onUnreached();
    return answer;
  };

  const askOnce = async (request: Request): Promise<Answer<Reply>> => {
    try {
      const method = request.body === undefined ? "GET" : "POST";
      const url = `${origin}${request.path}`;
      const headers = await signedHeaders(request, method, url);
      const response = await fetch(url, {
        method,
        headers: { ...headers, accept: request.accept },
        ...(request.body === undefined ? {} : { body: request.body }),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout((request.seconds ?? answerSeconds) * 1000),
      });
      return await readResponse(response, request);
    } catch (reason) {
      return unreachable(reason instanceof Error ? reason.message : String(reason));
    }
  };

  const signedHeaders = async (request: Request, method: string, url: string): Promise<Record<string, string>> => {
    const { body, signedBy } = request;
    // Fetched with the first that is to be signed: nobody at the gate waits for it.
    const { contentDigestOf, signRequest } = await import("../../shared/http-signature.ts");
    const headers = {
      ...request.headers,
      ...(body === undefined ? {} : { "content-digest": await contentDigestOf(body) }),
    };
    if (signedBy === undefined) return headers;
    const nonce = toBase64url(random.bytes(16));
    return {
      ...headers,
      ...(await signRequest({ method, url, headers }, signedBy.key, signedBy.terminal, now(), nonce)),
    };
  };

  return {
    enrol: async (code, publicJwk) => {
      const wanted: EnrolmentRequest = { code, key: publicJwk };
      const answer = await ask({
        path: "/v1/enrolments",
        accept: "application/json",
        headers: { "content-type": "application/json" },
        body: toUtf8(JSON.stringify(wanted)),
        bytesMax: manifestAnswerBytesMax,
      });
      return understand(answer, (bytes) => readAnswer(enrolmentAnswer, parseJson(bytes)));
    },
    fetchManifest: async (identity) => {
      const answer = await ask({
        path: "/v1/manifest",
        accept: "application/json",
        headers: etag === null ? {} : { "if-none-match": etag },
        signedBy: identity,
        bytesMax: manifestAnswerBytesMax,
      });
      if (answer.kind === "answered" && answer.value.status === 304) {
        return etag === null ? unreachable("unchanged, but nothing was there before") : answered("unchanged");
      }
      const understood = understand(answer, (bytes) => readAnswer(manifestAnswer, parseJson(bytes)));
      if (answer.kind === "answered" && understood.kind === "answered") etag = answer.value.etag;
      return understood;
    },
    fetchArtefact: async (encoded, from) => {
      const end = Math.min(from + pieceBytes, encoded.length);
      const isAll = from === 0 && end === encoded.length;
      const answer = await ask({
        path: `/v1/artefacts/${encoded.sha256}`,
        accept: "application/octet-stream",
        headers: isAll ? {} : { range: `bytes=${from}-${end - 1}` },
        bytesMax: Math.min(encoded.length, artefactBytesMax),
        seconds: artefactSeconds,
      });
      if (answer.kind === "answered" && answer.value.bytes === null) return answered({ kind: "oversized" });
      if (answer.kind === "answered" && answer.value.status === 206) return pieceOf(answer.value, from, end);
      return understand(answer, (bytes) => ({ kind: "whole", bytes }));
    },
    packBatch: compress,
    sendBatch: async (identity, packed) => {
      const answer = await ask({
        path: "/v1/log",
        accept: "application/cose",
        headers: { "content-type": "application/cbor", "content-encoding": "gzip" },
        body: packed,
        signedBy: identity,
        bytesMax: smallBytesMax,
      });
      return understand(answer, (bytes) => bytes);
    },
    sendRescue: async (identity, sealed) => {
      const answer = await ask({
        path: "/v1/rescues",
        accept: "application/json",
        headers: { "content-type": "application/greenlane-rescue" },
        body: sealed,
        signedBy: identity,
        bytesMax: smallBytesMax,
        seconds: rescueSeconds,
      });
      return understand(answer, (bytes) => readAnswer(rescueAnswer, parseJson(bytes)));
    },
    onReturn: network.onReturn,
  };
};

type Reply = {
  readonly status: number;
  readonly etag: string | null;
  readonly contentRange: string | null;
  /** Null where there are more than were asked for. */
  readonly bytes: Bytes | null;
};

const readResponse = async (response: Response, { bytesMax }: Request): Promise<Answer<Reply>> => {
  const { status, headers } = response;
  const isPage = headers.get("content-type")?.startsWith("text/html") === true;
  if (isPage) {
    await response.body?.cancel();
    return unreachable("a web page answers, not the server");
  }
  if (status >= 400) {
    const bytes = await readBounded(response, smallBytesMax);
    return { kind: "rejected", status, problem: bytes === null ? null : readAnswer(problem, parseJson(bytes)) };
  }
  const bytes = await readBounded(response, bytesMax);
  return answered({ status, etag: headers.get("etag"), contentRange: headers.get("content-range"), bytes });
};

const pieceOf = ({ contentRange, bytes }: Reply, from: number, end: number): Answer<Piece> => {
  const isAsked = contentRange?.startsWith(`bytes ${from}-${end - 1}/`) === true && bytes?.length === end - from;
  return isAsked ? answered({ kind: "next", bytes }) : unreachable("another piece than was asked for");
};

const understand = <T>(answer: Answer<Reply>, read: (bytes: Bytes) => T | null): Answer<T> => {
  if (answer.kind !== "answered") return answer;
  const { status, bytes } = answer.value;
  if (bytes === null) return unreachable("an answer that is too long");
  const value = status === 200 ? read(bytes) : null;
  return value === null ? unreachable("an answer that is not the server's") : answered(value);
};

/** Written as one piece: a Blob would go to the browser's own process and come back in many. */
const compress = async (bytes: Bytes): Promise<Bytes> => {
  const { readable, writable } = new CompressionStream("gzip");
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(bytes), writer.close()]);
  const [compressed] = await Promise.all([new Response(readable).arrayBuffer(), written]);
  return new Uint8Array(compressed);
};

const parseJson = (bytes: Bytes): unknown => {
  try {
    return JSON.parse(fromUtf8(bytes) ?? "");
  } catch {
    return undefined;
  }
};

const answered = <T>(value: T): Answer<T> => ({ kind: "answered", value });
const unreachable = (cause: string): Answer<never> => ({ kind: "unreachable", cause });
