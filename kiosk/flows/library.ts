/**
 * A library desk. To borrow: a code, the terms, which everyone confirms, then items one after another, each decided,
 * written down and released by itself; to renew likewise. To return: items only, without a code. What was done stays
 * done however the session ends.
 */
import { type Flow, grantedOf, type Lane, offerOf, type Permitted, writeAgreed } from "../lane.ts";
import type { ItemLine, ItemNotice, Screen } from "../session.ts";
import { createStages } from "../stages.ts";

const hintSeconds = 6;

/** Library item numbers and ISBNs as barcodes carry them; a code of ours never looks like this, it has a colon. */
const itemPattern = /^[A-Za-z0-9][A-Za-z0-9.-]{3,31}$/;

type Lines = { readonly items: readonly ItemLine[]; readonly notice: ItemNotice | null };
type Stage =
  | { readonly kind: "none" }
  | { readonly kind: "terms"; readonly answered: Permitted }
  | ({
      readonly kind: "items";
      readonly answered: Permitted;
      readonly action: "checkout" | "renew";
      /** How many of the items were checked out here, not renewed. */
      readonly lent: number;
    } & Lines)
  | ({ readonly kind: "returns" } & Lines)
  | { readonly kind: "receipt"; readonly answered: Permitted | null; readonly items: readonly ItemLine[] };

export const createLibraryFlow = (lane: Lane): Flow => {
  const stages = createStages<Stage>(lane, { kind: "none" }, screenOf, () => leave());

  const leave = async (): Promise<void> => {
    const left = stages.end();
    if (left.kind === "terms") {
      await writeAgreed(lane, left.answered, false);
      await lane.journal.write({ kind: "acted", of: left.answered.ref, outcome: "annulled" });
    }
    lane.ready();
  };

  const agree = async (answered: Permitted): Promise<void> => {
    await writeAgreed(lane, answered, true);
    stages.enter({ kind: "items", answered, action: "checkout", lent: 0, items: [], notice: null });
  };

  const takeItem = async (item: string, ticks: number): Promise<void> => {
    const stage = stages.current();
    if (stage.kind !== "items" && stage.kind !== "returns") return;
    if (stage.items.some((each) => each.item === item)) return note({ kind: "twice", item });
    note({ kind: "busy", item });
    const line =
      stage.kind === "items" ? await lendItem(lane, stage, item, ticks) : await returnItem(lane, item, ticks);
    if ("notice" in line) return note(line.notice);
    const taken = { items: [...stage.items, line], notice: { kind: "done", item } } as const;
    if (stage.kind === "returns") return stages.enter({ ...stage, ...taken });
    stages.enter({ ...stage, ...taken, lent: stage.lent + (stage.action === "checkout" ? 1 : 0) });
  };

  const note = (notice: ItemNotice): void => {
    const stage = stages.current();
    if (stage.kind === "items" || stage.kind === "returns") stages.enter({ ...stage, notice });
  };

  return {
    codeAction: () => (["none", "receipt"].includes(stages.current().kind) ? "session" : null),
    onCode: async (shown, ticks) => {
      const answered = await lane.ask({ action: "session" }, shown, ticks);
      if (answered.effect === "permit") return stages.enter({ kind: "terms", answered });
      await leave();
      lane.refer(answered.reason, shown);
    },
    onPermit: async (answered) => {
      if (stages.current().kind !== "none") await leave();
      stages.enter({ kind: "terms", answered });
    },
    onText: async (text, ticks) => {
      const stage = stages.current();
      const isItem = itemPattern.test(text);
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
        return stages.enter({ kind: "returns", items: [], notice: null });
      }
      if (press.kind === "agree" && stage.kind === "terms") return agree(stage.answered);
      if (press.kind === "switch-to" && stage.kind === "items") {
        return stages.enter({ ...stage, action: press.action, notice: null });
      }
      if (press.kind === "finish" && (stage.kind === "items" || stage.kind === "returns")) {
        const answered = stage.kind === "items" ? stage.answered : null;
        return stages.enter({ kind: "receipt", answered, items: stage.items });
      }
      if (press.kind === "more-time" && stage.kind !== "none") return stages.enter(stage);
      if (press.kind === "leave" || press.kind === "decline") return leave();
    },
    readyScreen: () => readyScreen,
  };
};

const readyScreen = { name: "ready", service: "library", action: "session", hint: null } as const;

type Taken = ItemLine | { readonly notice: ItemNotice };

const lendItem = async (
  lane: Lane,
  stage: Extract<Stage, { readonly kind: "items" }>,
  item: string,
  ticks: number,
): Promise<Taken> => {
  const { ref, shown, decision } = stage.answered;
  const asked = { action: stage.action, item, of: ref, itemsBefore: stage.lent, under: stage.answered };
  // The person was judged when the session was opened; an item asks only whether it is one too many.
  const opened = { ...shown, facts: { ...shown.facts, history: { ...shown.facts.history, sameActionAt: null } } };
  const answered = await lane.ask(asked, opened, ticks);
  if (answered.effect === "refer") return { notice: { kind: "too-many", item } };
  const { outcome } = await lane.act({ kind: "release-item", item }, answered.ref, { item });
  if (outcome !== "completed") return { notice: { kind: "failed", item } };
  return { item, dueAt: lane.journal.now() + decision.terms.loanSeconds };
};

const returnItem = async (lane: Lane, item: string, ticks: number): Promise<Taken> => {
  const answered = await lane.ask({ action: "checkin", item }, lane.withoutCode(), ticks);
  if (answered.effect === "refer") return { notice: { kind: "failed", item } };
  const { outcome } = await lane.act({ kind: "accept-item", item }, answered.ref, { item });
  return outcome === "completed" ? { item, dueAt: null } : { notice: { kind: "failed", item } };
};

const screenOf = (stage: Stage, warning: number | null): Screen | null => {
  const session = { name: "session", service: "library", warning } as const;
  switch (stage.kind) {
    case "none":
      return null;
    case "terms":
      return {
        ...session,
        stage: "terms",
        granted: grantedOf(stage.answered.decision),
        offer: offerOf(stage.answered),
        dock: null,
      };
    case "items":
      return {
        ...session,
        stage: "items",
        action: stage.action,
        granted: grantedOf(stage.answered.decision),
        offer: offerOf(stage.answered),
        items: stage.items,
        notice: stage.notice,
      };
    case "returns":
      return { ...session, stage: "returns", items: stage.items, notice: stage.notice };
    case "receipt":
      return {
        ...session,
        stage: "receipt",
        granted: stage.answered === null ? null : grantedOf(stage.answered.decision),
        offer: stage.answered === null ? null : offerOf(stage.answered),
        items: stage.items,
      };
  }
};
