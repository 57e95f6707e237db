/** What a library terminal shows of a session (session.ts), and what is said of the item just scanned. */
import type { Bilingual } from "../shared/policy.ts";
import type { Instant } from "../shared/terms.ts";
import type { Granted, Offer } from "./session-offer.ts";

/** `dueAt` null for a return, and for what is ordered. */
export type ItemLine = { readonly item: string; readonly dueAt: Instant | null; readonly isOrdered?: true };

/** What a code is shown for at a library desk, beside returning. */
export type ItemAction = "checkout" | "renew" | "pickup" | "order";

/** A deposit that anybody may choose. `tier` null: none of them, and what the code has without. */
export type TierChoice = { readonly tier: string | null; readonly name: Bilingual | null; readonly offer: Offer };

/** About the item just scanned: `busy` while the pad works. */
export type ItemNotice =
  | {
      readonly kind: "busy" | "done" | "twice" | "too-many" | "renewed" | "parcel-full" | "not-lent" | "failed";
      readonly item: string;
    }
  /** No more of this kind. */
  | { readonly kind: "kind-full"; readonly item: string; readonly of: Bilingual }
  | { readonly kind: "not-an-item" };

export type LibraryStage =
  | {
      readonly service: "library";
      readonly stage: "tiers";
      readonly granted: Granted;
      readonly choices: readonly TierChoice[];
    }
  | {
      readonly service: "library";
      readonly stage: "items";
      readonly action: ItemAction;
      readonly actions: readonly ItemAction[];
      readonly granted: Granted;
      readonly offer: Offer;
      readonly items: readonly ItemLine[];
      readonly notice: ItemNotice | null;
    }
  | {
      readonly service: "library";
      readonly stage: "returns";
      readonly items: readonly ItemLine[];
      readonly notice: ItemNotice | null;
    }
  | {
      readonly service: "library";
      readonly stage: "receipt";
      readonly granted: Granted | null;
      readonly offer: Offer | null;
      readonly items: readonly ItemLine[];
    };
