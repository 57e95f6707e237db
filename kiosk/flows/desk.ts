/**
 * A service desk, of a hospital, a lodging or the city. What is wanted is chosen first, then a code is shown for it:
 *
 * - `deposit`: the deposit for a room, a flat or a treatment, by terms that everyone confirms, and held where one is due;
 * - `pay-later`: whether what is used today may be paid later, up to how much and until when;
 * - `ticket`: a number in a queue, in the priority line where the terms say so;
 * - `shift`: a volunteer is here for a shift. A fact for the programme, on whatever terms (credit-events.ts).
 *
 * Without a code everything goes its usual way at the counter.
 */
import type { DeskProfile, DeskTask } from "../../shared/messages.ts";
import { agreeTo, type Due, decline } from "../agreement.ts";
import type { Flow, Lane, Permitted } from "../lane.ts";
import type { Screen } from "../session.ts";
import type { Offer } from "../session-offer.ts";
import { createStages } from "../stages.ts";
import { grantedOf, offerOf } from "../told.ts";

const resultSeconds = 8;
const hintSeconds = 6;

const usualTasks: readonly DeskTask[] = ["deposit", "pay-later", "ticket"];

type Terms = { readonly kind: "terms"; readonly task: DeskTask; readonly answered: Permitted };
type Stage = { readonly kind: "none" } | { readonly kind: "chosen"; readonly task: DeskTask } | Terms;

export const createDeskFlow = (lane: Lane, profile: DeskProfile): Flow => {
  const tasks: readonly DeskTask[] = profile.tasks ?? usualTasks;
  const draw = (stage: Stage, warning: number | null) => screenOf(lane, stage, warning);
  const ready = { ...readyScreen(null), tasks };
  const stages = createStages<Stage>(lane, { kind: "none" }, draw, () => leave());

  const leave = async (): Promise<void> => {
    const left = stages.end();
    if (left.kind === "terms") await decline(lane, left.answered, dueOf(left));
    lane.ready();
  };

  const agree = async (terms: Terms): Promise<void> => {
    stages.end();
    if (!(await agreeTo(lane, terms.answered, dueOf(terms)))) return;
    await lane.journal.write({ kind: "acted", of: terms.answered.ref, outcome: "completed" });
    lane.showFor(resultSeconds, resultOf(lane, terms.task, terms.answered, "done"));
  };

  const drawTicket = async (answered: Permitted): Promise<void> => {
    lane.show(resultOf(lane, "ticket", answered, "acting"));
    const line = answered.decision.terms.greenChannel ? "priority" : "ordinary";
    const { outcome, ticket } = await lane.act({ kind: "draw-ticket", line }, answered.ref);
    const stage = outcome === "completed" ? "done" : outcome === "timed-out" ? "timed-out" : "broken";
    const result = resultOf(lane, "ticket", answered, stage);
    lane.showFor(resultSeconds, ticket === undefined ? result : { ...result, ticket });
  };

  const checkIn = async (answered: Permitted): Promise<void> => {
    await lane.journal.write({ kind: "acted", of: answered.ref, outcome: "completed" });
    lane.showFor(resultSeconds, resultOf(lane, "shift", answered, "done"));
  };

  const goOn = async (task: DeskTask, answered: Permitted): Promise<void> => {
    if (task === "ticket") return drawTicket(answered);
    if (task === "shift") return checkIn(answered);
    stages.enter({ kind: "terms", task, answered });
  };

  return {
    codeAction: () => {
      const stage = stages.current();
      return stage.kind === "chosen" ? stage.task : null;
    },
    onCode: async (shown, ticks) => {
      const stage = stages.end();
      if (stage.kind !== "chosen") return;
      const answered = await lane.ask({ action: stage.task }, shown, ticks);
      if (answered.effect === "refer") return lane.refer(answered.reason, shown);
      await goOn(stage.task, answered);
    },
    onPermit: async (answered) => {
      stages.end();
      const action = lane.lastTap()?.asked.action;
      await goOn(tasks.find((each) => each === action) ?? "ticket", answered);
    },
    onText: async () => {
      if (stages.current().kind === "none") lane.showFor(hintSeconds, { ...ready, hint: "task-first" });
      return stages.current().kind !== "chosen";
    },
    onPress: async (press) => {
      const stage = stages.current();
      if (press.kind === "choose-task" && stage.kind === "none" && tasks.includes(press.action)) {
        return stages.enter({ kind: "chosen", task: press.action });
      }
      if (press.kind === "agree" && stage.kind === "terms") return agree(stage);
      if (press.kind === "leave" || press.kind === "decline") return leave();
      if (press.kind === "more-time" && stage.kind !== "none") stages.enter(stage);
    },
    readyScreen: () => ready,
  };
};

type ReadyScreen = Extract<Screen, { readonly name: "ready" }>;
type ResultScreen = Extract<Screen, { readonly name: "result" }>;

const readyScreen = (task: DeskTask | null): ReadyScreen => ({
  ...{ name: "ready", service: "desk", hint: null, task },
  action: task ?? "ticket",
});

/** What is paid later is agreed to, and not asked for here. */
const dueOf = ({ task, answered }: Terms): Due =>
  task === "deposit" ? { order: "hold", amount: answered.decision.terms.deposit } : { order: "charge", amount: 0 };

const screenOf = (lane: Lane, stage: Stage, warning: number | null): Screen | null => {
  if (stage.kind === "none") return null;
  if (stage.kind === "chosen") return readyScreen(stage.task);
  return {
    ...{ name: "session", service: "desk", warning, stage: "terms", dock: null },
    granted: grantedOf(stage.answered.decision),
    ...lane.receiptOf(stage.answered),
    offer: stage.task === "deposit" ? offerOf(lane, stage.answered) : payLaterOffer(lane, stage.answered),
  };
};

const payLaterOffer = (lane: Lane, answered: Permitted): Offer => {
  const { payLater, payLaterMax, payLaterSeconds } = answered.decision.terms;
  return {
    ...offerOf(lane, answered),
    paid: payLater ? "later" : "now",
    payLaterMax: payLater ? (payLaterMax ?? null) : 0,
    payLaterSeconds: payLater ? (payLaterSeconds ?? null) : 0,
  };
};

const resultOf = (lane: Lane, action: DeskTask, answered: Permitted, stage: ResultScreen["stage"]): ResultScreen => ({
  ...{ name: "result", service: "desk", action, stage, dock: null, cost: null },
  granted: grantedOf(answered.decision),
  ...lane.receiptOf(answered),
});
