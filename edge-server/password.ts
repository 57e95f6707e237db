/**
 * Operators' passwords, kept as Argon2id (RFC 9106) with OWASP's parameters: 19 MiB, two passes, one lane. What is kept
 * says its own parameters, so that those of tomorrow can differ:
 *
 *     $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH     both base64 without padding
 *
 * Only so many are worked out at once: each takes its memory and a tenth of a second.
 */
import { type Argon2Parameters, argon2, timingSafeEqual } from "node:crypto";
import { randomBytes } from "./random.ts";
import { createPlaces, createTurns } from "./turn.ts";

export const passwordCharsMin = 12;
export const passwordCharsMax = 200;

const memory = 19_456;
const passes = 2;
const hashBytes = 32;
const atOnce = 2;
const waitingMax = 20;

export const keepPassword = async (password: string): Promise<string | "full"> => {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, memory, passes);
  return hash === "full" ? hash : `$argon2id$v=19$m=${memory},t=${passes},p=1$${toBase64(salt)}$${toBase64(hash)}`;
};

/** `kept` null: nobody of that name. It takes as long as a wrong one. */
export const isPassword = async (password: string, kept: string | null): Promise<boolean | "full"> => {
  const [, m, t, salt, hash] = keptPattern.exec(kept ?? nobodys) ?? [];
  if (m === undefined || t === undefined || salt === undefined || hash === undefined) {
    throw new Error("a password is kept in a form that is not known");
  }
  const wanted = Buffer.from(hash, "base64");
  const derived = await derive(password, Buffer.from(salt, "base64"), Number(m), Number(t));
  if (derived === "full") return "full";
  return derived.length === wanted.length && timingSafeEqual(derived, wanted) && kept !== null;
};

const keptPattern = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const nobodys = `$argon2id$v=19$m=${memory},t=${passes},p=1$${"A".repeat(22)}$${"A".repeat(43)}`;

const places = createPlaces(waitingMax);
const turns = createTurns(atOnce);
let number = 0;

const derive = (password: string, salt: Uint8Array, ownMemory: number, ownPasses: number): Promise<Buffer | "full"> => {
  const parameters = {
    message: password.normalize("NFC"),
    nonce: salt,
    parallelism: 1,
    tagLength: hashBytes,
    memory: ownMemory,
    passes: ownPasses,
  };
  return places("", () => turns(String(number++ % atOnce), () => argon2id(parameters)));
};

const argon2id = (parameters: Argon2Parameters): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, derived) => (error === null ? resolve(derived) : reject(error)));
  });

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replaceAll("=", "");
