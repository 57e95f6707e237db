/**
 * What staff can choose from here and now, by their role and what the terminal is for. It never follows from anybody's
 * terms: who looks on learns nothing of whom it is about.
 */
import type { Profile } from "../../shared/messages.ts";
import { blockedMax, mayDo, type OverrideEffect, type Role, type ServiceMode } from "../../shared/staff-rules.ts";
import type { Instant } from "../../shared/terms.ts";
import type { EntryRef } from "../../shared/transaction.ts";
import type { LastTap } from "../lane.ts";

/** What can be taken back: the entry that permitted it, and the staff who did, if any. */
export type LastDone = { readonly ref: EntryRef; readonly by: readonly string[]; readonly at: Instant };

export type Situation = {
  readonly profile: Profile;
  /** Whether this kind of terminal can go on after staff permitted something. */
  readonly canPermit: boolean;
  readonly refusal: LastTap | null;
  readonly done: LastDone | null;
  readonly mode: ServiceMode;
  readonly isReleased: boolean;
  readonly isBroken: boolean;
  readonly blocked: ReadonlySet<string>;
};

/** How long a refusal can be answered, and a transaction taken back. */
export const answerSeconds = 180;
export const annulSeconds = 900;

export const choicesOf = (role: Role, staff: string, situation: Situation): readonly OverrideEffect[] =>
  offered(situation).filter((effect) => {
    if (effect === "annul" && role === "assistant") return situation.done?.by.includes(staff) === true;
    return mayDo(role, effect);
  });

const offered = (situation: Situation): readonly OverrideEffect[] => {
  const { profile, refusal, done, mode, isReleased, isBroken, blocked } = situation;
  const serves = mode === "serve" && !isReleased && !isBroken;
  const answers = situation.canPermit && serves && refusal !== null;
  const isGenuine = refusal?.shown.presentation?.use === "citizen";
  const docks = "docks" in profile ? profile.docks : [];
  return [
    ...when(isReleased, "end-release"),
    ...when(isBroken, "serve-again"),
    ...when(answers, "permit"),
    ...when(hasGate(profile) && serves, "open"),
    ...when(done !== null, "annul"),
    ...when(answers && isGenuine, "ordinary"),
    ...when(
      docks.some((dock) => !blocked.has(dock)) || (profile.service === "library" && blocked.size < blockedMax),
      "block",
    ),
    ...when(blocked.size > 0, "free"),
    ...when(mode !== "serve", "serve"),
    ...when(hasGate(profile) && mode !== "free-passage", "free-passage"),
    ...when(mode !== "close", "close"),
  ];
};

const when = (is: boolean, effect: OverrideEffect): readonly OverrideEffect[] => (is ? [effect] : []);

const gated: readonly string[] = ["metro", "bus", "venue", "shuttle", "parking"];
export const hasGate = ({ service }: Profile): boolean => gated.includes(service);
