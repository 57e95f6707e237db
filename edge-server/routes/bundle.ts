/**
 * `GET /v1/manifest` and `GET /v1/artefacts/{sha256}`: the bundle. Anybody may fetch it, also by parts; the keys of the score lists go to
 * enrolled terminals that signed their request. A signature that does not hold is refused rather than overlooked.
 */
import { Hono } from "hono";
import { type Bytes, sha256, toBase64url, toHex, toUtf8 } from "../../shared/bytes.ts";
import { type ManifestAnswer, manifestAnswer } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Authenticate } from "../auth.ts";
import { describe } from "../describe.ts";
import type { WriteLog } from "../events.ts";
import type { Published, Publisher } from "../ports.ts";
import { answerProblem } from "../problem.ts";
import { identifySender } from "./sender.ts";

export type BundleDeps = {
  readonly publisher: Pick<Publisher, "current" | "artefact">;
  readonly authenticate: Authenticate;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

export const bundleRoutes = (deps: BundleDeps): Hono => {
  const artefacts = createArtefactCache(deps.publisher.artefact);
  return new Hono()
    .get("/manifest", describe(manifestDescription), async (c) => {
      const isSigned = c.req.header("signature-input") !== undefined;
      if (isSigned) {
        const sender = await identifySender(deps, c, null);
        if ("refusal" in sender) return sender.refusal;
        if (sender.value.terminal.revokedAt !== null) return answerProblem(c, "terminal-revoked");
      }
      const answer = JSON.stringify(answerOf(await deps.publisher.current(), isSigned));
      const etag = `"${toHex(await sha256(toUtf8(answer))).slice(0, 32)}"`;
      const headers = { ETag: etag, "Cache-Control": "private, no-cache", Vary: "Signature-Input" };
      if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
      return c.body(answer, 200, { ...headers, "Content-Type": "application/json" });
    })
    .get("/artefacts/:sha256", describe(artefactDescription), (c) => {
      const name = c.req.param("sha256");
      const bytes = /^[0-9a-f]{64}$/.test(name) ? artefacts(name) : null;
      if (bytes === null) return answerProblem(c, "not-found");
      const range = readRange(c.req.header("range"), c.req.header("if-range"), `"${name}"`, bytes.length);
      if (range === "beyond") {
        return answerProblem(c, "range-not-satisfiable", {}, { "Content-Range": `bytes */${bytes.length}` });
      }
      const headers = {
        "Content-Type": "application/octet-stream",
        "Cache-Control": "public, max-age=31536000, immutable",
        "Accept-Ranges": "bytes",
        ETag: `"${name}"`,
      };
      if (range === null) return c.body(bytes, 200, headers);
      const contentRange = { "Content-Range": `bytes ${range.from}-${range.to}/${bytes.length}` };
      return c.body(bytes.slice(range.from, range.to + 1), 206, { ...headers, ...contentRange });
    });
};

const answerOf = (published: Published, withKeys: boolean): ManifestAnswer => ({
  roots: published.laterRoots.map(toBase64url),
  manifest: toBase64url(published.manifest),
  keys: withKeys ? published.keys : {},
});

/** `to` is included. */
type Range = { readonly from: number; readonly to: number };

/**
 * RFC 9110 section 14: one range of bytes, so that a download goes on where it broke off. Null where all is to be sent:
 * no range, one that is malformed, several, or of something else than is here.
 */
const readRange = (
  range: string | undefined,
  ifRange: string | undefined,
  etag: string,
  length: number,
): Range | "beyond" | null => {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined || last === undefined || (ifRange !== undefined && ifRange !== etag)) return null;
  if (first === "") {
    if (last === "") return null;
    return Number(last) === 0 || length === 0 ? "beyond" : { from: Math.max(0, length - Number(last)), to: length - 1 };
  }
  const to = last === "" ? length - 1 : Math.min(Number(last), length - 1);
  if (Number(first) >= length) return "beyond";
  return to < Number(first) ? null : { from: Number(first), to };
};

const cachedBytesMax = 24 * 1024 * 1024;

/** After a publication every terminal asks for the same few artefacts at once: they are read once, not for each. */
const createArtefactCache = (read: Publisher["artefact"]): Publisher["artefact"] => {
  const cached = new Map<string, Bytes>();
  let length = 0;
  return (name) => {
    const known = cached.get(name);
    if (known !== undefined) return known;
    const bytes = read(name);
    if (bytes === null || bytes.length > cachedBytesMax) return bytes;
    cached.set(name, bytes);
    length += bytes.length;
    for (const [oldest, old] of cached) {
      if (length <= cachedBytesMax) break;
      cached.delete(oldest);
      length -= old.length;
    }
    return bytes;
  };
};

const manifestDescription = {
  summary: "The signed manifest in force, and the list keys for enrolled terminals",
  isSigned: true,
  gives: { "application/json": manifestAnswer },
  refuses: ["not-signed", "terminal-revoked", "too-many"],
} as const;

const artefactDescription = {
  summary: "One artefact by the SHA-256 of its encoding",
  path: { sha256: "^[0-9a-f]{64}$" },
  gives: { "application/octet-stream": "bytes" },
  hasRanges: true,
  refuses: ["not-found", "range-not-satisfiable"],
} as const;
