/**
 * A library desk. To borrow: a code, the terms, which everyone confirms, the deposit held, then items one after another, each
 * decided, written down and released by itself; to renew, to pick up what was reserved and to have items brought to the
 * door likewise. Where the rules let everybody choose among deposits, that comes before the terms. To return: items only, without a code. What was done stays done however the session ends.
 */
import { itemPattern } from "../../shared/messages.ts";
import { agreeTo, annul, type Due, decline, giveBack } from "../agreement.ts";
import type { Flow, Lane, Permitted } from "../lane.ts";
import type { Screen } from "../session.ts";
import type { ItemAction, ItemLine, ItemNotice } from "../session-library.ts";
import { createStages } from "../stages.ts";
import { grantedOf, offerOf, pricedOfferOf } from "../told.ts";
import { askedFor, choicesOf, inSession, kindHere, type Lending, leftOut } from "./lending.ts";
import { dropParcel, type Ordered, type Parcel, packParcel, parcelMax, sendParcel } from "./parcel.ts";

const hintSeconds = 6;

type Lines = { readonly items: readonly ItemLine[]; readonly notice: ItemNotice | null };
type Items = { readonly kind: "items"; readonly ordered: readonly Ordered[] } & Lending & Lines;
type Terms = { readonly kind: "terms"; readonly answered: Permitted; readonly tier: string | null };
type Stage =
  | { readonly kind: "none" }
  | { readonly kind: "tiers"; readonly answered: Permitted }
  | Terms
  | Items
  | { readonly kind: "fee"; readonly session: Items; readonly parcel: Parcel }
  /** `last`: the return that was written down last. */
  | ({ readonly kind: "returns"; readonly last: Permitted | null } & Lines)
  | {
      readonly kind: "receipt";
      readonly answered: Permitted | null;
      /** What the receipt's code names. */
      readonly written: Permitted | null;
      readonly items: readonly ItemLine[];
    };

export const createLibraryFlow = (lane: Lane): Flow => {
  const draw = (stage: Stage, warning: number | null) => screenOf(lane, stage, warning);
  const stages = createStages<Stage>(lane, { kind: "none" }, draw, () => leave());

  const leave = async (): Promise<void> => {
    const left = stages.end();
    if (left.kind === "tiers" || left.kind === "terms") await decline(lane, left.answered, depositOf(left.answered));
    if (left.kind === "items") await closeSession(left);
    if (left.kind === "fee") {
      await dropParcel(lane, left.parcel);
      await closeSession({ ...left.session, ordered: [] });
    }
    lane.ready();
  };

  const begin = (answered: Permitted): void => {
    const hasChoice = choicesOf(lane, answered).length > 0;
    stages.enter(hasChoice ? { kind: "tiers", answered } : { kind: "terms", answered, tier: null });
  };

  /** A deposit is a decision of its own, and what was decided without it stays written down. */
  const choose = async (answered: Permitted, tier: string | null): Promise<void> => {
    if (tier === null) return stages.enter({ kind: "terms", answered, tier });
    stages.end();
    const asked = { action: "session", tier, of: answered.ref } as const;
    const chosen = await lane.ask(asked, inSession(answered.shown), lane.clock.ticks());
    if (chosen.effect === "refer") return lane.refer(chosen.reason, answered.shown);
    stages.enter({ kind: "terms", answered: chosen, tier });
  };

  const agree = async ({ answered, tier }: Terms): Promise<void> => {
    stages.end();
    if (!(await agreeTo(lane, answered, depositOf(answered)))) return;
    const nothing = { lent: [], ordered: [], items: [], notice: null };
    stages.enter({ kind: "items", answered, tier, action: "checkout", ...nothing });
  };

  /** Where nothing left with anybody, nothing stays held; what was still to be ordered is not. */
  const closeSession = async ({ answered, lent, ordered }: Items): Promise<void> => {
    for (const each of ordered) await annul(lane, each.answered);
    const deposit = depositOf(answered);
    if (lent.length > 0 || deposit.amount === 0) return;
    await annul(lane, answered);
    giveBack(lane, answered, deposit);
  };

  const takeItem = async (item: string, ticks: number): Promise<void> => {
    const stage = stages.current();
    if (stage.kind !== "items" && stage.kind !== "returns") return;
    if (stage.items.some((each) => each.item === item)) return note({ kind: "twice", item });
    if (stage.kind === "items" && stage.action !== "renew" && lane.isOutOfUse(item)) {
      return note({ kind: "not-lent", item });
    }
    note({ kind: "busy", item });
    if (stage.kind === "items" && stage.action === "order") return orderItem(stage, item, ticks);
    const taken =
      stage.kind === "items" ? await lendItem(lane, stage, item, ticks) : await returnItem(lane, item, ticks);
    if ("notice" in taken) return note(taken.notice);
    const lines = { items: [...stage.items, taken.line], notice: { kind: "done", item } } as const;
    if (stage.kind === "returns") return stages.enter({ ...stage, ...lines, last: taken.answered });
    const kind = kindHere(lane, stage.answered, item)?.id ?? null;
    stages.enter({ ...stage, ...lines, lent: stage.action === "renew" ? stage.lent : [...stage.lent, kind] });
  };

  const orderItem = async (stage: Items, item: string, ticks: number): Promise<void> => {
    if (stage.ordered.length >= parcelMax(lane, stage.answered)) return note({ kind: "parcel-full", item });
    const answered = await lane.ask(askedFor(lane, stage, item), inSession(stage.answered.shown), ticks);
    if (answered.effect === "refer") return note({ kind: "failed", item });
    stages.enter({
      ...stage,
      items: [...stage.items, { item, dueAt: null, isOrdered: true }],
      ordered: [...stage.ordered, { item, answered }],
      notice: { kind: "done", item },
    });
  };

  const note = (notice: ItemNotice): void => {
    const stage = stages.current();
    if (stage.kind === "items" || stage.kind === "returns") stages.enter({ ...stage, notice });
  };

  const finish = async (session: Items): Promise<void> => {
    const parcel = packParcel(lane, session.ordered);
    if (parcel !== null) return stages.enter({ kind: "fee", session, parcel });
    stages.end();
    await closeSession(session);
    stages.enter(receiptOf(session.answered, session.items));
  };

  const confirmFee = async (session: Items, parcel: Parcel): Promise<void> => {
    stages.end();
    const became = await sendParcel(lane, parcel);
    const items = became === "sent" ? session.items : session.items.filter(({ isOrdered }) => isOrdered !== true);
    await closeSession({ ...session, ordered: [] });
    // Who could not pay has been told, and sees that.
    if (became !== "unpaid") stages.enter(receiptOf(session.answered, items));
  };

  return {
    codeAction: () => (["none", "receipt"].includes(stages.current().kind) ? "session" : null),
    onCode: async (shown, ticks) => {
      const answered = await lane.ask({ action: "session" }, shown, ticks);
      if (answered.effect === "permit") return begin(answered);
      await leave();
      lane.refer(answered.reason, shown);
    },
    onPermit: async (answered) => {
      if (stages.current().kind !== "none") await leave();
      begin(answered);
    },
    onText: async (text, ticks) => {
      const stage = stages.current();
      const isItem = itemPattern.test(text); // a code of ours never is one: it has a colon
      if (stage.kind === "none") {
        if (isItem) lane.showFor(hintSeconds, { ...readyScreen, hint: "item-first" });
        return isItem;
      }
      if (isItem) await takeItem(text, ticks);
      else if (!text.startsWith("GL")) note({ kind: "not-an-item" });
      return isItem || stage.kind !== "receipt";
    },
    onPress: async (press) => {
      const stage = stages.current();
      if (press.kind === "start-return" && stage.kind === "none") {
        return stages.enter({ kind: "returns", last: null, items: [], notice: null });
      }
      if (press.kind === "choose-tier" && stage.kind === "tiers") return choose(stage.answered, press.tier);
      if (press.kind === "agree" && stage.kind === "terms") return agree(stage);
      if (press.kind === "agree" && stage.kind === "fee") return confirmFee(stage.session, stage.parcel);
      if (press.kind === "switch-to" && stage.kind === "items") {
        return stages.enter({ ...stage, action: press.action, notice: null });
      }
      if (press.kind === "finish" && stage.kind === "items") return finish(stage);
      if (press.kind === "finish" && stage.kind === "returns") {
        return stages.enter({ kind: "receipt", answered: null, written: stage.last, items: stage.items });
      }
      if (press.kind === "more-time" && stage.kind !== "none") return stages.enter(stage);
      if (press.kind === "leave" || press.kind === "decline") return leave();
    },
    readyScreen: () => readyScreen,
  };
};

const readyScreen = { name: "ready", service: "library", action: "session", hint: null } as const;

const depositOf = ({ decision }: Permitted): Due => ({ order: "hold", amount: decision.terms.deposit });

const receiptOf = (answered: Permitted, items: readonly ItemLine[]): Stage => ({
  ...{ kind: "receipt", answered, written: answered, items },
});

type Taken = { readonly line: ItemLine; readonly answered: Permitted } | { readonly notice: ItemNotice };

const lendItem = async (lane: Lane, stage: Items, item: string, ticks: number): Promise<Taken> => {
  const { shown, decision } = stage.answered;
  const asked = askedFor(lane, stage, item);
  const answered = await lane.ask(asked, inSession(shown), ticks);
  if (answered.effect === "refer") return { notice: leftOut(lane, stage, asked, item, answered.reason) };
  const { outcome } = await lane.act({ kind: "release-item", item }, answered.ref, { item });
  if (outcome !== "completed") return { notice: { kind: "failed", item } };
  const { action, kind = null } = asked;
  const { deposit } = decision.terms;
  lane.loans.move({ action, item, pseudonym: shown.pseudonym, kind, deposit }, lane.journal.now());
  return { line: { item, dueAt: lane.journal.now() + decision.terms.loanSeconds }, answered };
};

const returnItem = async (lane: Lane, item: string, ticks: number): Promise<Taken> => {
  const answered = await lane.ask({ action: "checkin", item }, lane.withoutCode(), ticks);
  if (answered.effect === "refer") return { notice: { kind: "failed", item } };
  const { outcome } = await lane.act({ kind: "accept-item", item }, answered.ref, { item });
  if (outcome !== "completed") return { notice: { kind: "failed", item } };
  lane.loans.move({ action: "checkin", item, pseudonym: null, kind: null, deposit: 0 }, lane.journal.now());
  return { line: { item, dueAt: null }, answered };
};

const actionsHere = (lane: Lane, answered: Permitted): readonly ItemAction[] => [
  "checkout",
  "renew",
  "pickup",
  ...(parcelMax(lane, answered) > 0 ? (["order"] as const) : []),
];

const screenOf = (lane: Lane, stage: Stage, warning: number | null): Screen | null => {
  const session = { name: "session", service: "library", warning } as const;
  const terms = { ...session, stage: "terms", dock: null } as const;
  switch (stage.kind) {
    case "none":
      return null;
    case "tiers": {
      const { answered } = stage;
      return { ...session, stage: "tiers", granted: grantedOf(answered.decision), choices: choicesOf(lane, answered) };
    }
    case "terms":
      return {
        ...terms,
        granted: grantedOf(stage.answered.decision),
        offer: offerOf(lane, stage.answered),
        ...lane.receiptOf(stage.answered),
      };
    case "items":
      return {
        ...session,
        stage: "items",
        action: stage.action,
        actions: actionsHere(lane, stage.answered),
        granted: grantedOf(stage.answered.decision),
        offer: offerOf(lane, stage.answered),
        items: stage.items,
        notice: stage.notice,
      };
    case "fee": {
      const { first, due } = stage.parcel;
      return {
        ...terms,
        granted: grantedOf(first.decision),
        offer: pricedOfferOf(lane, first, due),
        ...lane.receiptOf(first),
      };
    }
    case "returns":
      return { ...session, stage: "returns", items: stage.items, notice: stage.notice };
    case "receipt":
      return {
        ...session,
        stage: "receipt",
        granted: stage.answered === null ? null : grantedOf(stage.answered.decision),
        offer: stage.answered === null ? null : offerOf(lane, stage.answered),
        ...(stage.written === null ? {} : lane.receiptOf(stage.written)),
        items: stage.items,
      };
  }
};
