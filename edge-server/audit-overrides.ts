/**
 * Looks at everything that staff did as the terminal should have looked before: a badge that opened this terminal shortly
 * before, for its site, of a role that may; two people where it takes two; within the limits of the shift; a refusal that is
 * there, and no better terms than were due at it; the security key where the rules ask for one. Whatever is not so is a
 * problem with a place: no override can be hidden from review by what a terminal, or whoever holds it, writes. Neither by
 * another name for it: a machine that moved names what let somebody through, or it is a problem, too.
 *
 * Of each chain the newest thousand badges, attempts, answers and grounds to move are kept, which is more than a shift has.
 * What an override of a lost chain rests on may have reached the ledger before: there only what it says itself is looked at.
 */
import { fromBase64url } from "../shared/bytes.ts";
import { isByStaff, type RecordedByStaff, readByStaff } from "../shared/override.ts";
import { ordinaryPermit, permitAfter } from "../shared/permit-after.ts";
import type { Policy } from "../shared/policy.ts";
import { importStaffKey } from "../shared/staff.ts";
import {
  type CountedOverride,
  mayDo,
  needsTwo,
  type OverrideEffect,
  overrideEffects,
  type Role,
  roles,
  staffRulesOf,
  timesLeft,
} from "../shared/staff-rules.ts";
import { isNoWorse, type Terms } from "../shared/terms.ts";
import { type EntryRef, type ReadTransaction, type RecordedDecision, readDecided } from "../shared/transaction.ts";
import { type Assertion, assertionFault, challengeOf } from "../shared/webauthn.ts";
import type { Registry } from "./ports.ts";
import type { StaffRow } from "./staff-book.ts";
import { readRef } from "./survey-reading.ts";

type Said<Kind extends RecordedByStaff["kind"]> = Extract<RecordedByStaff, { readonly kind: Kind }>;
type Deed = Said<"override"> | Said<"annulled">;

/** `isTold`: of a lost chain, told again. */
export type Place = { readonly epoch: string | null; readonly seq: number; readonly isTold: boolean };

/** What is wrong with an entry of staff, one line each. Also takes in the decisions that they answer. */
export type OverrideAudit = (transaction: ReadTransaction, place: Place) => Promise<readonly string[]>;

export type OverrideKeys = {
  readonly terminal: string;
  /** The site that the operator's own records give the terminal; null where they are not at hand. */
  readonly site: string | null;
  readonly staff: readonly StaffRow[] | null;
  /** The policy in force on this chain; null where it is not at hand. */
  readonly policy: () => Policy | null;
};

export const overrideKeysOf = (
  registry: (Pick<Registry, "terminal"> & Partial<Pick<Registry, "staff">>) | null,
  terminal: string,
  policy: () => Policy | null,
): OverrideKeys => {
  const staff = registry?.staff?.() ?? [];
  const site = registry?.terminal(terminal)?.profile.site ?? null;
  return { terminal, site, staff: staff.length === 0 ? null : staff, policy };
};

export const createOverrideAudit = (keys: OverrideKeys): OverrideAudit => {
  const badges = createShelf<Said<"badge">>();
  const attempts = createShelf<Said<"attempt">>();
  const refusals = createShelf<RecordedDecision>();
  const permits = createShelf<readonly string[]>();
  const grounds = createShelf<true>();
  let counted: readonly CountedOverride[] = [];

  const nameOf = (place: Pick<Place, "epoch" | "seq">): string => `${place.epoch}/${place.seq}`;
  const isHere = (ref: EntryRef): boolean => ref.terminal === keys.terminal;

  const takeDecided = (transaction: ReadTransaction, place: Place): void => {
    const decided = readDecided(transaction);
    if (decided === null) return;
    if (decided.result.effect === "refer") refusals.put(nameOf(place), decided);
    else permits.put(nameOf(place), []);
  };

  const takeGround = ({ kind }: ReadTransaction, place: Place): void => {
    const isRefusal = kind === "decided" && refusals.get(nameOf(place)) !== undefined;
    if (groundKinds.includes(kind) && !isRefusal) grounds.put(nameOf(place), true);
  };

  /** What was before the kept ones, or on a chain that was lost, nobody can tell. */
  const whyItMoved = ({ kind, of }: ReadTransaction, place: Place): readonly string[] => {
    const ref = kind === "acted" && !place.isTold ? readRef(of) : null;
    if (ref === null || !isHere(ref) || ref.epoch !== place.epoch || place.seq - ref.seq > keptMax) return [];
    return grounds.get(nameOf(ref)) === undefined ? ["a machine that moved for what let nobody through"] : [];
  };

  const whoDid = (deed: Deed): readonly Said<"badge">[] | string => {
    const shown = deed.badges.map((ref) => (isHere(ref) ? badges.get(nameOf(ref)) : undefined));
    if (deed.staff.length === 0 || deed.staff.length !== shown.length) return "without a badge";
    const rules = staffRulesOf(keys.policy() ?? { operator: "" });
    const good = shown.filter(
      (badge, at) =>
        badge?.result === "good" &&
        badge.staff === deed.staff[at] &&
        deed.at - badge.at <= rules.shiftSeconds &&
        deed.at >= badge.at,
    );
    return good.length === shown.length ? (good as Said<"badge">[]) : "without a badge that opened this terminal";
  };

  const whatIsWrongWithBadge = (badge: Said<"badge">): string | null => {
    const site = keys.site ?? badge.site;
    if (badge.site !== site || !badge.sites.includes(site)) return `a badge for ${badge.sites.join(", ")}, not ${site}`;
    if (keys.staff === null) return null;
    const row = keys.staff.find(({ staff }) => staff === badge.staff);
    if (row === undefined) return `nobody has the badge ${badge.staff}`;
    if (row.role !== badge.role || !row.sites.includes(site)) return `the badge ${row.staff} is for something else`;
    if (row.revokedAt !== null && row.revokedAt < badge.at) return `the badge ${row.staff} was revoked before`;
    return badge.at < row.expiresAt ? null : `the badge ${row.staff} had ended`;
  };

  const whatIsWrongWithAnswer = (deed: Deed, effect: OverrideEffect): string | null => {
    const { of } = deed;
    if (deed.kind === "annulled" || effect === "annul") {
      const by = of === null || !isHere(of) ? undefined : permits.get(nameOf(of));
      if (by === undefined) return "takes back what is not there";
      const isOwn = by.includes(deed.staff[0] ?? "");
      return isOwn || roleOf(badges.get(nameOf(deed.badges[0] ?? { epoch: "", seq: 0 }))) === "supervisor"
        ? null
        : "takes back what was not theirs";
    }
    if (effect !== "permit" && effect !== "ordinary") return null;
    const refused = of === null || !isHere(of) ? undefined : refusals.get(nameOf(of));
    if (refused === undefined) return "names a refusal that is not there";
    const policy = keys.policy();
    if (policy === null) return null;
    const request = { ...refused.request, at: refused.at };
    const due =
      effect === "ordinary"
        ? ordinaryPermit(request, policy)
        : permitAfter(request, refused.reading, { policy, knowledge: refused.knowledge });
    const given = deed.terms as Terms | null;
    if (due === null || given === null) return "gives what is not offered";
    if (!isNoWorse(due.terms, given)) return "gives better terms than were due";
    return isNoWorse(given, due.terms) ? null : "gives worse terms than were due";
  };

  const whatIsWrongWithKey = async (deed: Deed, effect: OverrideEffect): Promise<string | null> => {
    const policy = keys.policy();
    const isAsked = policy !== null && staffRulesOf(policy).keyFor.includes(effect);
    if (deed.assertion === undefined) return isAsked ? "without the security key that the rules ask for" : null;
    const seq = deed.assertion.attempt;
    const epoch = deed.badges[0]?.epoch ?? "";
    const attempt = attempts.get(nameOf({ epoch, seq }));
    const isSame = attempt?.effect === effect && attempt.reason === deed.reason && attempt.staff === deed.staff[0];
    if (attempt === undefined || !isSame) return "with a security key for something else";
    const key = keys.staff?.flatMap((row) => row.keys).find(({ id }) => id === deed.assertion?.id);
    const publicKey = key === undefined ? null : await importStaffKey({ staff: attempt.staff, ...key });
    const assertion = assertionOf(deed.assertion);
    // Another key may have taken its place since.
    if (publicKey === null) return null;
    const said = { ...attempt, factor: "key", effect } as const;
    const challenge = await challengeOf({ terminal: keys.terminal, epoch, seq }, said);
    const fault = assertion === null ? "malformed" : await assertionFault(assertion, challenge, null, publicKey);
    return fault === null ? null : `with a security key that did not sign this: ${fault}`;
  };

  const judgeDeed = async (deed: Deed, place: Place): Promise<readonly string[]> => {
    const effect = deed.kind === "annulled" ? "annul" : overrideEffects.find((each) => each === deed.effect);
    if (effect === undefined) return [`an effect that is not known: ${deed.kind === "override" ? deed.effect : ""}`];
    if (deed.kind === "override" && deed.under !== undefined) {
      const by = isHere(deed.under) ? permits.get(nameOf(deed.under)) : undefined;
      const goesOn = by !== undefined && by.length > 0 && by.join() === deed.staff.join();
      return goesOn || place.isTold ? [] : ["goes on with what staff did not permit"];
    }
    if (effect === "permit" || effect === "ordinary") permits.put(nameOf(place), deed.staff);
    const wrong: (string | null)[] = [];
    if (needsTwo(effect) && new Set(deed.staff).size < 2) wrong.push("by one person, where it takes two");
    if (place.isTold) return named(wrong);

    const people = whoDid(deed);
    if (typeof people === "string") wrong.push(people);
    else {
      wrong.push(...people.map(whatIsWrongWithBadge));
      const played = people.map(roleOf);
      const may = needsTwo(effect)
        ? played.includes("supervisor") && !played.includes("technician")
        : isAllowed(played[0], effect);
      if (!may) wrong.push(`${effect} is not for ${played.join(" and ")}`);
      const policy = keys.policy();
      const isOver =
        policy !== null && people.some((badge, at) => isOverLimit(badge.staff, played[at], effect, deed.at, policy));
      if (isOver) wrong.push("over the limit of a shift");
    }
    counted = [
      ...counted.filter((each) => deed.at - each.at < 86_400),
      ...deed.staff.map((staff) => ({ staff, effect, at: deed.at })),
    ];
    wrong.push(whatIsWrongWithAnswer(deed, effect), await whatIsWrongWithKey(deed, effect));
    return named(wrong);
  };

  const isOverLimit = (
    staff: string,
    role: Role | undefined,
    effect: OverrideEffect,
    at: number,
    policy: Policy,
  ): boolean => role !== undefined && timesLeft(staffRulesOf(policy), role, staff, effect, counted, at) === 0;

  return async (transaction, place) => {
    if (transaction.kind === "decided") takeDecided(transaction, place);
    takeGround(transaction, place);
    if (!isByStaff(transaction.kind)) return whyItMoved(transaction, place);
    const said = readByStaff(transaction);
    if (said === null) return ["an entry of staff without what it rests on"];
    if (said.kind === "badge") badges.put(nameOf(place), said);
    if (said.kind === "attempt") attempts.put(nameOf(place), said);
    return said.kind === "override" || said.kind === "annulled" ? judgeDeed(said, place) : [];
  };
};

const keptMax = 1000;
/** Kinds after which a machine may move. A decision that refers is none. */
const groundKinds: readonly string[] = ["decided", "override", "release"];

/** The newest of them, by name. */
const createShelf = <T>() => {
  const kept = new Map<string, T>();
  return {
    get: (name: string): T | undefined => kept.get(name),
    put: (name: string, each: T): void => {
      kept.set(name, each);
      const [oldest] = kept.keys();
      if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    },
  };
};

const named = (wrong: readonly (string | null)[]): readonly string[] => wrong.filter((each) => each !== null);

const roleOf = (badge: Said<"badge"> | undefined): Role | undefined => roles.find((each) => each === badge?.role);

const isAllowed = (role: Role | undefined, effect: OverrideEffect): boolean =>
  role !== undefined && mayDo(role, effect);

const assertionOf = (recorded: NonNullable<Deed["assertion"]>): Assertion | null => {
  const [client, authenticator, signature] = [recorded.client, recorded.authenticator, recorded.signature].map(
    fromBase64url,
  );
  if (client == null || authenticator == null || signature == null) return null;
  return { id: recorded.id, client, authenticator, signature };
};
