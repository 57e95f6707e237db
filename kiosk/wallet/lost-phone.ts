/**
 * A phone that may get lost, and the other one that sees to it (shared/recovery). A recovery code is shown once and
 * forgotten: it stands on the citizen's paper, never on the phone that it is about.
 *
 * The key that is to take over is made once, so that asking again after a lost answer asks for the same.
 */
import { sha256 } from "../../shared/bytes.ts";
import { type CryptoKeyPair, signingKeyOf } from "../../shared/keys.ts";
import {
  formatRecoveryCode,
  type LossWish,
  readRecoveryCode,
  recoveryCodeBytes,
  signLoss,
  signRecovery,
} from "../../shared/recovery.ts";
import type { Random } from "../ports.ts";
import type { Held } from "./held.ts";
import { readPhoneCredential } from "./life.ts";
import type { Issuer, MakeKeys, Person, WalletClock } from "./ports.ts";
import { failureOf, type LossReport, type RecoveryCode } from "./state.ts";

export type LostPhone = {
  readonly makeCode: (held: Held) => Promise<void>;
  readonly report: (typed: string, wanted: LossWish) => Promise<void>;
  /** Forgets what was shown. */
  readonly drop: () => void;
  readonly shown: () => { readonly recovery: RecoveryCode | null; readonly loss: LossReport | null };
};

export type LostPhoneEdges = {
  readonly issuer: Issuer;
  readonly clock: Pick<WalletClock, "now">;
  readonly random: Random;
  readonly makeKeys: MakeKeys;
  readonly makeId: () => string;
  readonly onChange: () => void;
  /** Somebody who is on this phone from now on. */
  readonly adopt: (person: Person) => Promise<void>;
};

export const createLostPhone = (edges: LostPhoneEdges): LostPhone => {
  const { issuer, clock, random, makeKeys, onChange } = edges;
  let recovery: RecoveryCode | null = null;
  let loss: LossReport | null = null;
  let newKeys: CryptoKeyPair | null = null;

  const showRecovery = (next: RecoveryCode): void => {
    recovery = next;
    onChange();
  };
  const isShown = (what: RecoveryCode): boolean => recovery === what;
  const showLoss = (next: LossReport): void => {
    loss = next;
    onChange();
  };

  return {
    makeCode: async ({ key, credential }) => {
      if (credential === null || recovery?.kind === "asking") return;
      const asking: RecoveryCode = { kind: "asking" };
      showRecovery(asking);
      const code = random.bytes(recoveryCodeBytes);
      const signed = await signRecovery({ credential, recovery: await sha256(code), at: clock.now() }, key);
      const answer = await issuer.sendRecovery(signed);
      // Put away meanwhile: nobody has seen the code, and nobody ever will.
      if (!isShown(asking)) return;
      showRecovery(
        answer.kind === "answered"
          ? { kind: "ready", text: formatRecoveryCode(code) }
          : { kind: "failed", ...failureOf(answer) },
      );
    },
    report: async (typed, wanted) => {
      if (loss?.kind === "asking") return;
      const code = readRecoveryCode(typed);
      if (code === null) return showLoss({ kind: "mistyped" });
      showLoss({ kind: "asking" });
      newKeys ??= await makeKeys();
      const keys = newKeys;
      const key = await signingKeyOf(keys);
      const answer = await issuer.sendLoss(
        await signLoss({ key: key.jwk, recovery: code, wanted, at: clock.now() }, key),
      );
      if (answer.kind !== "answered") return showLoss({ kind: "failed", ...failureOf(answer) });
      if (wanted !== "replace") return showLoss({ kind: "done", wanted });
      const credential = answer.value;
      if (readPhoneCredential(credential, key) === null) return showLoss({ kind: "failed", ...failureOf(answer) });
      await edges.adopt({ id: edges.makeId(), handle: null, name: null, about: null, keys, credential });
      newKeys = null;
      showLoss({ kind: "done", wanted });
    },
    drop: () => {
      [recovery, loss] = [null, null];
    },
    shown: () => ({ recovery, loss }),
  };
};
