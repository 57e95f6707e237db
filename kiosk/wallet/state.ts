/**
 * What the phone's screens see, one `WalletState` at a time: no key, no credential, no score.
 */
import type { DemoCitizens } from "../../shared/messages.ts";
import type { LossWish } from "../../shared/recovery.ts";
import type { Instant } from "../../shared/terms.ts";
import type { WhyAnswer } from "../../shared/why.ts";
import type { Life, ShownCode } from "./life.ts";
import type { Answer, Person } from "./ports.ts";

export type DemoCitizen = DemoCitizens["citizens"][number];

/** Why there is no answer to use: nobody there, one that says no, or one that makes no sense. */
export type Failure = { readonly cause: "unreachable" | "refused" | "senseless"; readonly detail: string };

/** Between a person and the issuer. */
export type Contact =
  | { readonly kind: "idle" }
  | { readonly kind: "asking" }
  | (Failure & { readonly kind: "waiting"; readonly failures: number; readonly retryAt: Instant });

export type Card =
  | { readonly kind: "asking" }
  | { readonly kind: "ready"; readonly text: string; readonly exp: Instant }
  | (Failure & { readonly kind: "failed" });

/** Shown once: the phone keeps no copy. */
export type RecoveryCode =
  | { readonly kind: "asking" }
  | { readonly kind: "ready"; readonly text: string }
  | (Failure & { readonly kind: "failed" });

/** What became of what was said of a lost phone. */
export type LossReport =
  | { readonly kind: "asking" | "mistyped" }
  | { readonly kind: "done"; readonly wanted: LossWish }
  | (Failure & { readonly kind: "failed" });

/**
 * Of items to the door. `due`: the fee that is to be agreed to. `unsure`: no answer came to an order; the same may be asked
 * again until `until`.
 */
export type Order =
  | { readonly kind: "asking" }
  | {
      readonly kind: "due" | "ordered";
      readonly items: readonly string[];
      readonly fee: number;
      readonly currency: string;
    }
  | { readonly kind: "refused"; readonly reason: string; readonly itemsMax?: number }
  | (Failure & { readonly kind: "failed" | "unsure"; readonly until: Instant });
/** What became of a question about a receipt, and of an objection to it. `secret`: shown once. */
export type ReceiptAsked =
  | { readonly kind: "asking" | "mistyped" }
  | {
      readonly kind: "told";
      readonly why: WhyAnswer;
      readonly sent:
        | null
        | { readonly kind: "asking" }
        | { readonly kind: "opened"; readonly secret: string }
        | (Failure & { readonly kind: "failed" });
    }
  | (Failure & { readonly kind: "failed" });

/** What became of the link of a staff badge. `canAsk`: nobody has said no, and the same may be asked again. */
export type LinkAsked =
  | { readonly kind: "asking" | "malformed" }
  | (Failure & { readonly kind: "failed"; readonly canAsk: boolean });

/** What the screens see of a staff badge. `badge` null: there is none on this phone. */
export type BadgeState = {
  readonly now: Instant;
  readonly badge: {
    readonly role: string;
    readonly sites: readonly string[];
    readonly life: Life;
    readonly contact: Contact;
  } | null;
  readonly code: ShownCode | null;
  readonly link: LinkAsked | null;
  readonly trouble: string | null;
};

export type Citizens =
  | { readonly kind: "asking" }
  | { readonly kind: "known"; readonly list: readonly DemoCitizen[] }
  | (Failure & { readonly kind: "failed" });

/** What screens see of a person: no keys. `life` is null while there is no credential. */
export type Shown = Pick<Person, "id" | "handle" | "name" | "about"> & {
  readonly kid: string;
  readonly life: Life | null;
  readonly contact: Contact;
};

/** `code` is that of the chosen one. `trouble`: the phone cannot keep keys, with the cause. */
export type WalletState = {
  readonly now: Instant;
  readonly people: readonly Shown[];
  readonly chosen: Shown | null;
  readonly code: ShownCode | null;
  readonly citizens: Citizens;
  readonly card: Card | null;
  readonly recovery: RecoveryCode | null;
  readonly loss: LossReport | null;
  readonly order: Order | null;
  readonly receipt: ReceiptAsked | null;
  readonly trouble: string | null;
};

/** An answer that got this far as a failure, though the issuer meant well, made no sense. */
export const failureOf = (answer: Answer<unknown>): Failure => {
  if (answer.kind === "unreachable") return { cause: "unreachable", detail: answer.cause };
  if (answer.kind === "answered") return { cause: "senseless", detail: "" };
  return { cause: "refused", detail: answer.problem?.detail ?? answer.problem?.title ?? `HTTP ${answer.status}` };
};
