/**
 * How operators come in and go out. An attempt is counted durably before its password is looked at, so that nothing is
 * gained by ending the server, or by many at once. Who guesses waits longer each time:
 *
 *     wrong in a row   1  2  3  4  5  ...  9    10 and more
 *     then waits       -  -  2  4  8  ... 128   15 minutes
 *
 * A name that nobody has is counted and takes as long as one that somebody has. A session ends 30 minutes after it was
 * last used, 12 hours after it began, at sign-out, and with the operator. Its secret is random and kept as its SHA-256.
 */
import type { OperatorRole } from "../shared/admin.ts";
import { type Bytes, sha256, toBase64url, toHex, toUtf8 } from "../shared/bytes.ts";
import type { Instant } from "../shared/terms.ts";
import type { OperatorRow, OperatorStore } from "./operators.ts";
import { isPassword, keepPassword } from "./password.ts";
import { randomBytes } from "./random.ts";

export const idleSeconds = 30 * 60;
export const sessionSeconds = 12 * 3600;
export const welcomeSeconds = 24 * 3600;
export const failuresMax = 10;
const lockSeconds = 15 * 60;
/** Names that are guessed at: more of them than any operator has, and nothing to fill a disk with. */
const attemptsMax = 10_000;
const rememberSeconds = 24 * 3600;

export type SignedIn =
  | { readonly kind: "signed-in"; readonly secret: string; readonly operator: OperatorRow }
  | { readonly kind: "refused" }
  | { readonly kind: "wait"; readonly seconds: number };

type Given = { readonly name: string; readonly password: string };

export const signIn = async (store: OperatorStore, given: Given, now: Instant): Promise<SignedIn> => {
  const checked = await checkPassword(store, given, now);
  if (checked.kind !== "right") return checked;
  const { operator } = checked;
  return { kind: "signed-in", secret: await openSession(store, operator, now), operator };
};

export type Checked =
  | { readonly kind: "right"; readonly operator: OperatorRow }
  | { readonly kind: "refused" }
  | { readonly kind: "wait"; readonly seconds: number };

/** Whoever is asked for a password again is counted like one who comes in. */
export const checkPassword = async (
  store: OperatorStore,
  { name, password }: Given,
  now: Instant,
): Promise<Checked> => {
  const key = toHex(await sha256(toUtf8(name)));
  const seconds = await countAttempt(store, key, now);
  if (seconds > 0) return { kind: "wait", seconds };
  const operator = await store.operator(name);
  const isKnown = operator !== null && operator.revokedAt === null;
  const isRight = await isPassword(password, isKnown ? operator.password : null);
  if (isRight === "full") return { kind: "wait", seconds: 5 };
  if (!isKnown || !isRight) {
    await store.recordAct({ at: now, by: isKnown ? name : "?", act: "sign-in-refused", what: "" });
    return { kind: "refused" };
  }
  await store.dropAttempts(key);
  return { kind: "right", operator };
};

/** How long to wait; 0 where this one was counted and may be looked at. */
const countAttempt = (store: OperatorStore, key: string, now: Instant): Promise<number> =>
  store.atomically(async (records) => {
    const before = await records.attempts(key);
    if (before !== null && before.nextAt > now) return before.nextAt - now;
    if (before === null && (await records.endAttempts(now - rememberSeconds)) >= attemptsMax) return lockSeconds;
    const failures = (before?.failures ?? 0) + 1;
    await records.putAttempts({ key, failures, nextAt: now + waitAfter(failures) });
    return 0;
  });

const waitAfter = (failures: number): number =>
  failures >= failuresMax ? lockSeconds : failures < 3 ? 0 : 2 ** (failures - 2);

export const openSession = async (store: OperatorStore, operator: OperatorRow, now: Instant): Promise<string> => {
  const secret = toBase64url(randomBytes(32));
  const hash = await hashOf(secret);
  await store.atomically(async (records) => {
    await records.endSessions(now - sessionSeconds, now - idleSeconds);
    await records.putSession({ hash, name: operator.name, createdAt: now, lastSeenAt: now });
    await records.recordAct({ at: now, by: operator.name, act: "sign-in", what: operator.role });
  });
  return secret;
};

const seenEverySeconds = 60;

/** Whose session it is; null where it is none, or not any more. */
export const findSession = async (store: OperatorStore, secret: string, now: Instant): Promise<OperatorRow | null> => {
  const session = await store.session(await hashOf(secret));
  if (session === null) return null;
  if (now - session.createdAt >= sessionSeconds || now - session.lastSeenAt >= idleSeconds) return null;
  const operator = await store.operator(session.name);
  if (operator === null || operator.revokedAt !== null) return null;
  if (now - session.lastSeenAt >= seenEverySeconds) await store.putSession({ ...session, lastSeenAt: now });
  return operator;
};

export const signOut = async (store: OperatorStore, secret: string, operator: OperatorRow, now: Instant) => {
  const hash = await hashOf(secret);
  await store.atomically(async (records) => {
    await records.dropSession(hash);
    await records.recordAct({ at: now, by: operator.name, act: "sign-out", what: "" });
  });
};

/** Makes the link by which an operator chooses a password. `name` null: and their name. One is good at a time. */
export const makeWelcomeLink = async (
  store: OperatorStore,
  url: string,
  welcome: { readonly name: string | null; readonly role: OperatorRole },
  now: Instant,
): Promise<string> => {
  const code = toBase64url(randomBytes(16));
  await store.putWelcome({ ...welcome, hash: await hashOf(code), expiresAt: now + welcomeSeconds });
  return `${url}/console/#welcome=${code}`;
};

export type Welcomed =
  | { readonly kind: "signed-in"; readonly secret: string; readonly operator: OperatorRow }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "wait"; readonly seconds: number };

/** A one-time link makes an operator, or gives one a new password and ends all they had open, and their passkeys. */
export const welcome = async (
  store: OperatorStore,
  { code, name, password }: { readonly code: string; readonly name: string; readonly password: string },
  now: Instant,
): Promise<Welcomed> => {
  const hash = await hashOf(code);
  const known = await store.welcome(hash, now);
  if (known === null) return { kind: "refused", detail: "The link is unknown, used or too old: ask for a new one." };
  if (known.name !== null && known.name !== name) {
    return { kind: "refused", detail: "The link is for somebody of another name." };
  }
  if (known.name === null && (await store.operator(name)) !== null) {
    return { kind: "refused", detail: "The name is taken: choose another." };
  }
  const kept = await keepPassword(password);
  if (kept === "full") return { kind: "wait", seconds: 5 };
  const key = toHex(await sha256(toUtf8(name)));
  const operator = await store.atomically(async (records) => {
    const taken = await records.takeWelcome(hash, now);
    const before = await records.operator(name);
    if (taken === null || (taken.name === null && before !== null)) return null;
    const { role } = taken;
    const made: OperatorRow = { name, role, password: kept, createdAt: before?.createdAt ?? now, revokedAt: null };
    await records.putOperator(made);
    await records.dropSessionsOf(name);
    await records.dropPasskeysOf(name);
    await records.dropAttempts(key);
    await records.recordAct({ at: now, by: name, act: "welcomed", what: role });
    return made;
  });
  if (operator === null) return { kind: "refused", detail: "The link was just used, or the name is taken." };
  return { kind: "signed-in", secret: await openSession(store, operator, now), operator };
};

/** Ends what they have open, and lets them in no more; null where there is nobody of that name. */
export const endOperator = (store: OperatorStore, name: string, by: string, at: Instant): Promise<OperatorRow | null> =>
  store.atomically(async (records) => {
    const operator = await records.operator(name);
    if (operator === null) return null;
    const ended = { ...operator, password: null, revokedAt: operator.revokedAt ?? at };
    await records.putOperator(ended);
    await records.dropSessionsOf(name);
    await records.dropPasskeysOf(name);
    await records.recordAct({ at, by, act: "operator-revoked", what: name });
    return ended;
  });

export const hashOf = (secret: string): Promise<Bytes> => sha256(toUtf8(secret));
