/**
 * How a page becomes a terminal: the enrolment link `#enrol=CODE.ROOT` (FORMATS, "HTTP"). CODE is good once and for 15
 * minutes, ROOT the base64url SHA-256 of the first root, so that whoever answers cannot choose whom we trust.
 *
 * While the server does not answer, the same code and the same key are offered again. Where an answer got lost, the code
 * is used up: the refusal says so, and a fresh link helps. What is a terminal already becomes another one only when all of
 * its log is acknowledged; in every other case it stays what it is, and says why.
 */

import { type Bytes, fromBase64url } from "../shared/bytes.ts";
import { signingKeyOf } from "../shared/keys.ts";
import { openFirstRoot } from "../shared/root.ts";
import type { Answer, Clock, Identity, IdentityStore, LogStore, Uplink } from "./ports.ts";

export type EnrolmentLink = { readonly code: string; readonly rootHash: Bytes };

export type EnrolmentParts = {
  readonly link: EnrolmentLink | "malformed" | null;
  readonly uplink: Pick<Uplink, "enrol">;
  readonly store: IdentityStore;
  readonly log: Pick<LogStore, "open">;
  /** Ed25519, or P-256 where there is none; the private key non-extractable. */
  readonly makeKeys: () => Promise<CryptoKeyPair>;
  readonly clock: Pick<Clock, "after">;
  readonly onEnrolling: () => void;
  /** Nobody answered: it is tried again by itself. */
  readonly onNoServer: (cause: string) => void;
};

/** `refusal`: why the link was not used, null where it was or where there was none. */
export type Identified = { readonly identity: Identity | null; readonly refusal: string | null };

/** Null where the address carries no link, `malformed` where it carries half of one. Takes it off the address first. */
export const takeLink = (fragment: string, clearFragment: () => void): EnrolmentLink | "malformed" | null => {
  if (!fragment.startsWith("#enrol=")) return null;
  clearFragment();
  const [, code, root] = /^#enrol=([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(fragment) ?? [];
  const rootHash = fromBase64url(root ?? "");
  return code === undefined || rootHash?.length !== 32 ? "malformed" : { code, rootHash };
};

/** Who this terminal is, after the link was used, if there is one. */
export const identify = async (parts: EnrolmentParts): Promise<Identified> => {
  const { link, store } = parts;
  const known = await store.read();
  if (link === null) return { identity: known, refusal: null };
  if (link === "malformed") return { identity: known, refusal: "the enrolment link is not whole" };
  const hindrance = known === null ? null : await whyNotAnew(known, parts);
  if (hindrance !== null) return { identity: known, refusal: hindrance };

  parts.onEnrolling();
  const pair = await parts.makeKeys();
  let enrolled = await enrol(link, pair, parts);
  while (enrolled.kind === "no-server" && known === null) {
    parts.onNoServer(enrolled.cause);
    await new Promise<void>((resolve) => {
      parts.clock.after(repeatSeconds, resolve);
    });
    enrolled = await enrol(link, pair, parts);
  }
  return enrolled.kind === "enrolled"
    ? { identity: await store.read(), refusal: null }
    : { identity: known, refusal: enrolled.cause };
};

const repeatSeconds = 5;

/** Another terminal begins another log, and this one's would go. */
const whyNotAnew = async (known: Identity, { log }: EnrolmentParts): Promise<string | null> => {
  const { head, ackedSeq } = await log.open(known.terminal);
  const pending = head.seq - ackedSeq;
  return pending === 0 ? null : `${pending} entries of this terminal are not acknowledged yet: open a fresh link later`;
};

type Enrolled =
  | { readonly kind: "enrolled" }
  | { readonly kind: "no-server"; readonly cause: string }
  | { readonly kind: "refused"; readonly cause: string };

const enrol = async (link: EnrolmentLink, pair: CryptoKeyPair, parts: EnrolmentParts): Promise<Enrolled> => {
  const { jwk } = await signingKeyOf(pair);
  const answer = await parts.uplink.enrol(link.code, jwk);
  if (answer.kind !== "answered") return describeFailure(answer);
  const root = await openFirstRoot(fromBase64url(answer.value.root) ?? new Uint8Array(0), link.rootHash);
  if (root.kind === "refused") return { kind: "refused", cause: `the server's root is refused: ${root.detail}` };
  await parts.store.write(answer.value, link.rootHash, pair);
  return { kind: "enrolled" };
};

const describeFailure = (answer: Exclude<Answer<never>, { kind: "answered" }>): Enrolled => {
  if (answer.kind === "unreachable") return { kind: "no-server", cause: answer.cause };
  const cause = answer.problem?.title ?? `the server answers ${answer.status}`;
  return { kind: answer.status >= 500 || answer.status === 429 ? "no-server" : "refused", cause };
};
