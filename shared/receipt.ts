/**
 * What a terminal has to say of a decision to whoever asks it why: the code to ask by later, which rules and lists in which
 * version, and where to object. `own` is null where somebody else may stand there: with a card, which anybody may have
 * photographed, or without a code.
 */
import type { Bilingual } from "./policy.ts";
import type { Instant } from "./terms.ts";

export type Receipt = {
  readonly code: string;
  /** Where the public page is, without `https://`. */
  readonly page: string;
  readonly programme: { readonly name: Bilingual; readonly version: number; readonly objection: Bilingual };
  /** Of the bundle with the rules and the lists, and when it was last confirmed. */
  readonly manifest: number;
  readonly confirmedAt: Instant | null;
  /** `perk` names the rule, null where there is none. `list`: the version of the score list, null without one. */
  readonly own: { readonly perk: string | null; readonly reason: string; readonly list: number | null } | null;
};
