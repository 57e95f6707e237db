/**
 * The server's own keys: one JWK a file (mode 0600) in a folder of its own (0700), made when missing, each for one use.
 * A file appears whole or not at all, and is never replaced: of two programs that start at once, both use the one that
 * was there first.
 *
 *     root-1.jwk  publisher.jwk  edge.jwk  issuer-PROGRAMME.jwk   Ed25519
 *     staff.jwk                                                   the same, of badges
 *     orders-PROGRAMME.jwk                                        the same, of the desk of orders from home
 *     root-2.jwk  publisher-2.jwk  edge-2.jwk                     the same, brought in by root 2
 *     operator-1.jwk                                              32 bytes (kty "oct"); the number is its version
 *
 * The newest root says which of them are in force. One root key with threshold 1 is what a single machine can honestly
 * offer: whoever takes this folder takes the city, and only a root that was rotated elsewhere would shut them out.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type Bytes, fromBase64url, toBase64url } from "../../shared/bytes.ts";
import { importSigningKey, type SigningKey } from "../../shared/keys.ts";
import { type PrivateJwk, signingAtOnce } from "../at-once.ts";
import { type HeldKeys, type KeyStore, type KeyUse, kidsOf } from "../keys.ts";

/** Makes what is missing. A file that is not the key it should be is an error that names it: throws. */
export const openKeyFiles = async (folder: string): Promise<KeyStore> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  for (const use of uses) await signingKeyIn(folder, nameOf(use, 1));
  const held = async (): Promise<HeldKeys> => {
    const [root, publisher, edge] = await Promise.all(uses.map((use) => keysFor(use, folder)));
    return { root: root ?? [], publisher: publisher ?? [], edge: edge ?? [] };
  };
  const keys = await held();
  const count = uses.reduce((sum, use) => sum + keys[use].length, 0);
  if (kidsOf(keys).size < count) throw new Error(`a key in ${folder} has two uses`);
  return {
    operator: { bytes: secretIn(folder), version: 1 },
    held,
    makeKey: (use, rootVersion) => signingKeyIn(folder, nameOf(use, rootVersion)),
    issuer: async (programme) =>
      existsSync(pathOf(folder, issuerName(programme))) ? signingKeyIn(folder, issuerName(programme)) : null,
    makeIssuer: (programme) => signingKeyIn(folder, issuerName(programme)),
    makeOrderKey: (programme) => signingKeyIn(folder, orderName(programme)),
    makeStaffIssuer: () => signingKeyIn(folder, "staff"),
  };
};

const uses = ["root", "publisher", "edge"] as const satisfies readonly KeyUse[];

/** The first publisher and edge keys have no number. */
const nameOf = (use: KeyUse, rootVersion: number): string =>
  rootVersion === 1 && use !== "root" ? use : `${use}-${rootVersion}`;

const keysFor = (use: KeyUse, folder: string): Promise<readonly SigningKey[]> => {
  const versions = readdirSync(folder).flatMap((file) => {
    const [, name, number = "1"] = /^([a-z]+)(?:-([1-9]\d{0,5}))?\.jwk$/.exec(file) ?? [];
    return name === use && file === `${nameOf(use, Number(number))}.jwk` ? [Number(number)] : [];
  });
  return Promise.all(versions.toSorted((a, b) => a - b).map((version) => signingKeyIn(folder, nameOf(use, version))));
};

const issuerName = (programme: string): string => `issuer-${checked(programme)}`;
const orderName = (programme: string): string => `orders-${checked(programme)}`;
const checked = (programme: string): string => {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(programme)) throw new TypeError(`not a programme: ${programme}`);
  return programme;
};

const signingKeyIn = async (folder: string, name: string): Promise<SigningKey> => {
  const path = pathOf(folder, name);
  if (!existsSync(path)) createFile(path, JSON.stringify(makePrivateJwk()));
  const jwk = readJson(path);
  const key = await importSigningKey(jwk);
  if (key === null) throw new Error(`${path} is not a private key`);
  return signingAtOnce(key, jwk as PrivateJwk);
};

const secretIn = (folder: string): Bytes => {
  const path = pathOf(folder, "operator-1");
  if (!existsSync(path)) createFile(path, JSON.stringify({ kty: "oct", k: toBase64url(randomBytes(32)) }));
  const secret = readJson(path);
  const bytes = isSecret(secret) ? fromBase64url(secret.k) : null;
  if (bytes?.length !== 32) throw new Error(`${path} is not a key of 32 bytes`);
  return bytes;
};

const makePrivateJwk = (): unknown => {
  const { kty, crv, x, d } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return { kty, crv, x, d };
};

const pathOf = (folder: string, name: string): string => join(folder, `${name}.jwk`);

const isSecret = (value: unknown): value is { readonly kty: "oct"; readonly k: string } =>
  typeof value === "object" && value !== null && "kty" in value && value.kty === "oct" && "k" in value;

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // What the parser says would quote the file, which is secret.
    if (error instanceof SyntaxError) throw new Error(`${path} is not JSON`);
    throw error;
  }
};

/** Durable and whole when it returns; leaves alone what another program has put there meanwhile. */
const createFile = (path: string, text: string): void => {
  const draft = `${path}.${toBase64url(randomBytes(9))}.new`;
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(join(path, ".."));
};

/** The new name is durable only once its folder is. */
const syncFolder = (folder: string): void => {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
