import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, sha256 } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { signProof } from "../shared/proof.ts";
import {
  formatRecoveryCode,
  lossWishes,
  openLoss,
  openRecovery,
  readRecoveryCode,
  recoveryCodeBytes,
  signLoss,
  signRecovery,
} from "../shared/recovery.ts";
import { makeKey } from "./operator-world.ts";

const code = Uint8Array.from({ length: recoveryCodeBytes }, (_, index) => 7 * index);
const credential = Uint8Array.of(1, 2, 3);
let key: SigningKey;
let other: SigningKey;
beforeAll(async () => {
  [key, other] = [await makeKey("Ed25519"), await makeKey("P-256")];
});

describe("a recovery code", () => {
  it("is read as it was written, and as people type it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: recoveryCodeBytes, maxLength: recoveryCodeBytes }), (bytes) => {
        const text = formatRecoveryCode(new Uint8Array(bytes));
        expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/);
        for (const typed of [text, text.toLowerCase(), text.replaceAll("-", " "), ` ${text.replaceAll("-", "")} `]) {
          expect(readRecoveryCode(typed)).toEqual(new Uint8Array(bytes));
        }
        const misread = text.replaceAll("0", "O").replaceAll("1", "l");
        expect(readRecoveryCode(misread)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it("is nothing else", () => {
    const text = formatRecoveryCode(code);
    for (const typed of [
      "",
      text.slice(1),
      `${text}0`,
      text.replace(/.$/, "U"),
      text.replace(/.$/, "é"),
      "0".repeat(101),
    ]) {
      expect(readRecoveryCode(typed), typed).toBeNull();
    }
  });
});

describe("a registered recovery code", () => {
  it("is read back, and says whether the credential's key signed it", async () => {
    const recovery = await sha256(code);
    const opened = openRecovery(await signRecovery({ credential, recovery, at: 5 }, key));
    expect(opened).toMatchObject({ credential, recovery, at: 5 });
    expect([await opened?.isSignedBy(key), await opened?.isSignedBy(other)]).toEqual([true, false]);
  });

  it("is refused where it is anything else", async () => {
    const short = await signRecovery({ credential, recovery: new Uint8Array(31), at: 5 }, key);
    const loss = await signLoss({ key: key.jwk, recovery: code, wanted: "suspend", at: 5 }, key);
    const long = await signRecovery({ credential: new Uint8Array(5000), recovery: await sha256(code), at: 5 }, key);
    for (const bytes of [short, loss, long, Uint8Array.of(), Uint8Array.of(0xd2)]) {
      expect(openRecovery(bytes)).toBeNull();
    }
  });
});

describe("a loss", () => {
  it("is read back, whatever is wanted", async () => {
    for (const wanted of lossWishes) {
      const opened = await openLoss(await signLoss({ key: other.jwk, recovery: code, wanted, at: 5 }, other));
      expect(opened).toMatchObject({ key: { kid: other.kid }, recovery: code, wanted, at: 5 });
    }
  });

  it("is refused where its key has not signed it, or it is anything else", async () => {
    const request = { key: key.jwk, recovery: code, wanted: "replace", at: 5 } as const;
    const good = await signLoss(request, key);
    const turned = (at: number): Bytes => good.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const proof = await signProof({ key: key.jwk, citizen: null, credential: null, form: "phone", at: 5 }, key);
    const refused = [
      await signLoss(request, other),
      await signLoss({ ...request, recovery: new Uint8Array(14) }, key),
      await signLoss({ ...request, wanted: "sell" as "replace" }, key),
      ...[turned(good.length - 1), turned(60), proof, good.slice(0, -1)],
    ];
    expect(await openLoss(good)).not.toBeNull();
    for (const bytes of refused) expect(await openLoss(bytes)).toBeNull();
  });
});
