/**
 * Passkeys of operators: beside the password, never in its place. Whoever has one comes in by it alone, since it asks for
 * a PIN, a finger or a face itself, and only on the page that it was made on. The server keeps public keys; a key cannot
 * be guessed, so attempts are recorded and not counted.
 *
 *     make     password again -> challenge -> the browser makes a key -> kept
 *     come in  challenge -> the browser finds the key and signs -> session
 *
 * A challenge is 32 random bytes, good once and for two minutes, kept as its SHA-256. Revoking an operator, or a new link
 * for one, ends their passkeys.
 */
import { type Bytes, sha256, toBase64url } from "../shared/bytes.ts";
import { importPublicKey } from "../shared/keys.ts";
import type { Instant } from "../shared/terms.ts";
import {
  type Assertion,
  assertionFault,
  challengeIn,
  isPersonVerified,
  type Registration,
  registrationFault,
} from "../shared/webauthn.ts";
import type { OperatorStore, Passkey } from "./operators.ts";
import { randomBytes } from "./random.ts";
import { openSession, type SignedIn } from "./sign-in.ts";

export const challengeSeconds = 120;
export const passkeysMax = 10;
/** Anybody may ask for one: more than operators need, and nothing to fill a disk with. */
const challengesMax = 1000;

/** `name` null: of whoever wants to sign in. Base64url. */
export const makeChallenge = async (store: OperatorStore, name: string | null, now: Instant): Promise<string> => {
  const challenge = randomBytes(32);
  await store.putChallenge({ hash: await sha256(challenge), name, expiresAt: now + challengeSeconds }, challengesMax);
  return toBase64url(challenge);
};

/** `key`: a JWK, as the browser says. */
export type Made = Registration & { readonly key: unknown; readonly label: string };
export type Kept =
  | { readonly kind: "kept"; readonly passkey: Passkey }
  | { readonly kind: "refused"; readonly detail: string };

/** `origin`: of the page that asks. */
export const keepPasskey = async (
  store: OperatorStore,
  name: string,
  made: Made,
  origin: string,
  now: Instant,
): Promise<Kept> => {
  const challenge = await takeChallenge(store, made.client, name, now);
  if (challenge === null) return refuse("The question was answered before, or too late: begin again.");
  const fault = await registrationFault(made, challenge, origin);
  if (fault !== null) return refuse(`The browser's answer is not what was asked for (${fault}).`);
  if (!isPersonVerified(made)) return refuse("The key must ask for a PIN, a finger or a face: set one up on it.");
  const key = (await importPublicKey(made.key))?.jwk;
  if (key === undefined) return refuse("The key is of a kind that is not known here.");
  const { id, label } = made;
  const passkey: Passkey = { id, name, key, origin, label, createdAt: now };
  const isKept = await store.atomically(async (records) => {
    if ((await records.passkey(id)) !== null || (await records.passkeys(name)).length >= passkeysMax) return false;
    await records.putPasskey(passkey);
    await records.recordAct({ at: now, by: name, act: "passkey-added", what: label });
    return true;
  });
  return isKept ? { kind: "kept", passkey } : refuse(`It is known already, or there are ${passkeysMax}: remove one.`);
};

export const signInByPasskey = async (
  store: OperatorStore,
  assertion: Assertion,
  now: Instant,
): Promise<Exclude<SignedIn, { readonly kind: "wait" }>> => {
  const challenge = await takeChallenge(store, assertion.client, null, now);
  const passkey = await store.passkey(assertion.id);
  // Whoever has no key of ours leaves no act behind: there could be any number of them.
  if (passkey === null) return { kind: "refused" };
  const isGood = challenge !== null && (await isSigned(assertion, challenge, passkey));
  // Asked last: it may have ended meanwhile.
  const operator = (await store.passkey(passkey.id)) === null ? null : await store.operator(passkey.name);
  if (!isGood || operator === null || operator.revokedAt !== null) {
    await store.recordAct({ at: now, by: passkey.name, act: "sign-in-refused", what: "passkey" });
    return { kind: "refused" };
  }
  return { kind: "signed-in", secret: await openSession(store, operator, now), operator };
};

const isSigned = async (assertion: Assertion, challenge: Bytes, { key, origin }: Passkey): Promise<boolean> => {
  const known = await importPublicKey(key);
  if (known === null) throw new Error("a passkey is kept in a form that is not known");
  return isPersonVerified(assertion) && (await assertionFault(assertion, challenge, origin, known)) === null;
};

export const removePasskey = (store: OperatorStore, name: string, id: string, now: Instant): Promise<boolean> =>
  store.atomically(async (records) => {
    const label = (await records.passkeys(name)).find((passkey) => passkey.id === id)?.label;
    if (label === undefined || !(await records.dropPasskey(name, id))) return false;
    await records.recordAct({ at: now, by: name, act: "passkey-removed", what: label });
    return true;
  });

/** The challenge that was answered; null where it was not made here, for somebody else, or is over. */
const takeChallenge = async (
  store: OperatorStore,
  client: Bytes,
  name: string | null,
  now: Instant,
): Promise<Bytes | null> => {
  const challenge = challengeIn(client);
  if (challenge === null) return null;
  const taken = await store.takeChallenge(await sha256(challenge), now);
  return taken !== null && taken.name === name ? challenge : null;
};

const refuse = (detail: string): Kept => ({ kind: "refused", detail });
