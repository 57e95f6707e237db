/** What the staff screen can show, stage by stage. */
import type { DeclineCause } from "../../shared/override.ts";
import type { Bilingual } from "../../shared/policy.ts";
import type { Receipt } from "../../shared/receipt.ts";
import type { OverrideEffect, OverrideReason, Role } from "../../shared/staff-rules.ts";

/**
 * What staff see once a badge has opened it (staff/desk.ts). Over whatever else is shown. What can be chosen never follows
 * from anybody's terms, and no band is ever here. `refusal`: the reason code of the one that would be answered.
 */
export type StaffScreen = { readonly name: "staff"; readonly warning: number | null } & (
  | {
      readonly stage: "choices";
      readonly role: Role;
      readonly refusal: string | null;
      readonly choices: readonly OverrideEffect[];
      /** What a block is of. */
      readonly things: "docks" | "items";
      readonly looks: readonly ("machine" | "key" | "hand-over")[];
      readonly notice: StaffNotice | null;
    }
  /** `canWrite`: a few words of their own beside it. */
  | {
      readonly stage: "reason";
      readonly effect: OverrideEffect;
      readonly reasons: readonly OverrideReason[];
      readonly canWrite: boolean;
    }
  | { readonly stage: "dock"; readonly effect: "block" | "free"; readonly docks: readonly string[] }
  /** The next item that is scanned is not to be lent. `isOdd`: that was no item. */
  | { readonly stage: "item"; readonly isOdd: boolean }
  | { readonly stage: "blocked-items"; readonly items: readonly string[] }
  | { readonly stage: "second"; readonly unfit: "same-person" | "not-a-supervisor" | null }
  | { readonly stage: "key" }
  /** `canSet`: camera and sound too. */
  | { readonly stage: "machine"; readonly canSet: boolean }
  | { readonly stage: "objection"; readonly objection: Bilingual; readonly receipt?: Receipt }
  | { readonly stage: "refused"; readonly fault: string }
);

export type StaffNotice =
  | { readonly kind: "offered" }
  | { readonly kind: "done"; readonly effect: OverrideEffect }
  | { readonly kind: "failed" }
  | { readonly kind: "declined"; readonly cause: DeclineCause };
