/** The receipts of a terminal: what stands on the screen by which somebody asks why, made from the entry that says it. */
import type { Profile } from "../shared/messages.ts";
import { packOf } from "../shared/policy.ts";
import type { Receipt } from "../shared/receipt.ts";
import type { EntryRef } from "../shared/transaction.ts";
import type { Journal } from "./journal.ts";
import type { Shown } from "./reading.ts";
import type { Screen } from "./session.ts";

/** How long who asks why may read it on a screen that else gives way by itself after a few seconds. */
export const whySeconds = 60;
export const isPassing = ({ name }: Screen): boolean => name === "result" || name === "refer";

export type Decided = { readonly perk: string | null; readonly reason: string };

/** Something to be laid over a screen: nothing where there is no receipt to have. */
export type WithReceipt = { readonly receipt?: Receipt };

export type Receipts = (ref: EntryRef | null, shown: Shown, decided: Decided) => WithReceipt;

/** `page`: where the public page is. */
export const createReceipts = (
  journal: Pick<Journal, "codeOf">,
  { programme }: Pick<Profile, "programme">,
  page: string,
): Receipts => {
  return (ref, shown, decided) => {
    const code = ref === null ? null : journal.codeOf(ref);
    const pack = packOf(shown.facts.policy, programme);
    if (code === null || pack === null) return {};
    const { name, version, objection } = pack;
    const { manifest, list } = shown.artefacts;
    const isLive = shown.presentation?.form === "presentation";
    return {
      receipt: {
        ...{ code, page, programme: { name, version, objection }, manifest },
        confirmedAt: shown.facts.knowledge.checkedAt.policy,
        own: isLive ? { perk: decided.perk, reason: decided.reason, list } : null,
      },
    };
  };
};
