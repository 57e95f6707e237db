/**
 * All of a terminal that is for staff: badges, the desk that a good one opens, and what holds until staff end it (closed,
 * free passage, opened by a fire alarm). It stands beside the loop and never in its way: citizens are served by the same
 * code whether or not there is any staff.
 */
import { toBase64url } from "../../shared/bytes.ts";
import type { Code } from "../../shared/credential.ts";
import type { Badge } from "../../shared/override.ts";
import { badgeOf, judgeBadge } from "../../shared/staff.ts";
import { actionsOf } from "../../shared/terms.ts";
import type { EntryRef, Happening } from "../../shared/transaction.ts";
import type { Journal } from "../journal.ts";
import type { Flow, Lane, LastTap } from "../lane.ts";
import { transactionIn, type WrittenEntry } from "../memory.ts";
import type { Actuator, Clock, Identity, SecurityKey } from "../ports.ts";
import { type InForce, type Reader, readShown } from "../reading.ts";
import type { Receipts } from "../receipts.ts";
import type { Refusals } from "../refusals.ts";
import type { Press, Screen, StaffScreen } from "../session.ts";
import { annulSeconds, answerSeconds, type LastDone, type Situation } from "./choices.ts";
import { type Badged, createDeeds } from "./deeds.ts";
import { createStaffDesk } from "./desk.ts";
import type { StaffRecord } from "./record.ts";

export type WingParts = {
  readonly identity: Identity;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly record: StaffRecord;
  readonly reader: Reader;
  readonly lane: Lane;
  readonly flow: Flow;
  readonly refusals: Pick<Refusals, "flush" | "written">;
  readonly receipts: Receipts;
  readonly actuator: Actuator;
  readonly securityKey: SecurityKey | null;
  readonly inForce: () => InForce;
  readonly isBroken: () => boolean;
  readonly reopen: () => Promise<void>;
  readonly show: (screen: StaffScreen | null) => void;
  readonly run: (task: () => Promise<void>) => void;
};

export type StaffWing = {
  /** Watches for a fire alarm, and tells again what is not as usual. */
  readonly start: () => Promise<void>;
  readonly showBadge: (code: Code, ticks: number) => Promise<void>;
  readonly press: (press: Press) => boolean;
  readonly isOpen: () => boolean;
  /** Staff were asked to scan the item that they mean. */
  readonly waitsForItem: () => boolean;
  readonly takeItem: (text: string) => () => Promise<void>;
};

const standingSeconds = 12 * 3600;
/** How long an alarm waits for the log: longer would be too long for a life. */
const releaseSeconds = 1;

export const createStaffWing = (parts: WingParts): StaffWing => {
  const { identity, journal, clock, record, lane, flow } = parts;
  const { profile } = identity;
  let lastDone: LastDone | null = null;
  let annulled: EntryRef | null = null;
  /** What staff have permitted already. */
  let answered: LastTap | null = null;

  const situation = (): Situation => {
    const now = journal.now();
    const tap = lane.lastTap();
    const isRecent = tap !== null && now - tap.at <= answerSeconds;
    const refusal =
      isRecent && tap !== answered && tap.answered.effect === "refer" && tap.answered.reason !== "not-offered"
        ? tap
        : null;
    return {
      profile,
      canPermit: flow.onPermit !== undefined,
      refusal,
      done: doneBefore(now),
      mode: record.mode(),
      isReleased: record.isReleased(),
      isBroken: parts.isBroken(),
      blocked: record.blocked(),
    };
  };

  const doneBefore = (now: number): LastDone | null => {
    const tap = lane.lastTap();
    const tapped = tap?.answered.effect === "permit" ? { ref: tap.answered.ref, by: [], at: tap.at } : null;
    const newest = lastDone !== null && lastDone.at >= (tapped?.at ?? 0) ? lastDone : tapped;
    return newest === null || now - newest.at > annulSeconds || newest.ref.seq === annulled?.seq ? null : newest;
  };

  /** Ends whatever was going on, and shows what holds now. */
  const onStanding = (): void => parts.run(() => flow.onPress({ kind: "leave" }));

  const carryOut = createDeeds({
    identity,
    journal,
    record,
    lane,
    flow,
    inForce: parts.inForce,
    situation,
    refusalRef: async () => {
      const tap = lane.lastTap();
      if (tap === null || tap.ref !== null) return tap?.ref ?? null;
      await parts.refusals.flush();
      return parts.refusals.written();
    },
    securityKey: parts.securityKey,
    onStanding,
    onDone: (done) => {
      if (done === null) annulled = doneBefore(journal.now())?.ref ?? null;
      else [lastDone, answered] = [{ ...done, at: journal.now() }, lane.lastTap()];
    },
    reopen: parts.reopen,
  });

  const desk = createStaffDesk({
    clock,
    programme: profile.programme,
    inForce: parts.inForce,
    situation,
    show: parts.show,
    carryOut,
    receipt: () => {
      const shown = lane.lastTap()?.shown;
      return shown === undefined || lastDone === null
        ? {}
        : parts.receipts(lastDone.ref, shown, { perk: null, reason: "ordinary" });
    },
    makeKey: parts.securityKey === null ? null : (badge) => offerKey(badge),
    run: parts.run,
  });

  const write = async (happening: Happening): Promise<EntryRef> => {
    const at = journal.now();
    const ref = await journal.write(happening, {}, at);
    record.take({ ...happening, at });
    return ref;
  };

  /** Whose it is the operator says, who sees the person. */
  const offerKey = async ({ staff, ref }: Badged): Promise<boolean> => {
    const made = (await parts.securityKey?.make(staff)) ?? null;
    if (made === null) return false;
    await write({ kind: "offered-key", staff, badge: ref, id: made.id, jwk: made.jwk });
    return true;
  };

  const showBadge = async (code: Code, ticks: number): Promise<void> => {
    const at = journal.now();
    const action = flow.codeAction() ?? startOf(profile);
    const shown = await readShown(parts.reader, parts.inForce(), code, action, at);
    const { presentation, pseudonym } = shown;
    if (presentation === null || pseudonym === null) {
      const answered = await lane.ask({ action, isBadge: true }, shown, ticks);
      return desk.tell(answered.effect === "refer" ? answered.reason : "unreadable");
    }
    const badge = badgeOf(presentation, pseudonym);
    const verdict = judgeBadge(badge, {
      artefact: parts.inForce().bundle.staff,
      site: profile.site,
      seenAt: record.seenAt(presentation.identity),
      lockedUntil: record.lockedUntil(pseudonym),
      at,
    });
    const { identity: shownAs, windowUntil } = presentation;
    const entry = (result: Badge["result"]): Badge => ({
      kind: "badge",
      ...badge,
      identity: shownAs,
      windowUntil,
      site: profile.site,
      result,
    });
    await parts.refusals.flush();
    if (verdict.kind === "refused") {
      await write(entry(verdict.fault));
      return desk.tell(verdict.fault);
    }
    const good: Omit<Badged, "ref"> = { staff: pseudonym, role: verdict.role };
    const unfit = desk.unfit(good);
    const ref = await write(entry(unfit ?? "good"));
    await desk.greet({ ...good, ref }, unfit);
  };

  const release = async (): Promise<void> => {
    if (record.isReleased()) return;
    const at = journal.now();
    record.take({ kind: "release", at, cause: "alarm" });
    desk.close();
    const { seq } = journal.head();
    const written = journal.write({ kind: "release", cause: "alarm" }, {}, at);
    const unwritten = { terminal: identity.terminal, epoch: toBase64url(identity.rootHash.slice(0, 16)), seq };
    const late = new Promise<null>((resolve) => clock.after(releaseSeconds, () => resolve(null)));
    const ref = await Promise.race([written, late]).catch(() => null);
    const { outcome, cause } = await parts.actuator.perform({ kind: "hold-open" }, ref ?? unwritten);
    parts.run(async () => {
      if (ref === null) return;
      await journal.write({ kind: "acted", of: ref, outcome, ...(cause === undefined ? {} : { cause }) });
    });
    onStanding();
  };

  const tellStanding = async (): Promise<void> => {
    const [mode, released, blocked] = [record.mode(), record.isReleased(), [...record.blocked()]];
    if (mode === "serve" && !released && blocked.length === 0) return;
    await write({ kind: "standing", mode, released, blocked });
  };

  const tellAgain = (): void => {
    clock.after(standingSeconds, () => {
      parts.run(tellStanding);
      tellAgain();
    });
  };

  return {
    start: async () => {
      await tellStanding();
      tellAgain();
      parts.actuator.watchAlarm?.(release);
    },
    showBadge,
    press: desk.press,
    isOpen: desk.isOpen,
    waitsForItem: desk.waitsForItem,
    takeItem: (text) => async () => desk.takeItem(text),
  };
};

/** Brings back what the log knows, also of a chain that was lost. */
export const recallStaff = (record: StaffRecord, entries: readonly WrittenEntry[]): void => {
  for (const entry of entries) {
    const transaction = transactionIn(entry);
    if (transaction !== null) record.take(transaction);
  }
};

/** What stands in place of ready; null where citizens are served. */
export const standingScreen = (record: StaffRecord, service: Identity["profile"]["service"]): Screen | null => {
  if (record.isReleased()) return { name: "passage", service, cause: "alarm" };
  if (record.mode() === "free-passage") return { name: "passage", service, cause: "free" };
  return record.mode() === "close" ? { name: "out-of-service", cause: "closed", detail: "" } : null;
};

const startOf = (profile: Identity["profile"]) =>
  "action" in profile && profile.action !== "both" ? profile.action : actionsOf[profile.service][0];
