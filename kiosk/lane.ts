/**
 * What every kind of terminal does alike: ask `decide`, write the answer down, act, write the outcome down; and show
 * screens. The flows (gate, dock, library, desk, inquiry) are built on this and differ only in what they ask and in which
 * order.
 */
import { decide } from "../shared/decide.ts";
import type { Profile } from "../shared/messages.ts";
import type { Override } from "../shared/override.ts";
import { type Action, type Decision, type Instant, needsNoCode, type Request } from "../shared/terms.ts";
import type { Decided, EntryRef, Personal } from "../shared/transaction.ts";
import type { Fault } from "../shared/verify.ts";
import type { Inside } from "./inside.ts";
import type { Journal } from "./journal.ts";
import type { Loans } from "./loans.ts";
import type { Memory } from "./memory.ts";
import type { Actuated, Actuator, Clock, Command } from "./ports.ts";
import type { Shown } from "./reading.ts";
import type { Receipts, WithReceipt } from "./receipts.ts";
import type { Refusals } from "./refusals.ts";
import type { Press, Screen } from "./session.ts";
import type { Room } from "./shares.ts";
import type { Site } from "./site.ts";
import type { Till } from "./till.ts";

/** What a flow asks: which action, for which dock or item, on which choice, after what was before, in which session. */
export type Asked = Pick<Request, "action" | (typeof saidOfBefore)[number]> & {
  readonly dock?: string;
  readonly item?: string;
  readonly of?: EntryRef;
  /** In a session that staff opened. */
  readonly under?: Permitted;
  /** It claims to be of staff: nothing that staff could answer. */
  readonly isBadge?: true;
};

export type Permit = Extract<Decision<Fault>, { readonly effect: "permit" }>;

/** Let through: on which terms, and the entry that says so. */
export type Permitted = {
  readonly effect: "permit";
  readonly decision: Permit;
  readonly ref: EntryRef;
  readonly shown: Shown;
  /** Where staff permitted it. */
  readonly override?: Override;
};

/** The newest answer to a code. `ref` null while the refusal waits for its run to end (refusals.ts). */
export type LastTap = {
  readonly asked: Asked;
  readonly shown: Shown;
  readonly answered: Answered;
  readonly ref: EntryRef | null;
  readonly at: Instant;
};

export type Answered = Permitted | { readonly effect: "refer"; readonly reason: string };

export type Lane = {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly actuator: Actuator;
  /** Staff took this dock out of use, or this item. */
  readonly isOutOfUse: (thing: string) => boolean;
  readonly till: Till;
  /** What an entry is asked with. */
  readonly room: () => Room;
  /** Somebody has gone through. */
  readonly pass: (way: "entry" | "exit") => void;
  /** When the stay began that has not ended yet; null where nobody who can be asked knows of one. */
  readonly enteredAt: (shown: Shown) => Promise<Instant | null>;
  /** What was lent here, and not brought back here. */
  readonly loans: Loans;
  /** Decides and writes it down. */
  readonly ask: (asked: Asked, shown: Shown, ticks: number) => Promise<Answered>;
  /** Moves the machine and writes down what became of it. */
  readonly act: (
    command: Command,
    ref: EntryRef,
    about?: { readonly dock?: string; readonly item?: string },
  ) => Promise<Actuated>;
  readonly show: (screen: Screen) => void;
  /** Shows a screen that gives way to `ready` after `seconds`. */
  readonly showFor: (seconds: number, screen: Screen) => void;
  /** A result that is shown gives way only `seconds` from now. */
  readonly keepResult: (seconds: number) => void;
  readonly refer: (reason: string, shown: Shown) => void;
  readonly receiptOf: (permitted: Permitted) => WithReceipt;
  readonly ready: () => void;
  /** What is known without a code. */
  readonly withoutCode: () => Shown;
  /** Null before the first. */
  readonly lastTap: () => LastTap | null;
  /** Runs after what is going on now; a failure in it takes the terminal out of service like any other. */
  readonly run: (task: () => Promise<void>) => void;
};

/** A kind of terminal. Each call is made only after the one before has ended. */
export type Flow = {
  /** What a code shown now would ask for; null where no code is expected. */
  readonly codeAction: () => Action | null;
  readonly onCode: (shown: Shown, ticks: number) => Promise<void>;
  /** A text that is no code of ours. True where it meant something here. */
  readonly onText: (text: string, ticks: number) => Promise<boolean>;
  readonly onPress: (press: Press) => Promise<void>;
  /** Goes on as after a code that was permitted: staff permitted it. Not there where staff serve in another way. */
  readonly onPermit?: (permitted: Permitted) => Promise<void>;
  readonly readyScreen: () => Screen;
};

/** In ticks: when `decide` was asked, and when its answer was there to be written down. */
export type Steps = { readonly askedAt: number; readonly decidedAt: number };

const referSeconds = 8;

type LaneParts = {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly memory: Memory;
  readonly actuator: Actuator;
  readonly till: Till;
  readonly inside: Inside;
  readonly loans: Loans;
  readonly room: () => Room;
  readonly site: Site | null;
  readonly refusals: Refusals;
  readonly receipts: Receipts;
  readonly operatorKeyVersion: number;
  readonly screens: {
    readonly show: (screen: Screen, giveWayAfter: number | null) => void;
    readonly keepResult: (seconds: number) => void;
    readonly ready: () => void;
  };
  readonly withoutCode: () => Shown;
  /** Staff took this dock out of use, or this item. */
  readonly isOutOfUse: (thing: string) => boolean;
  readonly run: (task: () => Promise<void>) => void;
  /** The machine is broken: nobody is to be let down by it next. */
  readonly onFault: (cause: string) => void;
  /** A decision is durable: `seenAt` and now, in ticks, and when it was asked for and made. */
  readonly onRecorded: (seenAt: number, recordedAt: number, steps: Steps) => void;
};

export const createLane = (parts: LaneParts): Lane => {
  const { profile, clock, journal, memory, till, inside, loans, refusals, screens } = parts;
  const actuator: Actuator = {
    ...parts.actuator,
    docks: async () => (await parts.actuator.docks()).filter(({ dock }) => !parts.isOutOfUse(dock)),
  };

  let lastTap: LastTap | null = null;

  const keepTap = (asked: Asked, shown: Shown, answered: Answered, ref: EntryRef | null, at: Instant): Answered => {
    const { service } = profile;
    if (asked.of === undefined && asked.isBadge !== true && !needsNoCode({ service, action: asked.action })) {
      lastTap = { asked, shown, answered, ref, at };
    }
    return answered;
  };

  /** What staff permitted goes on as they permitted it. */
  const goOn = async (asked: Asked, under: Permitted, override: Override): Promise<Answered> => {
    const isFull = asked.action === "checkout" && (asked.itemsBefore ?? 0) >= under.decision.terms.itemsMax;
    if (isFull) return { effect: "refer", reason: "items-max" };
    const ref = await journal.write(
      { ...override, under: under.ref, action: asked.action },
      personalOf(under.shown, asked),
    );
    return { ...under, ref };
  };

  const ask = async (asked: Asked, shown: Shown, ticks: number): Promise<Answered> => {
    const { under } = asked;
    if (under?.override !== undefined) return goOn(asked, under, under.override);
    const at = journal.now();
    const askedAt = clock.ticks();
    const request = requestOf(profile, asked);
    const decision = decide({ ...request, at }, shown.reading, shown.facts);
    const decided = decidedOf(request, shown, decision, asked, parts.operatorKeyVersion);
    if (shown.reading.kind === "fault" && decision.effect === "refer") {
      await refusals.add(decided, at);
      return keepTap(asked, shown, { effect: "refer", reason: decision.reason }, null, at);
    }
    await refusals.flush();
    const decidedAt = clock.ticks();
    const ref = await journal.write(decided, personalOf(shown, asked), at);
    memory.remember({ ...decided, at }, shown.pseudonym, ticks, ref.seq);
    parts.onRecorded(ticks, clock.ticks(), { askedAt, decidedAt });
    const answered: Answered =
      decision.effect === "permit"
        ? { effect: "permit", decision, ref, shown }
        : { effect: "refer", reason: decision.reason };
    return keepTap(asked, shown, answered, ref, at);
  };

  const act: Lane["act"] = async (command, ref, about = {}) => {
    const acted = await actuator.perform(command, ref);
    const { vehicle, ...told } = acted;
    const { dock, item } = about;
    await journal.write(
      { kind: "acted", of: ref, ...(dock === undefined ? {} : { dock }), ...told },
      { ...(item === undefined ? {} : { item }), ...(vehicle === undefined ? {} : { vehicle }) },
    );
    memory.conclude(ref.seq, acted.outcome === "completed");
    // One dock out of many says nothing of the others.
    if (acted.outcome === "fault" && dock === undefined) parts.onFault(acted.cause ?? "");
    return acted;
  };

  return {
    profile,
    clock,
    journal,
    actuator,
    isOutOfUse: parts.isOutOfUse,
    till,
    room: parts.room,
    pass: (way) => inside.pass(way, journal.now()),
    enteredAt: async ({ pseudonym }) => {
      if (pseudonym === null) return null;
      const [enteredHere, leftHere] = (["entry", "exit"] as const).map((way) => memory.lastAt(way, pseudonym));
      const elsewhere = await parts.site?.stayOf(pseudonym);
      const enteredAt = laterOf(enteredHere, elsewhere?.enteredAt);
      const leftAt = laterOf(leftHere, elsewhere?.leftAt);
      return enteredAt !== null && leftAt !== null && leftAt >= enteredAt ? null : enteredAt;
    },
    loans,
    ask,
    act,
    show: (screen) => screens.show(screen, null),
    showFor: (seconds, screen) => screens.show(screen, seconds),
    keepResult: screens.keepResult,
    refer: (reason, shown) => {
      const { help } = shown.facts.policy;
      const ref = lastTap?.shown === shown ? lastTap.ref : null;
      const receipt = parts.receipts(ref, shown, { perk: null, reason });
      screens.show({ name: "refer", service: profile.service, reason, help, ...receipt }, referSeconds);
    },
    receiptOf: ({ ref, shown, decision }) => parts.receipts(ref, shown, decision),
    ready: screens.ready,
    withoutCode: parts.withoutCode,
    lastTap: () => lastTap,
    run: parts.run,
  };
};

export const requestOf = (profile: Profile, asked: Asked): Omit<Request, "at"> => ({
  service: profile.service,
  action: asked.action,
  programme: profile.programme,
  place: { site: profile.site, ...(asked.dock === undefined ? {} : { dock: asked.dock }) },
  ...Object.fromEntries(saidOfBefore.flatMap((each) => (asked[each] === undefined ? [] : [[each, asked[each]]]))),
});

const saidOfBefore = ["itemsBefore", "kind", "kindBefore", "renewalsBefore", "tier", "inside", "places"] as const;

const decidedOf = (
  request: Omit<Request, "at">,
  shown: Shown,
  result: Decision<Fault>,
  asked: Asked,
  pseudonymKey: number,
): Decided => {
  const { presentation } = shown;
  return {
    kind: "decided",
    request,
    reading: shown.reading,
    ...(presentation === null
      ? {}
      : { identity: presentation.identity, windowUntil: presentation.windowUntil, pseudonymKey }),
    ...(presentation?.issuedAt === undefined ? {} : { issuedAt: presentation.issuedAt }),
    knowledge: shown.facts.knowledge,
    history: shown.facts.history,
    artefacts: shown.artefacts,
    result,
    ...(asked.of === undefined ? {} : { of: asked.of }),
  };
};

const laterOf = (a: Instant | null | undefined, b: Instant | null | undefined): Instant | null =>
  a == null || b == null ? (a ?? b ?? null) : Math.max(a, b);

const personalOf = (shown: Shown, asked: Asked): Personal => ({
  ...(shown.pseudonym === null ? {} : { pseudonym: shown.pseudonym }),
  ...(asked.item === undefined ? {} : { item: asked.item }),
});
