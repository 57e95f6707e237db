import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, toUtf8 } from "../shared/bytes.ts";
import {
  checkRequest,
  contentDigestOf,
  type SignableRequest,
  signatureAgeMaxSeconds,
  signRequest,
} from "../shared/http-signature.ts";
import type { SigningKey } from "../shared/keys.ts";
import { drawKey, now } from "./sample.ts";

const url = "http://127.0.0.1:8787/v1/log";
const body = toUtf8("a batch of entries");
const nonce = "nonce-000000001";

let digest: string;
beforeAll(async () => {
  digest = await contentDigestOf(body);
});

const post = (changes: Partial<SignableRequest> = {}): SignableRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "application/cbor", "content-digest": digest, "content-encoding": "gzip" },
  ...changes,
});

const withHeaders = (request: SignableRequest, headers: Readonly<Record<string, string>>): SignableRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

const without = (request: SignableRequest, name: string): SignableRequest => ({
  ...request,
  headers: Object.fromEntries(Object.entries(request.headers).filter(([each]) => each !== name)),
});

it("names a body by its SHA-256 (RFC 9530)", async () => {
  const example = toUtf8('{"hello": "world"}\n');
  expect(await contentDigestOf(example)).toBe("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
});

describe.each(["Ed25519", "P-256"] as const)("a request signed with %s", (curve) => {
  let key: SigningKey;
  let stranger: SigningKey;
  let signed: SignableRequest;
  const sign = async (request: SignableRequest, at = now, once = nonce) =>
    withHeaders(request, { ...(await signRequest(request, key, "gate-1", at, once)) });
  const check = (request: SignableRequest, at = now, bytes: Bytes | null = body) =>
    checkRequest(request, bytes, async (keyId) => (keyId === "gate-1" ? key : null), at);

  beforeAll(async () => {
    [key, stranger] = await Promise.all([drawKey(curve), drawKey(curve)]);
    signed = await sign(post());
  });

  it("is by the key that it names", async () => {
    expect(await check(signed)).toEqual({ kind: "signed", keyId: "gate-1", nonce, createdAt: now });
  });

  it("names what it covers, and how", () => {
    const alg = curve === "Ed25519" ? "ed25519" : "ecdsa-p256-sha256";
    expect(signed.headers["signature-input"]).toContain('("@method" "@path" "content-digest" "content-encoding")');
    for (const parameter of [`created=${now}`, `nonce="${nonce}"`, 'keyid="gate-1"', `alg="${alg}"`]) {
      expect(signed.headers["signature-input"]).toContain(parameter);
    }
  });

  it("needs no body, and may come by any host and query", async () => {
    const get = await sign({ method: "GET", url: "http://127.0.0.1:8787/v1/manifest", headers: {} });
    expect(await check(get, now, null)).toMatchObject({ kind: "signed" });
    const proxied = { ...get, url: "https://greenlane.example/v1/manifest" };
    expect(await check(proxied, now, null)).toMatchObject({ kind: "signed" });
  });

  it.each<[string, (request: SignableRequest) => SignableRequest]>([
    ["another method", (request) => ({ ...request, method: "PUT" })],
    ["another path", (request) => ({ ...request, url: `${url}s` })],
    ["another digest", (request) => withHeaders(request, { "content-digest": "sha-256=:AAAA:" })],
    ["another encoding", (request) => withHeaders(request, { "content-encoding": "identity" })],
    ["its encoding taken away", (request) => without(request, "content-encoding")],
    ["its digest taken away", (request) => without(request, "content-digest")],
    ["no signature", (request) => without(request, "signature")],
    ["nothing said of its signature", (request) => without(request, "signature-input")],
    ["a signature that is none", (request) => withHeaders(request, { signature: "sig1=:AAAA:" })],
    ["garbage for a signature", (request) => withHeaders(request, { signature: "}{", "signature-input": "((" })],
  ])("with %s is bad", async (_name, alter) => {
    expect(await check(alter(signed))).toMatchObject({ kind: "bad" });
  });

  it.each<[string, string | RegExp, string]>([
    ["created", `created=${now}`, `created=${now - 1}`],
    ["nonce", nonce, "nonce-000000002"],
    ["keyid", "gate-1", "gate-2"],
    ["what it covers", ' "content-digest"', ""],
    ["alg", /alg="[^"]*"/, 'alg="hmac-sha256"'],
  ])("whose %s was altered afterwards is bad", async (_name, from, to) => {
    const input = signed.headers["signature-input"] ?? "";
    const altered = input.replace(from, to);
    expect(altered).not.toBe(input);
    expect(await check(withHeaders(signed, { "signature-input": altered }))).toMatchObject({ kind: "bad" });
  });

  it("with another body is bad, and so is one whose body came without a digest", async () => {
    expect(await check(signed, now, toUtf8("a batch of Entries"))).toMatchObject({ kind: "bad" });
    const bare = await sign(post({ headers: {} }));
    expect(await check(bare)).toEqual({ kind: "bad", cause: "content-digest does not fit the body" });
  });

  it("with an encoding that was put there afterwards is bad", async () => {
    const plain = await sign(without(post(), "content-encoding"));
    expect(await check(plain)).toMatchObject({ kind: "signed" });
    expect(await check(withHeaders(plain, { "content-encoding": "gzip" }))).toMatchObject({ kind: "bad" });
  });

  it("is good for 300 s, before and after", async () => {
    expect(signatureAgeMaxSeconds).toBe(300);
    for (const late of [-300, 0, 300]) expect(await check(signed, now + late)).toMatchObject({ kind: "signed" });
    for (const late of [-301, 301, 86_400]) expect(await check(signed, now + late)).toMatchObject({ kind: "bad" });
  });

  it.each(["nonce", "created", "keyid", "alg"])("that was signed without %s is bad", async (parameter) => {
    const input = `("@method" "@path" "content-digest" "content-encoding");created=${now};nonce="${nonce}";keyid="gate-1";alg="${
      curve === "Ed25519" ? "ed25519" : "ecdsa-p256-sha256"
    }"`;
    expect(await check(await signByHand(key, input))).toMatchObject({ kind: "signed" });
    const less = input.replace(new RegExp(`;${parameter}=("[^"]*"|\\d+)`), "");
    expect(less).not.toBe(input);
    expect(await check(await signByHand(key, less))).toMatchObject({ kind: "bad" });
  });

  it("that does not cover all that it must is bad", async () => {
    const covered = ['"@method"', '"@path"', '"content-digest"', '"content-encoding"'];
    const alg = curve === "Ed25519" ? "ed25519" : "ecdsa-p256-sha256";
    for (const missing of covered) {
      const rest = covered.filter((each) => each !== missing).join(" ");
      const input = `(${rest});created=${now};nonce="${nonce}";keyid="gate-1";alg="${alg}"`;
      expect(await check(await signByHand(key, input))).toMatchObject({ kind: "bad" });
    }
  });

  it("with a nonce too long to remember is bad", async () => {
    expect(await check(await sign(post(), now, "x".repeat(64)))).toMatchObject({ kind: "signed" });
    expect(await check(await sign(post(), now, "x".repeat(65)))).toMatchObject({ kind: "bad" });
  });

  it("by a key that nobody knows, or another than it names, is bad", async () => {
    expect(await checkRequest(signed, body, async () => null, now)).toEqual({ kind: "bad", cause: expect.any(String) });
    expect(await checkRequest(signed, body, async () => stranger, now)).toMatchObject({ kind: "bad" });
    const other = await drawKey(curve === "Ed25519" ? "P-256" : "Ed25519");
    expect(await checkRequest(signed, body, async () => other, now)).toMatchObject({ kind: "bad" });
  });

  /** RFC 9421 section 2.5, written out: the signature base and the two headers. */
  const signByHand = async (by: SigningKey, input: string): Promise<SignableRequest> => {
    const request = post();
    const values: Record<string, string | undefined> = { "@method": "POST", "@path": "/v1/log", ...request.headers };
    const covered = [...(/^\(([^)]*)\)/.exec(input)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
    const lines = [...covered.map((name) => `"${name}": ${values[name]}`), `"@signature-params": ${input}`];
    const signature = await by.sign(toUtf8(lines.join("\n")));
    return withHeaders(request, {
      "signature-input": `sig1=${input}`,
      signature: `sig1=:${Buffer.from(signature).toString("base64")}:`,
    });
  };
});
