/** Reads what a request brings, never more of it than is allowed, and nothing of another kind than was asked for. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Context } from "hono";
import * as v from "valibot";
import { type Bytes, concatBytes, fromUtf8 } from "../shared/bytes.ts";
import { answerProblem } from "./problem.ts";

export const jsonBytesMax = 64 * 1024;

/** What was read, or the problem to answer with. */
export type Read<T> = { readonly value: T } | { readonly refusal: Response };

/** What a body says of itself, before any of it is read: how long it will be, 0 where it does not say. */
export const readHeading = (c: Context, mediaType: string, bytesMax: number): Read<number> => {
  const sent = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (sent !== mediaType) return refuse(c, "unsupported-media-type", `This takes ${mediaType}.`);
  const length = Number(c.req.header("content-length") ?? 0);
  return length > bytesMax ? tooLarge(c, bytesMax) : { value: length };
};

export const readBytes = async (c: Context, mediaType: string, bytesMax: number): Promise<Read<Bytes>> => {
  const heading = readHeading(c, mediaType, bytesMax);
  if ("refusal" in heading) return heading;
  const bytes = await readBounded(c.req.raw.body, bytesMax).catch(() => "cut" as const);
  if (bytes === "cut") return refuse(c, "malformed", "The body was cut off.");
  return bytes === null ? tooLarge(c, bytesMax) : { value: bytes };
};

export const readJson = async <T>(
  c: Context,
  schema: v.GenericSchema<unknown, T>,
  bytesMax = jsonBytesMax,
): Promise<Read<T>> => {
  const bytes = await readBytes(c, "application/json", bytesMax);
  if ("refusal" in bytes) return bytes;
  const result = v.safeParse(schema, parseJson(bytes.value));
  if (result.success) return { value: result.output };
  // Where it is wrong, and not what stood there: that may be a code.
  const path = v.getDotPath(result.issues[0]);
  return refuse(c, "malformed", path === null ? "The body as a whole." : `The field ${path}.`);
};

/** What stands after the question mark; of a name that is there twice, the first. */
export const readQuery = <T>(c: Context, schema: v.GenericSchema<unknown, T>): Read<T> => {
  const result = v.safeParse(schema, c.req.query());
  if (result.success) return { value: result.output };
  return refuse(
    c,
    "malformed",
    `The query${v.getDotPath(result.issues[0]) === null ? "" : ` ${v.getDotPath(result.issues[0])}`}.`,
  );
};

/** Undoes `content-encoding`: gzip or nothing. Stops at `bytesMax`, however much more there would be. */
export const inflateBody = async (c: Context, sent: Bytes, bytesMax: number): Promise<Read<Bytes>> => {
  const encoding = c.req.header("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding === "identity") return { value: sent };
  if (encoding !== "gzip") return refuse(c, "unsupported-media-type", "This takes gzip, or no encoding.");
  try {
    return { value: new Uint8Array(await gunzipBounded(sent, { chunkSize, maxOutputLength: bytesMax })) };
  } catch (error) {
    const isTooLarge = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge ? tooLarge(c, bytesMax) : refuse(c, "malformed", "The body is not gzip.");
  }
};

const gunzipBounded = promisify(gunzip) as unknown as (
  bytes: Bytes,
  options: { readonly chunkSize: number; readonly maxOutputLength: number },
) => Promise<Uint8Array>;
/** At a time: each goes to another thread and back, and of Node's 16 KiB a batch has sixty. */
const chunkSize = 256 * 1024;

const readBounded = async (body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<Bytes | null> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > bytesMax) return null; // leaving the loop cancels the rest
    parts.push(part);
  }
  return concatBytes(...parts);
};

/** Undefined where it is none. */
export const parseJson = (bytes: Bytes): unknown => {
  try {
    return JSON.parse(fromUtf8(bytes) ?? "");
  } catch {
    return undefined;
  }
};

const refuse = (c: Context, word: "unsupported-media-type" | "malformed", detail: string) => ({
  refusal: answerProblem(c, word, { detail }),
});

const tooLarge = (c: Context, bytesMax: number) => ({
  refusal: answerProblem(c, "too-large", { detail: `At most ${bytesMax} bytes.` }),
});
