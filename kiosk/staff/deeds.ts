/**
 * What staff wish for: judged, written down, and only then done. What is refused is written down too. The refusal that a
 * permit answers stays as it is in the log; the override names it.
 */
import { type Bytes, toBase64url } from "../../shared/bytes.ts";
import type { DeclineCause, Declined, Override, RecordedAssertion } from "../../shared/override.ts";
import { ordinaryPermit, type Permit, permitAfter } from "../../shared/permit-after.ts";
import { importStaffKey, keysOf } from "../../shared/staff.ts";
import {
  isModeEffect,
  mayDo,
  type OverrideEffect,
  type Role,
  staffRulesOf,
  timesLeft,
} from "../../shared/staff-rules.ts";
import type { EntryRef, Happening, Personal } from "../../shared/transaction.ts";
import { type Assertion, assertionFault, challengeOf } from "../../shared/webauthn.ts";
import type { Journal } from "../journal.ts";
import { type Flow, type Lane, requestOf } from "../lane.ts";
import type { Identity, SecurityKey } from "../ports.ts";
import type { InForce } from "../reading.ts";
import { choicesOf, type Situation } from "./choices.ts";
import type { StaffRecord } from "./record.ts";

/** Somebody whose badge is good here, and the entry that says so. */
export type Badged = { readonly staff: string; readonly role: Role; readonly ref: EntryRef };

export type Wish = {
  readonly effect: OverrideEffect;
  readonly reason: string;
  /** Kept beside the entry, as what is personal is: nobody knows what is in it. */
  readonly note?: string;
  readonly dock?: string;
  readonly item?: string;
  readonly by: readonly [Badged, ...Badged[]];
};

export type Done = { readonly kind: "done" | "failed" } | { readonly kind: "declined"; readonly cause: DeclineCause };

export type DeedParts = {
  readonly identity: Identity;
  readonly journal: Pick<Journal, "write" | "now">;
  readonly record: StaffRecord;
  readonly lane: Lane;
  readonly flow: Flow;
  readonly inForce: () => InForce;
  readonly situation: () => Situation;
  /** The entry of the last refusal, once it is written down. */
  readonly refusalRef: () => Promise<EntryRef | null>;
  readonly securityKey: SecurityKey | null;
  /** What stands for ready has changed. */
  readonly onStanding: () => void;
  /** The last transaction is taken back, or another one is the last. */
  readonly onDone: (done: { readonly ref: EntryRef; readonly by: readonly string[] } | null) => void;
  readonly reopen: () => Promise<void>;
};

export const createDeeds = (parts: DeedParts): ((wish: Wish, onKey: () => void) => Promise<Done>) => {
  const { journal, record, lane, identity } = parts;

  const write = async (happening: Happening, personal: Personal = {}): Promise<EntryRef> => {
    const at = journal.now();
    const ref = await journal.write(happening, personal, at);
    record.take({ ...happening, at });
    return ref;
  };

  const decline = async ({ by, effect }: Wish, cause: DeclineCause): Promise<Done> => {
    const declined: Declined = { kind: "declined", staff: by.map(({ staff }) => staff), effect, cause };
    await write(declined);
    return { kind: "declined", cause };
  };

  const whyNot = ({ by, effect }: Wish): DeclineCause | null => {
    const rules = staffRulesOf(parts.inForce().bundle.policy);
    const at = journal.now();
    const [first] = by;
    if (!mayDo(first.role, effect)) return "not-allowed";
    if (!choicesOf(first.role, first.staff, parts.situation()).includes(effect)) return "nothing-there";
    const left = by.map(({ role, staff }) => timesLeft(rules, role, staff, effect, record.overrides(), at));
    if (left.includes(0)) return "over-limit";
    const switchedAt = record.switchedAt();
    const isTooSoon = switchedAt !== null && Math.abs(at - switchedAt) < rules.coolDownSeconds;
    return isModeEffect(effect) && isTooSoon ? "cool-down" : null;
  };

  /** Counted before it is looked at. */
  const askKey = async (wish: Wish, of: EntryRef | null): Promise<RecordedAssertion | DeclineCause> => {
    const [{ staff }] = wish.by;
    const keys = keysOf(parts.inForce().bundle.staff, staff);
    if (keys.length === 0 || parts.securityKey === null) return "no-key";
    const attempt = { staff, factor: "key", effect: wish.effect, reason: wish.reason, of } as const;
    const ref = await write({ kind: "attempt", ...attempt });
    const challenge = await challengeOf(ref, attempt);
    const ids = keys.map(({ id }) => id);
    const given = await parts.securityKey.ask(challenge, ids);
    const key = keys.find(({ id }) => id === given?.id);
    const publicKey = key === undefined ? null : await importStaffKey(key);
    if (given === null || publicKey === null) return "key-refused";
    const fault = await assertionFault(given, challenge, parts.securityKey.origin, publicKey);
    return fault === null ? recorded(ref.seq, given) : "key-refused";
  };

  const permitOf = (effect: OverrideEffect): Permit | null => {
    const tap = parts.situation().refusal;
    if (tap === null) return null;
    const request = { ...requestOf(identity.profile, tap.asked), at: tap.at };
    const { policy } = tap.shown.facts;
    return effect === "ordinary"
      ? ordinaryPermit(request, policy)
      : permitAfter(request, tap.shown.reading, tap.shown.facts);
  };

  /** Moves the machine; what became of it is written down by the lane. */
  const move = async (kind: "open-gate" | "hold-open" | "close", ref: EntryRef): Promise<Done> => {
    const { outcome } = await lane.act({ kind }, ref);
    return { kind: outcome === "fault" ? "failed" : "done" };
  };

  const act = async (wish: Wish, ref: EntryRef, wasOpen: boolean): Promise<Done> => {
    switch (wish.effect) {
      case "open":
        return move("open-gate", ref);
      case "free-passage":
        parts.onStanding();
        return move("hold-open", ref);
      case "serve":
      case "close": {
        const moved = wasOpen ? await move("close", ref) : ({ kind: "done" } as const);
        parts.onStanding();
        return moved;
      }
      case "end-release": {
        const closed = await move("close", ref);
        parts.onStanding();
        return record.mode() === "free-passage" ? move("hold-open", ref) : closed;
      }
      case "serve-again":
        await parts.reopen();
        return { kind: "done" };
      default:
        return { kind: "done" };
    }
  };

  return async (wish, onKey) => {
    const cause = whyNot(wish);
    if (cause !== null) return decline(wish, cause);
    const { refusal, done, mode } = parts.situation();
    const isPermit = wish.effect === "permit" || wish.effect === "ordinary";
    const of = isPermit ? await parts.refusalRef() : wish.effect === "annul" ? (done?.ref ?? null) : null;
    const permit = isPermit ? permitOf(wish.effect) : null;
    if (
      (isPermit && (of === null || permit === null || refusal === null)) ||
      (wish.effect === "annul" && of === null)
    ) {
      return decline(wish, "nothing-there");
    }
    const { keyFor } = staffRulesOf(parts.inForce().bundle.policy);
    if (keyFor.includes(wish.effect)) onKey();
    const assertion = keyFor.includes(wish.effect) ? await askKey(wish, of) : null;
    if (typeof assertion === "string") return decline(wish, assertion);

    const byStaff = {
      staff: wish.by.map(({ staff }) => staff),
      badges: wish.by.map(({ ref }) => ref),
      factor: assertion === null ? "badge" : "badge+key",
      reason: wish.reason,
      ...(assertion === null ? {} : { assertion }),
    } as const;
    const beside: Personal = wish.note === undefined ? {} : { note: wish.note };
    if (wish.effect === "annul" && of !== null) {
      await write({ kind: "annulled", of, ...byStaff }, beside);
      lane.till.undo(of);
      parts.onDone(null);
      return { kind: "done" };
    }

    const pseudonym = nameOf(wish, refusal);
    const override: Override = {
      kind: "override",
      of,
      ...byStaff,
      effect: wish.effect,
      terms: permit?.terms ?? null,
      perk: permit?.perk ?? null,
      service: identity.profile.service,
      ...(isPermit && refusal !== null ? { action: refusal.asked.action } : {}),
      ...(wish.dock === undefined ? {} : { dock: wish.dock }),
      ...(wish.item === undefined ? {} : { blocked: wish.item }),
      ...(pseudonym === null ? {} : { pseudonymKey: identity.operatorKeyVersion }),
    };
    const ref = await write(override, { ...beside, ...(pseudonym === null ? {} : { pseudonym }) });
    if (permit !== null && refusal !== null) {
      parts.onDone({ ref, by: override.staff });
      lane.run(async () =>
        parts.flow.onPermit?.({ effect: "permit", decision: permit, ref, shown: refusal.shown, override }),
      );
      return { kind: "done" };
    }
    return act(wish, ref, mode === "free-passage");
  };
};

/** Nothing is charged to a code that is nobody's any more. */
const nameOf = ({ effect }: Wish, refusal: Situation["refusal"]): string | null => {
  if (effect !== "permit" && effect !== "ordinary") return null;
  return refusal?.answered.effect === "refer" && refusal.answered.reason !== "revoked" ? refusal.shown.pseudonym : null;
};

const recorded = (attempt: number, { id, client, authenticator, signature }: Assertion): RecordedAssertion => {
  const text = (bytes: Bytes): string => toBase64url(bytes);
  return { attempt, id, client: text(client), authenticator: text(authenticator), signature: text(signature) };
};
