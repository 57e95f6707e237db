/**
 * Makes formats-v1-more.json: what formats-v1.json leaves out. Shares nothing with the code under test: every byte is
 * put together here by hand, and signed by fixed keys with Node's own crypto (Ed25519, so the result never changes).
 *
 *     npx node test/vectors/make-more.ts
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { writeFileSync } from "node:fs";

const now = 1_800_000_000;

/* CBOR by hand */

const head = (major: number, n: number | bigint): Buffer => {
  const big = BigInt(n);
  const first = major << 5;
  if (big < 24n) return Buffer.of(first | Number(big));
  const [minor, length] = big < 256n ? [24, 1] : big < 65_536n ? [25, 2] : big < 4_294_967_296n ? [26, 4] : [27, 8];
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(big);
  return Buffer.concat([Buffer.of(first | minor), bytes.subarray(8 - length)]);
};
const int = (n: number | bigint): Buffer => (n < 0 ? head(1, -1n - BigInt(n)) : head(0, n));
const bstr = (bytes: Buffer): Buffer => Buffer.concat([head(2, bytes.length), bytes]);
const text = (value: string): Buffer => Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
const array = (...items: Buffer[]): Buffer => Buffer.concat([head(4, items.length), ...items]);
/** In the order given: key, value, key, value. */
const map = (...items: Buffer[]): Buffer => Buffer.concat([head(5, items.length / 2), ...items]);
const tag = (n: number, item: Buffer): Buffer => Buffer.concat([head(6, n), item]);
const hex = (value: string): Buffer => Buffer.from(value.replaceAll(" ", ""), "hex");
const nil = hex("f6");

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const base45 = (bytes: Buffer): string => {
  let out = "";
  for (let i = 0; i < bytes.length; i += 2) {
    const last = i + 1 === bytes.length;
    let n = last ? bytes.readUInt8(i) : bytes.readUInt16BE(i);
    for (let k = last ? 2 : 3; k > 0; k--) {
      out += alphabet.charAt(n % 45);
      n = Math.floor(n / 45);
    }
  }
  return out;
};
const gl1 = (bytes: Buffer): string => `GL1:${base45(bytes)}`;

/* Keys from fixed seeds */

type Key = { readonly privateKey: KeyObject; readonly x: Buffer; readonly kid: Buffer };
const keyFrom = (seed: number): Key => {
  const der = Buffer.concat([hex("302e020100300506032b657004220420"), Buffer.alloc(32, seed)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const x = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
  const thumbprint = createHash("sha256").update(map(int(1), int(1), int(-1), int(6), int(-2), bstr(x))).digest();
  return { privateKey, x, kid: thumbprint.subarray(0, 8) };
};
const jwkOf = (key: Key) => ({ kty: "OKP", crv: "Ed25519", x: key.x.toString("base64url") });

const issuer = keyFrom(1);
const staffIssuer = keyFrom(2);
const revokedIssuer = keyFrom(3);
const futureIssuer = keyFrom(4);
const holder = keyFrom(5);
const endingIssuer = keyFrom(6);

const entry = (key: Key, more: object) => ({ kid: key.kid.toString("hex"), use: "citizen", jwk: jwkOf(key), ...more });
const trust = [
  entry(issuer, { programme: "test", lists: ["a"] }),
  entry(staffIssuer, { use: "staff", sites: ["east-library", "west-library"] }),
  entry(revokedIssuer, { programme: "test", revokedAt: now }),
  entry(futureIssuer, { programme: "test", validFrom: now + 1 }),
  entry(endingIssuer, { programme: "test", validFrom: now, validUntil: now, revokedAt: now + 1 }),
];

/* Messages, each part replaceable */

const sigStructure = (header: Buffer, payload: Buffer): Buffer =>
  array(text("Signature1"), bstr(header), bstr(Buffer.alloc(0)), bstr(payload));
const sign1 = (header: Buffer, payload: Buffer, key: Key): Buffer => {
  const signature = sign(null, sigStructure(header, payload), key.privateKey);
  return tag(18, array(bstr(header), map(), bstr(payload), bstr(signature)));
};

const sub = [int(2), text("Zk8b3JtQ0a9Xy12u")];
const exp = [int(4), int(now + 432_000)];
const iat = [int(6), int(now - 172_800)];
const coseKey = map(int(1), int(1), int(-1), int(6), int(-2), bstr(holder.x));
const cnf = [int(8), map(int(1), coseKey)];
const statusOf = (idx: Buffer, uri: Buffer): Buffer[] => [
  int(65_535),
  map(text("status_list"), map(text("idx"), idx, text("uri"), uri)),
];
const status = statusOf(int(5_234_567), text("a"));
const roleOf = (...sites: string[]): Buffer[] => [
  int(-65_537),
  map(text("role"), text("assistant"), text("sites"), array(...sites.map(text))),
];

const issuerHeader = (key: Key = issuer): Buffer => map(int(1), int(-19), int(4), bstr(key.kid));
const credential = (claims: Buffer[], key: Key = issuer, header = issuerHeader(key)): Buffer =>
  sign1(header, map(...claims), key);
const phoneClaims = [...sub, ...exp, ...iat, ...cnf, ...status];
const cardClaims = [...sub, ...exp, ...iat, ...status];
const phone = credential(phoneClaims);
const presentationHeader = (inner: Buffer): Buffer => map(int(1), int(-19), int(13), inner);
const issuedAt = map(int(6), int(now - 5));
const presentation = (inner: Buffer, payload = issuedAt): Buffer => sign1(presentationHeader(inner), payload, holder);
/** A card with one more, unknown, claim. */
const odd = (value: Buffer): Buffer => credential([...cardClaims, int(99), value]);

const expectCard = { form: "bearer", use: "citizen", sub: "Zk8b3JtQ0a9Xy12u", programme: "test" };
const identityOf = (header: Buffer, payload: Buffer): string =>
  createHash("sha256").update(sigStructure(header, payload)).digest("hex");

const padded = (length: number): Buffer => {
  const frame = odd(bstr(Buffer.alloc(300))).length - 300;
  return odd(bstr(Buffer.alloc(length - frame)));
};

const staffPhone = (exp: Buffer[], ...sites: string[]): Buffer =>
  presentation(credential([...sub, ...exp, ...iat, ...cnf, ...roleOf(...sites)], staffIssuer));

const read = [
  {
    name: "a presentation, every field",
    text: gl1(presentation(phone)),
    expect: {
      form: "presentation",
      use: "citizen",
      programme: "test",
      sub: "Zk8b3JtQ0a9Xy12u",
      exp: now + 432_000,
      credentialIssuedAt: now - 172_800,
      statusUri: "a",
      statusIndex: 5_234_567,
      statusAllowed: true,
      issuedAt: now - 5,
      issuerKid: issuer.kid.toString("hex"),
      identity: identityOf(presentationHeader(phone), issuedAt),
      windowUntil: now + 85,
    },
  },
  {
    name: "a card, every field",
    text: gl1(credential(cardClaims)),
    expect: {
      ...expectCard,
      exp: now + 432_000,
      credentialIssuedAt: now - 172_800,
      statusUri: "a",
      statusIndex: 5_234_567,
      issuerKid: issuer.kid.toString("hex"),
      identity: identityOf(issuerHeader(), map(...cardClaims)),
      windowUntil: now + 2,
    },
  },
  {
    name: "map keys in another order",
    text: gl1(credential([...status, ...iat, ...sub, ...exp], issuer, map(int(4), bstr(issuer.kid), int(1), int(-19)))),
    expect: expectCard,
  },
  {
    name: "a list that the key may not point at",
    text: gl1(credential([...sub, ...exp, ...iat, ...statusOf(int(1), text("b"))])),
    expect: { ...expectCard, statusUri: "b", statusAllowed: false },
  },
  {
    name: "a printed staff badge",
    text: gl1(credential([...sub, ...exp, ...iat, ...roleOf("west-library")], staffIssuer)),
    expect: { form: "bearer", use: "staff", role: "assistant", sites: ["west-library"] },
  },
  {
    name: "a staff badge for both sites of the key",
    text: gl1(staffPhone(exp, "west-library", "east-library")),
    expect: { form: "presentation", use: "staff", role: "assistant", sites: ["west-library", "east-library"] },
  },
  { name: "a key in its only second", text: gl1(credential(cardClaims, endingIssuer)), expect: expectCard },
  {
    name: "sub of 8 characters",
    text: gl1(credential([int(2), text("aB3_-xyz"), ...cardClaims.slice(2)])),
    expect: { sub: "aB3_-xyz" },
  },
  {
    name: "sub of 32 characters",
    text: gl1(credential([int(2), text("a".repeat(32)), ...cardClaims.slice(2)])),
    expect: { sub: "a".repeat(32) },
  },
  { name: "an unknown claim beyond 2^53", text: gl1(odd(int(2n ** 63n))), expect: expectCard },
  { name: "an unknown claim with byte string keys", text: gl1(odd(map(bstr(hex("01")), nil, bstr(hex("02")), nil))), expect: expectCard },
  { name: "an unknown claim with true, false and null", text: gl1(odd(hex("83 f4 f5 f6"))), expect: expectCard },
  { name: "an unknown member of the COSE_Key", text: gl1(presentation(credential([...sub, ...exp, ...iat, int(8), map(int(1), Buffer.concat([hex("a4"), coseKey.subarray(1), int(2), bstr(hex("01"))])), ...status]))), expect: { form: "presentation" } },
  { name: "an unknown claim in the presentation", text: gl1(presentation(phone, map(int(6), int(now), int(99), nil))), expect: { issuedAt: now } },
  { name: "exactly 1,024 characters", text: gl1(padded(680)), expect: expectCard },
  { name: "nbf 20 s ahead", text: gl1(credential([...cardClaims, int(5), int(now + 20)])), expect: expectCard },
];

const signatureOf = (bytes: Buffer, length: number): Buffer => {
  // The signature is the last 64 bytes, after a head of two.
  const body = bytes.subarray(0, bytes.length - 66);
  return Buffer.concat([body, bstr(Buffer.concat([bytes.subarray(bytes.length - 64), Buffer.alloc(1)]).subarray(0, length))]);
};
const card = credential(cardClaims);
const withClaims = (...claims: Buffer[]): string => gl1(credential(claims));
const withHolder = (key: Buffer): string =>
  gl1(presentation(credential([...sub, ...exp, ...iat, int(8), map(int(1), key), ...status])));
const withHeader = (header: Buffer): string => gl1(credential(cardClaims, issuer, header));
const goodHeader = [int(1), int(-19), int(4), bstr(issuer.kid)];

const refuse: [name: string, fault: string, text: string][] = [
  ["GL9: and nothing", "update-terminal", "GL9:"],
  ["GL10:", "update-terminal", "GL10:0"],
  ["GL99:", "update-terminal", "GL99:anything at all"],
  ["GL2: and too long", "update-terminal", `GL2:${"0".repeat(2000)}`],
  ["GL100:", "not-ours", `GL100:${base45(card)}`],
  ["GL:", "not-ours", `GL:${base45(card)}`],
  ["GL1 without a colon", "not-ours", `GL1${base45(card)}`],
  ["a space before the prefix", "not-ours", ` ${gl1(card)}`],
  ["the prefix on the second line", "not-ours", `\n${gl1(card)}`],
  ["a version that only looks like a digit", "not-ours", `GL\u0661:${base45(card)}`],

  ["1,026 characters", "unreadable", gl1(padded(681))],
  ["a line feed at the end", "unreadable", `${gl1(card)}\n`],
  ["one character too few", "unreadable", gl1(Buffer.concat([card, Buffer.alloc(card.length % 2)])).slice(0, -2)],
  ["a half-precision float", "unreadable", gl1(odd(hex("f9 3c00")))],
  ["a single-precision float", "unreadable", gl1(odd(hex("fa 3f800000")))],
  ["a double-precision float", "unreadable", gl1(odd(hex("fb 3ff0000000000000")))],
  ["exp as a float", "unreadable", withClaims(...sub, int(4), hex("fb 41dad27480000000"), ...iat, ...status)],
  ["undefined", "unreadable", gl1(odd(hex("f7")))],
  ["another simple value", "unreadable", gl1(odd(hex("e0")))],
  ["a simple value in two bytes", "unreadable", gl1(odd(hex("f8 20")))],
  ["a lone break", "unreadable", gl1(odd(hex("ff")))],
  ["arrays nested 300 deep", "unreadable", gl1(odd(Buffer.concat([Buffer.alloc(300, 0x81), nil])))],
  ["nothing but arrays", "unreadable", gl1(Buffer.alloc(680, 0x81))],
  ["nothing but tags", "unreadable", gl1(Buffer.alloc(680, 0xd2))],
  ["an array of 2^32 - 1 items", "unreadable", gl1(hex("d2 9affffffff"))],
  ["a byte string of 2^53 bytes", "unreadable", gl1(odd(hex("5b 0020000000000000")))],
  ["an unknown tag", "unreadable", gl1(odd(tag(1, int(now))))],
  ["a bignum", "unreadable", gl1(odd(tag(2, bstr(hex("01")))))],
  ["the tag not in its shortest form", "unreadable", gl1(Buffer.concat([hex("d8 12"), card.subarray(1)]))],
  ["an array length not in its shortest form", "unreadable", gl1(Buffer.concat([hex("d2 98 04"), card.subarray(2)]))],
  ["a text length not in its shortest form", "unreadable", gl1(odd(hex("78 01 61")))],
  ["a map length not in its shortest form", "unreadable", gl1(odd(hex("b8 01 01 02")))],
  ["a negative integer not in its shortest form", "unreadable", gl1(odd(hex("38 00")))],
  ["64 bits for 32", "unreadable", gl1(odd(hex("1b 00000000ffffffff")))],
  ["indefinite-length bytes", "unreadable", gl1(odd(hex("5f 41 00 ff")))],
  ["an indefinite-length map", "unreadable", gl1(odd(hex("bf ff")))],
  ["text that is not UTF-8", "unreadable", gl1(odd(hex("61 ff")))],
  ["long text that is not UTF-8", "unreadable", gl1(odd(Buffer.concat([hex("78 28"), Buffer.alloc(39, 0x61), hex("c3")])))],
  ["a duplicate claim", "unreadable", withClaims(...cardClaims, ...exp)],
  ["a duplicate key in an unknown claim", "unreadable", gl1(odd(map(text("k"), nil, text("k"), nil)))],
  ["a duplicate byte string key", "unreadable", gl1(odd(map(bstr(hex("01")), nil, bstr(hex("01")), nil)))],
  ["an array as a key", "unreadable", gl1(odd(map(array(), nil)))],
  ["a byte after the payload's map", "unreadable", gl1(sign1(issuerHeader(), Buffer.concat([map(...cardClaims), hex("00")]), issuer))],
  ["a byte after the protected map", "unreadable", withHeader(Buffer.concat([issuerHeader(), hex("00")]))],
  ["a payload that is no map", "unreadable", gl1(sign1(issuerHeader(), array(), issuer))],
  ["a detached payload", "unreadable", gl1(tag(18, array(bstr(issuerHeader()), map(), nil, bstr(Buffer.alloc(64)))))],
  ["five parts", "unreadable", gl1(tag(18, array(bstr(issuerHeader()), map(), bstr(map(...cardClaims)), bstr(Buffer.alloc(64)), nil)))],
  ["another tag", "unreadable", gl1(tag(98, card.subarray(1)))],
  ["twice tagged", "unreadable", gl1(tag(18, card))],
  ["a duplicate protected label", "unreadable", withHeader(map(...goodHeader, int(4), bstr(issuer.kid)))],
  ["crit in the credential", "unreadable", withHeader(map(...goodHeader, int(2), array(int(4))))],
  ["a typ in the credential", "unreadable", withHeader(map(...goodHeader, int(16), text("application/greenlane-ack+cose")))],
  ["no alg", "unreadable", withHeader(map(int(4), bstr(issuer.kid)))],
  ["no kid", "unreadable", withHeader(map(int(1), int(-19)))],
  ["alg as text", "unreadable", withHeader(map(int(1), text("EdDSA"), int(4), bstr(issuer.kid)))],
  ["kid as text", "unreadable", withHeader(map(int(1), int(-19), int(4), text(issuer.kid.toString("hex"))))],
  ["no protected header", "unreadable", withHeader(Buffer.alloc(0))],
  ["an unprotected header in the credential", "unreadable", gl1(tag(18, array(bstr(issuerHeader()), map(int(4), nil), bstr(map(...cardClaims)), bstr(Buffer.alloc(64)))))],
  ["kcwt and kid together", "unreadable", gl1(sign1(map(int(1), int(-19), int(4), bstr(holder.kid), int(13), phone), issuedAt, holder))],
  ["a presentation inside a presentation", "unreadable", gl1(presentation(presentation(phone)))],
  ["no iat in the presentation", "unreadable", gl1(presentation(phone, map()))],
  ["iat of the presentation as text", "unreadable", gl1(presentation(phone, map(int(6), text(`${now}`))))],
  ["exp as text", "unreadable", withClaims(...sub, int(4), text(`${now}`), ...iat, ...status)],
  ["nbf as null", "unreadable", withClaims(...cardClaims, int(5), nil)],
  ["sub of 33 characters", "unreadable", withClaims(int(2), text("a".repeat(33)), ...cardClaims.slice(2))],
  ["sub with a line feed at its end", "unreadable", withClaims(int(2), text("Zk8b3JtQ0a9Xy12u\n"), ...cardClaims.slice(2))],
  ["idx as text", "unreadable", withClaims(...sub, ...exp, ...iat, ...statusOf(text("1"), text("a")))],
  ["uri as bytes", "unreadable", withClaims(...sub, ...exp, ...iat, ...statusOf(int(1), bstr(hex("61"))))],
  ["status without status_list", "unreadable", withClaims(...sub, ...exp, ...iat, int(65_535), map())],
  ["a role without sites", "unreadable", gl1(credential([...sub, ...exp, ...iat, int(-65_537), map(text("role"), text("x"))], staffIssuer))],
  ["sites as a text", "unreadable", gl1(credential([...sub, ...exp, ...iat, int(-65_537), map(text("role"), text("x"), text("sites"), text("x"))], staffIssuer))],
  ["cnf without a key", "unreadable", gl1(presentation(credential([...sub, ...exp, ...iat, int(8), map(), ...status])))],
  ["cnf as null, bare", "unreadable", withClaims(...cardClaims, int(8), nil)],
  ["a holder's key of 31 bytes", "unreadable", withHolder(map(int(1), int(1), int(-1), int(6), int(-2), bstr(Buffer.alloc(31))))],
  ["a holder's key on another curve", "unreadable", withHolder(map(int(1), int(1), int(-1), int(4), int(-2), bstr(holder.x)))],
  ["a compressed point", "unreadable", withHolder(map(int(1), int(2), int(-1), int(1), int(-2), bstr(holder.x), int(-3), hex("f5")))],
  ["a point that is not on the curve", "unreadable", withHolder(map(int(1), int(2), int(-1), int(1), int(-2), bstr(holder.x), int(-3), bstr(holder.x)))],

  ["a kid of 7 bytes", "unknown-issuer", withHeader(map(int(1), int(-19), int(4), bstr(issuer.kid.subarray(0, 7))))],
  ["an empty kid", "unknown-issuer", withHeader(map(int(1), int(-19), int(4), bstr(Buffer.alloc(0))))],
  ["a key revoked this second", "unknown-issuer", gl1(credential(cardClaims, revokedIssuer))],
  ["a key valid from the next second", "unknown-issuer", gl1(credential(cardClaims, futureIssuer))],
  ["a role for one site of the key and one other", "unknown-issuer", gl1(staffPhone(exp, "east-library", "harbour"))],
  ["a role and a place under a citizen key", "unknown-issuer", withClaims(...cardClaims, ...roleOf("east-library"))],

  ["an algorithm nobody has", "wrong-algorithm", withHeader(map(int(1), int(-65_000), int(4), bstr(issuer.kid)))],
  ["an algorithm beyond 2^53", "wrong-algorithm", withHeader(map(int(1), int(2n ** 60n), int(4), bstr(issuer.kid)))],
  ["an issuer signature of 63 bytes", "bad-issuer-signature", gl1(signatureOf(card, 63))],
  ["an issuer signature of 65 bytes", "bad-issuer-signature", gl1(signatureOf(card, 65))],
  ["no issuer signature", "bad-issuer-signature", gl1(signatureOf(card, 0))],
  ["no holder signature", "bad-holder-signature", gl1(signatureOf(presentation(phone), 0))],
  ["a card signed by its own holder", "bad-issuer-signature", gl1(sign1(issuerHeader(), map(...cardClaims), holder))],

  ["nbf 21 s ahead", "not-yet-valid", withClaims(...cardClaims, int(5), int(now + 21))],
  ["iat beyond 2^53", "not-yet-valid", withClaims(...sub, ...exp, int(6), int(2n ** 60n), ...status)],
  ["a staff badge expired this second", "expired", gl1(staffPhone([int(4), int(now)], "east-library"))],
  ["exp below zero", "expired", withClaims(...sub, int(4), int(-1), ...iat, ...status)],
  ["a card for 400 days and a second", "life-too-long", withClaims(...sub, int(4), int(now - 172_800 + 34_560_001), ...iat, ...status)],
  ["exp beyond 2^53", "life-too-long", withClaims(...sub, int(4), int(2n ** 63n), ...iat, ...status)],
  ["a staff badge for 31 days and a second", "life-too-long", gl1(staffPhone([int(4), int(now - 172_800 + 2_678_401)], "east-library"))],
  ["a presentation from beyond 2^53", "from-the-future", gl1(presentation(phone, map(int(6), int(2n ** 60n))))],
  ["a presentation from before 1970", "stale", gl1(presentation(phone, map(int(6), int(-1))))],
];

const vectors = {
  about: "What formats-v1.json leaves out; made by make-more.ts, by hand-assembled encodings.",
  trust,
  read: read.map((vector) => ({ name: vector.name, now, text: vector.text, expect: vector.expect })),
  refuse: refuse.map(([name, fault, text]) => ({ name, now, text, fault })),
};
writeFileSync(new URL("formats-v1-more.json", import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
