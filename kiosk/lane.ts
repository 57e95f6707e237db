/**
 * What every kind of terminal does alike: ask `decide`, write the answer down, act, write the outcome down; and show
 * screens. The flows (metro, library, bike) are built on this and differ only in what they ask and in which order.
 */
import { decide } from "../shared/decide.ts";
import type { Profile } from "../shared/messages.ts";
import { packOf, rulesOf, type ServiceRules } from "../shared/policy.ts";
import type { Action, Decision, Request } from "../shared/terms.ts";
import type { Decided, EntryRef, Personal } from "../shared/transaction.ts";
import type { Fault } from "../shared/verify.ts";
import type { Journal } from "./journal.ts";
import type { Memory } from "./memory.ts";
import type { Actuated, Actuator, Clock, Command } from "./ports.ts";
import type { Shown } from "./reading.ts";
import type { Refusals } from "./refusals.ts";
import type { Cost, Granted, Offer, Press, Screen } from "./session.ts";

/** What a flow asks: which action, for which dock or item, in which session. */
export type Asked = {
  readonly action: Action;
  readonly dock?: string;
  readonly item?: string;
  readonly itemsBefore?: number;
  readonly of?: EntryRef;
};

type Permit = Extract<Decision<Fault>, { readonly effect: "permit" }>;

/** Let through: on which terms, and the entry that says so. */
export type Permitted = {
  readonly effect: "permit";
  readonly decision: Permit;
  readonly ref: EntryRef;
  readonly shown: Shown;
};

export type Answered = Permitted | { readonly effect: "refer"; readonly reason: string };

export type Lane = {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly actuator: Actuator;
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
  readonly ready: () => void;
  /** What is known without a code. */
  readonly withoutCode: () => Shown;
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
  readonly refusals: Refusals;
  readonly operatorKeyVersion: number;
  readonly screens: {
    readonly show: (screen: Screen, giveWayAfter: number | null) => void;
    readonly keepResult: (seconds: number) => void;
    readonly ready: () => void;
  };
  readonly withoutCode: () => Shown;
  readonly run: (task: () => Promise<void>) => void;
  /** The machine is broken: nobody is to be let down by it next. */
  readonly onFault: (cause: string) => void;
  /** A decision is durable: `seenAt` and now, in ticks, and when it was asked for and made. */
  readonly onRecorded: (seenAt: number, recordedAt: number, steps: Steps) => void;
};

export const createLane = (parts: LaneParts): Lane => {
  const { profile, clock, journal, memory, actuator, refusals, screens } = parts;

  const ask = async (asked: Asked, shown: Shown, ticks: number): Promise<Answered> => {
    const at = journal.now();
    const askedAt = clock.ticks();
    const request = requestOf(profile, asked);
    const decision = decide({ ...request, at }, shown.reading, shown.facts);
    const decided = decidedOf(request, shown, decision, asked, parts.operatorKeyVersion);
    if (shown.reading.kind === "fault" && decision.effect === "refer") {
      await refusals.add(decided, at);
      return { effect: "refer", reason: decision.reason };
    }
    await refusals.flush();
    const decidedAt = clock.ticks();
    const ref = await journal.write(decided, personalOf(shown, asked), at);
    memory.remember({ ...decided, at }, shown.pseudonym, ticks);
    parts.onRecorded(ticks, clock.ticks(), { askedAt, decidedAt });
    return decision.effect === "permit"
      ? { effect: "permit", decision, ref, shown }
      : { effect: "refer", reason: decision.reason };
  };

  const act: Lane["act"] = async (command, ref, about = {}) => {
    const { outcome, vehicle, cause } = await actuator.perform(command, ref);
    const { dock, item } = about;
    await journal.write(
      {
        kind: "acted",
        of: ref,
        outcome,
        ...(dock === undefined ? {} : { dock }),
        ...(cause === undefined ? {} : { cause }),
      },
      { ...(item === undefined ? {} : { item }), ...(vehicle === undefined ? {} : { vehicle }) },
    );
    // One dock out of many says nothing of the others.
    if (outcome === "fault" && dock === undefined) parts.onFault(cause ?? "");
    return { outcome, ...(vehicle === undefined ? {} : { vehicle }), ...(cause === undefined ? {} : { cause }) };
  };

  return {
    profile,
    clock,
    journal,
    actuator,
    ask,
    act,
    show: (screen) => screens.show(screen, null),
    showFor: (seconds, screen) => screens.show(screen, seconds),
    keepResult: screens.keepResult,
    refer: (reason, shown) =>
      screens.show({ name: "refer", service: profile.service, reason, help: shown.facts.policy.help }, referSeconds),
    ready: screens.ready,
    withoutCode: parts.withoutCode,
    run: parts.run,
  };
};

const requestOf = (profile: Profile, asked: Asked): Omit<Request, "at"> => ({
  service: profile.service,
  action: asked.action,
  programme: profile.programme,
  place: { site: profile.site, ...(asked.dock === undefined ? {} : { dock: asked.dock }) },
  ...(asked.itemsBefore === undefined ? {} : { itemsBefore: asked.itemsBefore }),
});

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

const personalOf = (shown: Shown, asked: Asked): Personal => ({
  ...(shown.pseudonym === null ? {} : { pseudonym: shown.pseudonym }),
  ...(asked.item === undefined ? {} : { item: asked.item }),
});

/** Writes down whether the citizen agreed to the terms, before anything is held or handed over. */
export const writeAgreed = (lane: Lane, answered: Permitted, accepted: boolean): Promise<EntryRef> =>
  lane.journal.write({
    kind: "agreed",
    of: answered.ref,
    accepted,
    deposit: answered.decision.terms.deposit,
    currency: answered.shown.facts.policy.currency,
  });

/* What screens are told of a decision. */

export const grantedOf = (decision: Permit): Granted => ({
  terms: decision.perk === null ? "ordinary" : "perk",
  reason: decision.reason,
});

export const offerOf = (answered: Permitted): Offer => {
  const { terms, owed } = answered.decision;
  return {
    deposit: terms.deposit,
    currency: answered.shown.facts.policy.currency,
    freeSeconds: terms.freeSeconds,
    loanSeconds: terms.loanSeconds,
    itemsMax: terms.itemsMax,
    ours: owed,
  };
};

export const costOf = (
  answered: Permitted,
  rules: ServiceRules | null,
  priceDue: (fullPrice: number) => number,
): Cost => {
  const fullPrice = rules?.fullPrice ?? null;
  return {
    fullPrice,
    due: fullPrice === null ? null : priceDue(fullPrice),
    priceFactor: answered.decision.terms.priceFactor,
    currency: answered.shown.facts.policy.currency,
    ours: answered.decision.owed,
  };
};

export const rulesHere = (profile: Profile, shown: Shown): ServiceRules | null => {
  const pack = packOf(shown.facts.policy, profile.programme);
  return pack === null ? null : rulesOf(pack, profile.service);
};
