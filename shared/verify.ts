/**
 * Text + trust + now -> whose code this is, or a fault. It alone makes a `VerifiedPresentation`; nothing else may act on
 * a code. A fault is the first that applies in FORMATS' order of precedence, and nothing that a code says is believed
 * before the signatures over it: until then it can only choose which fault it is.
 *
 * Whether the code is *acceptable* (replay, passback, revocation, terms) is `decide`'s question, with the terminal's
 * history. `now` is the terminal's time in Unix seconds, never below the newest that a signed message of ours has shown.
 */
import { sha256, toHex } from "./bytes.ts";
import { sigStructureOf, verifySign1 } from "./cose.ts";
import {
  bounceSeconds,
  type Code,
  type CredentialClaims,
  cardLifeSecondsMax,
  phoneLifeSecondsMax,
  presentationSecondsMax,
  readCode,
  toleranceSeconds,
} from "./credential.ts";
import { importCheckingKey } from "./keys.ts";
import { type Issuer, issuerOf, mayGiveRoleAt, mayPointAt, type Trust } from "./trust.ts";

/** In order of precedence; `wrong-algorithm` stands once more between the two signatures, for the holder. */
export const faults = [
  "not-ours",
  "update-terminal",
  "unreadable",
  "unknown-issuer",
  "wrong-algorithm",
  "bad-issuer-signature",
  "bad-holder-signature",
  "not-yet-valid",
  "expired",
  "life-too-long",
  "from-the-future",
  "stale",
] as const;

export type Fault = (typeof faults)[number];

declare const verified: unique symbol;

export type VerifiedPresentation = {
  readonly [verified]: true;
  readonly form: "presentation" | "bearer";
  readonly use: "citizen" | "staff";
  /** The programme that the issuer's key is trusted for. */
  readonly programme?: string;
  /** Never shown, never logged: see pseudonym. */
  readonly sub: string;
  readonly exp: number;
  readonly credentialIssuedAt: number;
  /** A citizen's place in a score list of the programme. */
  readonly statusUri?: string;
  readonly statusIndex?: number;
  /** False where the issuer's key may not point at that list: the standing is then unknown. */
  readonly statusAllowed?: boolean;
  /** Staff. */
  readonly role?: string;
  readonly sites?: readonly string[];
  /** When the phone made the presentation. */
  readonly issuedAt?: number;
  readonly issuerKid: string;
  /** SHA-256, hexadecimal, of the presentation's (a card: the credential's) Sig_structure. */
  readonly identity: string;
  /** The last second at which the identity must still be remembered, to tell a replay (a card: a bounce). */
  readonly windowUntil: number;
};

/** `issuedAt`: with `from-the-future` and `stale` only, when the phone says that it made the presentation. */
export type Verification =
  | { readonly kind: "verified"; readonly presentation: VerifiedPresentation }
  | { readonly kind: "fault"; readonly fault: Fault; readonly issuedAt?: number };

/** `presentationSeconds` is the policy's, and can only shorten the window. */
export const verify = (
  text: string,
  trust: Trust,
  now: number,
  presentationSeconds: number = presentationSecondsMax,
): Promise<Verification> => verifyCode(readCode(text), trust, now, presentationSeconds);

/** The same of a text that was read before. */
export const verifyCode = async (
  code: Code,
  trust: Trust,
  now: number,
  presentationSeconds: number,
): Promise<Verification> => {
  if (code.kind === "fault") return code;
  const { credential } = code;
  const { claims } = credential;
  const known = issuerOf(trust, credential.kid, now);
  const issuer = known !== null && mayIssue(known, claims) ? known : null;
  // Both signatures at once: somebody stands before the gate. What is said of them keeps its order.
  const checkingIssuer = issuer === null ? null : verifySign1(credential.sign1, issuer.key);
  const holder = code.kind === "presentation" ? await importCheckingKey(code.holder) : undefined;
  if (holder === null) return fault("unreadable"); // the coordinates are no point on the curve
  if (issuer === null) return fault("unknown-issuer");
  const checkingHolder = code.kind === "presentation" && holder !== undefined ? verifySign1(code.sign1, holder) : null;

  const byIssuer = await checkingIssuer;
  if (byIssuer === "wrong-algorithm") return fault("wrong-algorithm");
  if (byIssuer !== "ok") return fault("bad-issuer-signature");
  const byHolder = await checkingHolder;
  if (byHolder === "wrong-algorithm") return fault("wrong-algorithm");
  if (byHolder === "bad-signature") return fault("bad-holder-signature");

  const late = timeFault(code, now, presentationSeconds);
  if (late === null) return { kind: "verified", presentation: await makeVerified(code, issuer, now) };
  const isMoment = code.kind === "presentation" && (late === "from-the-future" || late === "stale");
  return isMoment ? { kind: "fault", fault: late, issuedAt: code.issuedAt } : fault(late);
};

type Read = Exclude<Code, { readonly kind: "fault" }>;

const fault = (fault: Fault): Verification => ({ kind: "fault", fault });

/** A key has one use: roles are for staff keys and their sites, everyone else's credentials for citizen keys. */
const mayIssue = ({ entry }: Issuer, { staff }: CredentialClaims): boolean =>
  staff === undefined ? entry.use === "citizen" : entry.use === "staff" && mayGiveRoleAt(entry, staff.sites);

/** Written so that a clock that is not a number finds every code at fault. */
const timeFault = (code: Read, now: number, presentationSeconds: number): Fault | null => {
  const { exp, iat, nbf = iat, holder } = code.credential.claims;
  if (!(now >= Math.max(nbf, iat) - toleranceSeconds)) return "not-yet-valid";
  if (now >= exp) return "expired";
  if (exp - iat > (holder === undefined ? cardLifeSecondsMax : phoneLifeSecondsMax)) return "life-too-long";
  if (code.kind === "bearer") return null;
  if (code.issuedAt > now + toleranceSeconds) return "from-the-future";
  const goodUntil = code.issuedAt + Math.max(0, Math.min(presentationSeconds, presentationSecondsMax));
  return now <= goodUntil ? null : "stale";
};

const makeVerified = async (code: Read, { entry }: Issuer, now: number): Promise<VerifiedPresentation> => {
  const { sign1, claims } = code.credential;
  const { sub, exp, iat, status, staff } = claims;
  const shown = code.kind === "presentation" ? code.sign1 : sign1;
  const presentation = {
    form: code.kind,
    use: entry.use,
    ...(entry.programme === undefined ? {} : { programme: entry.programme }),
    sub,
    exp,
    credentialIssuedAt: iat,
    ...(staff === undefined ? placeOf(status, entry) : staff),
    ...(code.kind === "presentation" ? { issuedAt: code.issuedAt } : {}),
    issuerKid: entry.kid,
    identity: toHex(await sha256(sigStructureOf(shown))),
    // The full window also where policy has shortened it, since a policy can change before it is over.
    windowUntil: code.kind === "presentation" ? code.issuedAt + presentationSecondsMax : now + bounceSeconds,
  };
  return presentation as typeof presentation & { readonly [verified]: true };
};

const placeOf = (status: CredentialClaims["status"], entry: Issuer["entry"]) =>
  status === undefined
    ? {}
    : { statusUri: status.uri, statusIndex: status.index, statusAllowed: mayPointAt(entry, status.uri) };
