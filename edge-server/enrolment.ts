/**
 * How a terminal comes into being (FORMATS, "HTTP"): the operator makes a link, whoever opens it on a device has made
 * that device the terminal.
 *
 *     link   URL/kiosk/#enrol=CODE.ROOT      CODE 16 random bytes, ROOT the SHA-256 of the first root, both base64url
 *
 * A code is good once and for 15 minutes; only its SHA-256 is kept. A key is stored with the taking of its code, or
 * neither happens. Who asks again with the same code and the same key, because the answer was lost, is answered again.
 */
import { type Bytes, concatBytes, sha256, toBase64url, toUtf8 } from "../shared/bytes.ts";
import { importPublicKey, type PublicKey } from "../shared/keys.ts";
import type { EnrolmentAnswer, EnrolmentRequest, Profile } from "../shared/messages.ts";
import type { Instant } from "../shared/terms.ts";
import { type KeyStore, kidsOf } from "./keys.ts";
import type { EnrolmentCode, Publisher, Registry, TerminalRow } from "./ports.ts";
import { randomBytes } from "./random.ts";

export const enrolmentLifeSeconds = 15 * 60;

/** A terminal that nobody has enrolled yet. */
export const makeTerminal = (id: string, profile: Profile): TerminalRow => ({
  id,
  profile,
  key: null,
  enrolledAt: null,
  revokedAt: null,
  lastSeenAt: null,
});

/** Ten characters of chance after what the terminal does: nobody has to invent names. */
export const makeTerminalId = (profile: Profile): string =>
  `${profile.service}-${Array.from(randomBytes(10), (byte) => idLetters.charAt(byte % idLetters.length)).join("")}`;

export type LinkEdges = {
  readonly registry: Pick<Registry, "putEnrolmentCode">;
  readonly publisher: Pick<Publisher, "current">;
  /** Base of the link, without a closing slash. */
  readonly url: string;
};

export const makeEnrolmentLink = async (edges: LinkEdges, terminal: string, now: Instant): Promise<string> => {
  const code = toBase64url(randomBytes(16));
  const { firstRoot } = await edges.publisher.current();
  const [hash, root] = [await sha256(toUtf8(code)), await sha256(firstRoot)];
  edges.registry.putEnrolmentCode({ hash, terminal, expiresAt: now + enrolmentLifeSeconds });
  return `${edges.url}/kiosk/#enrol=${code}.${toBase64url(root)}`;
};

export type Enrolled =
  | { readonly kind: "enrolled"; readonly answer: EnrolmentAnswer }
  | { readonly kind: "refused"; readonly problem: "code-refused"; readonly detail: string };

export type EnrolmentEdges = {
  readonly registry: Registry;
  readonly publisher: Pick<Publisher, "current">;
  readonly keys: Pick<KeyStore, "held" | "operator">;
};

export const enrolTerminal = async (
  edges: EnrolmentEdges,
  request: EnrolmentRequest,
  now: Instant,
): Promise<Enrolled> => {
  const { registry, publisher, keys } = edges;
  const key = await importPublicKey(request.key);
  if (key === null) return refuse("the key is none");
  const isTaken = await isKeyTaken(edges, key);
  const { firstRoot } = await publisher.current();
  const hash = await sha256(toUtf8(request.code));
  const hashAgain = await sha256(concatBytes(hash, toUtf8(key.kid)));

  return registry.atomically(() => {
    const taken = takeCode(registry, hash, hashAgain, now);
    if (taken === null) return refuse("the code is unknown, used or too old: make a new link");
    const { code, terminal } = taken;
    if (terminal.revokedAt !== null) return refuse("the terminal was revoked");
    if (!taken.isAgain) {
      if (terminal.key !== null) return refuse("the terminal is enrolled already");
      if (isTaken) return refuse("the key is in use elsewhere: a key has one use");
      registry.putTerminal({ ...terminal, key: key.jwk, enrolledAt: now });
    }
    registry.putEnrolmentCode({ ...code, hash: hashAgain });
    return { kind: "enrolled", answer: answerOf(terminal, keys.operator, firstRoot) };
  });
};

const idLetters = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 that nobody confuses

type Taken = { readonly code: EnrolmentCode; readonly terminal: TerminalRow; readonly isAgain: boolean };

const takeCode = (registry: Registry, hash: Bytes, hashAgain: Bytes, now: Instant): Taken | null => {
  const first = registry.takeEnrolmentCode(hash, now);
  const code = first ?? registry.takeEnrolmentCode(hashAgain, now);
  const terminal = code === null ? null : registry.terminal(code.terminal);
  if (code === null || terminal === null) return null;
  return { code, terminal, isAgain: first === null };
};

const isKeyTaken = async ({ registry, keys }: EnrolmentEdges, key: PublicKey): Promise<boolean> => {
  return (
    kidsOf(await keys.held()).has(key.kid) ||
    registry.issuers().some(({ kid }) => kid === key.kid) ||
    registry.terminals().some((terminal) => terminal.key?.x === key.jwk.x)
  );
};

const answerOf = (terminal: TerminalRow, operator: KeyStore["operator"], firstRoot: Bytes): EnrolmentAnswer => ({
  terminal: terminal.id,
  operatorKey: toBase64url(operator.bytes),
  operatorKeyVersion: operator.version,
  profile: terminal.profile,
  root: toBase64url(firstRoot),
});

const refuse = (detail: string): Enrolled => ({ kind: "refused", problem: "code-refused", detail });
