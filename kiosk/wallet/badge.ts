/**
 * A staff badge on this phone (shared/badge-proof). The operator's link makes a key here, which nobody can read out, and gets
 * a credential for it, once. From then on the phone shows a new code every 30 s, beside the citizen's and apart from it, and
 * renews the badge by itself as it does a citizen's credential (wallet.ts).
 *
 * The key is kept before anybody is asked, and the code of the link beside it until it is answered: so a lost answer costs
 * nothing, neither does a page that is closed meanwhile. A link that is refused is forgotten; the badge of before stays.
 */
import { type BadgeClaim, signBadgeProof } from "../../shared/badge-proof.ts";
import { type Bytes, equalBytes } from "../../shared/bytes.ts";
import { toleranceSeconds } from "../../shared/credential.ts";
import { type CryptoKeyPair, type SigningKey, signingKeyOf } from "../../shared/keys.ts";
import type { Instant } from "../../shared/terms.ts";
import { isRenewalDue } from "./held.ts";
import { keepBy } from "./keeping.ts";
import { isCodeOver, isExpired, makeCode, readPhoneCredential, retrySeconds, type ShownCode } from "./life.ts";
import type { Answer, MakeKeys, WalletClock } from "./ports.ts";
import { type BadgeState, type Contact, failureOf, type LinkAsked } from "./state.ts";

export type HeldBadge = { readonly keys: CryptoKeyPair; readonly credential: Bytes };
/** A link that is not answered yet. */
export type AskedBadge = { readonly keys: CryptoKeyPair; readonly code: Bytes };

export type BadgeStore = {
  readonly read: () => Promise<{ readonly held: HeldBadge | null; readonly asked: AskedBadge | null }>;
  /** Durable when it resolves; null: there is none any more. */
  readonly putHeld: (held: HeldBadge | null) => Promise<void>;
  readonly putAsked: (asked: AskedBadge | null) => Promise<void>;
};

/** The operator, who issues badges. Answers with the credential, not yet believed. */
export type BadgeIssuer = {
  readonly sendBadgeProof: (proof: Bytes) => Promise<Answer<Bytes>>;
  /** Calls back when the network may have returned. */
  readonly onReturn: (callback: () => void) => () => void;
};

export type BadgeEdges = {
  readonly store: BadgeStore;
  readonly issuer: BadgeIssuer;
  readonly clock: WalletClock;
  readonly makeKeys: MakeKeys;
};

export type StaffBadge = {
  /** `link`: the code that the page was opened with. Resolves once what this phone holds can be shown. */
  readonly start: (link: Bytes | "malformed" | null) => Promise<void>;
  readonly refreshCode: () => Promise<void>;
  readonly renewNow: () => Promise<void>;
  readonly askAgain: () => Promise<void>;
  /** From this phone, for good. The operator's list has it still. */
  readonly remove: () => Promise<void>;
};

type Held = HeldBadge & {
  readonly key: SigningKey;
  readonly life: NonNullable<ReturnType<typeof readPhoneCredential>>;
  readonly contact: Contact;
};

export const createStaffBadge = (edges: BadgeEdges, onChange: (state: BadgeState) => void): StaffBadge => {
  const { store, issuer, clock, makeKeys } = edges;
  let held: Held | null = null;
  let asked: AskedBadge | null = null;
  let link: LinkAsked | null = null;
  let code: ShownCode | null = null;
  let trouble: string | null = null;

  const emit = (): void => {
    const { role = "", sites = [] } = held?.life.staff ?? {};
    const badge = held === null ? null : { role, sites, life: held.life, contact: held.contact };
    onChange({ now: clock.now(), badge, code, link, trouble });
  };

  const keep = keepBy((cause) => {
    trouble = cause;
  });

  const send = async (keys: CryptoKeyPair, claim: BadgeClaim): Promise<Answer<Bytes>> => {
    const key = await signingKeyOf(keys);
    return issuer.sendBadgeProof(await signBadgeProof({ key: key.jwk, claim, at: clock.now() }, key));
  };

  const showCode = async (madeAt: Instant): Promise<void> => {
    if (held === null) return;
    const by = held;
    const made = await makeCode(by.credential, by.key, madeAt);
    if (held?.credential !== by.credential) return;
    code = made;
    emit();
  };

  /** Everything that is due now. */
  const look = async (): Promise<void> => {
    const now = clock.now();
    if (held !== null && isRenewalDue(held, now)) void renew();
    if (held === null || isExpired(held.life, now)) code = null;
    else if (code === null || isCodeOver(code, now)) await showCode(now);
    emit();
  };

  const tick = async (): Promise<void> => {
    try {
      await look();
    } finally {
      clock.after(1, () => void tick());
    }
  };

  const renew = async (): Promise<void> => {
    if (held === null || held.contact.kind === "asking") return;
    const before = held;
    held = { ...before, contact: { kind: "asking" } };
    emit();
    const answer = await send(before.keys, { by: "credential", credential: before.credential });
    // Removed, or another one in its place, meanwhile.
    if (held?.credential !== before.credential) return;
    const renewed = answer.kind === "answered" ? await heldOf({ keys: before.keys, credential: answer.value }) : null;
    if (renewed === null) {
      const failures = before.contact.kind === "waiting" ? before.contact.failures + 1 : 1;
      const retryAt = clock.now() + retrySeconds(failures);
      held = { ...before, contact: { kind: "waiting", ...failureOf(answer), failures, retryAt } };
      return emit();
    }
    await keep(() => store.putHeld({ keys: renewed.keys, credential: renewed.credential }));
    [held, code] = [renewed, null];
    await look();
  };

  /** Uses the link, as often as nobody answers. */
  const take = async (): Promise<void> => {
    if (asked === null || link?.kind === "asking") return;
    const { keys, code: linkCode } = asked;
    link = { kind: "asking" };
    emit();
    const answer = await send(keys, { by: "code", code: linkCode });
    const taken = answer.kind === "answered" ? await heldOf({ keys, credential: answer.value }) : null;
    if (taken !== null) {
      const isKept = await keep(() => store.putHeld({ keys, credential: taken.credential }));
      if (!isKept) {
        link = { kind: "failed", cause: "senseless", detail: "", canAsk: true };
        return emit();
      }
      await keep(() => store.putAsked(null));
      [held, asked, link, code] = [taken, null, null, null];
      return look();
    }
    const canAsk = answer.kind !== "rejected" || answer.status >= 500 || answer.status === 429;
    if (!canAsk) {
      asked = null;
      await keep(() => store.putAsked(null));
    }
    link = { kind: "failed", ...failureOf(answer), canAsk };
    emit();
  };

  const ask = async (linkCode: Bytes): Promise<void> => {
    const isSame = asked !== null && equalBytes(asked.code, linkCode);
    const next = isSame && asked !== null ? asked : { keys: await makeKeys(), code: linkCode };
    // A key that is not kept would be lost with the page, and the link with it.
    if (!(await keep(() => store.putAsked(next)))) return emit();
    asked = next;
  };

  return {
    start: async (opened) => {
      await keep(async () => {
        const stored = await store.read();
        held = stored.held === null ? null : await heldOf(stored.held);
        asked = stored.asked;
      });
      if (opened === "malformed") link = { kind: "malformed" };
      else if (opened !== null) await ask(opened);
      issuer.onReturn(() => {
        if (held?.contact.kind === "waiting") void renew();
        if (link?.kind === "failed") void take();
      });
      void take();
      await tick();
    },
    refreshCode: async () => {
      if (code === null) return;
      const now = clock.now();
      // The moment is all that tells two codes apart.
      const madeAt = Math.max(now, code.madeAt + 1);
      if (madeAt <= now + toleranceSeconds / 2) await showCode(madeAt);
    },
    renewNow: renew,
    askAgain: take,
    remove: async () => {
      const isGone = await keep(async () => {
        await store.putHeld(null);
        await store.putAsked(null);
      });
      if (isGone) [held, asked, link, code] = [null, null, null, null];
      emit();
    },
  };
};

/** Null where it is no badge, or none of this key. */
const heldOf = async ({ keys, credential }: HeldBadge): Promise<Held | null> => {
  const key = await signingKeyOf(keys);
  const life = readPhoneCredential(credential, key);
  return life?.staff === undefined ? null : { keys, credential, key, life, contact: { kind: "idle" } };
};
