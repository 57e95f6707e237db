/**
 * A gate: a code, and it opens. Metro, bus, venue, shuttle and parking differ in what the policy says of them: how many fit
 * in, what it costs, whether one leaves with a code.
 *
 * A fare is paid later. Where a price is paid at the gate itself (a venue, a shuttle, on leaving a car park) everyone
 * confirms it first, whether it is then paid now or later. What it is to pay for a stay of which neither this terminal nor
 * the server, where it can be reached, has seen the beginning, it does not ask: the barrier opens, and the fee follows. Nobody passed: timed out, and nothing is charged.
 */

import type { GateProfile } from "../../shared/messages.ts";
import { type Instant, needsNoCode } from "../../shared/terms.ts";
import { agreeTo, type Due, decline, giveBack } from "../agreement.ts";
import type { Flow, Lane, Permitted } from "../lane.ts";
import type { Screen } from "../session.ts";
import { createStages } from "../stages.ts";
import { costOf, dueOf, grantedOf, pricedOfferOf } from "../told.ts";

type Way = "entry" | "exit";
type Stage =
  | { readonly kind: "none" }
  /** Somebody wants out, and is asked for the code. */
  | { readonly kind: "leaving" }
  | { readonly kind: "terms"; readonly way: Way; readonly answered: Permitted; readonly due: number };

const resultSeconds = 5;
/** For who asks what it costs. */
const readingSeconds = 2 * resultSeconds;

export const createGateFlow = (lane: Lane, profile: GateProfile): Flow => {
  const { service } = profile;
  const isBothWays = profile.action === "both";
  const usual: Way = profile.action === "exit" ? "exit" : "entry";
  const ready = { name: "ready", service, action: usual, hint: null } as const;

  const screenOf = (stage: Stage, warning: number | null): Screen | null => {
    if (stage.kind === "none") return null;
    if (stage.kind === "leaving") return { ...ready, action: "exit", wayOut: "asked" };
    const { answered, due } = stage;
    return {
      ...{ name: "session", service, warning, stage: "terms", dock: null },
      granted: grantedOf(answered.decision),
      offer: pricedOfferOf(lane, answered, due),
      ...lane.receiptOf(answered),
    };
  };

  const stages = createStages<Stage>(lane, { kind: "none" }, screenOf, () => leave());

  const leave = async (): Promise<void> => {
    const left = stages.end();
    if (left.kind === "terms") await decline(lane, left.answered, dueOfTerms(left));
    lane.ready();
  };

  const pass = async (way: Way, answered: Permitted, paid: Due | null): Promise<void> => {
    // The gate is told before anything is drawn, which takes a slow terminal longer than all the rest.
    const acting = lane.act({ kind: "open-gate" }, answered.ref);
    lane.show(resultOf(lane, way, answered, "acting"));
    const { outcome } = await acting;
    if (outcome === "completed") lane.pass(way);
    else if (paid !== null) giveBack(lane, answered, paid);
    const stage = outcome === "completed" ? "done" : outcome === "timed-out" ? "timed-out" : "broken";
    lane.showFor(resultSeconds, resultOf(lane, way, answered, stage));
  };

  const goOn = async (way: Way, answered: Permitted, enteredAt: Instant | null): Promise<void> => {
    const due = priceAtGate(lane, way, answered, enteredAt);
    if (due === null) return pass(way, answered, null);
    stages.enter({ kind: "terms", way, answered, due });
  };

  const agree = async (stage: Extract<Stage, { readonly kind: "terms" }>): Promise<void> => {
    stages.end();
    const due = dueOfTerms(stage);
    if (await agreeTo(lane, stage.answered, due)) await pass(stage.way, stage.answered, due);
  };

  const wayNow = (): Way => (stages.current().kind === "leaving" ? "exit" : usual);

  return {
    codeAction: () => (stages.current().kind === "terms" ? null : wayNow()),
    onCode: async (shown, ticks) => {
      const way = wayNow();
      stages.end();
      const enteredAt = way === "exit" && service === "parking" ? await lane.enteredAt(shown) : null;
      const answered = await lane.ask({ action: way, ...(way === "entry" ? lane.room() : {}) }, shown, ticks);
      if (answered.effect === "refer") return lane.refer(answered.reason, shown);
      await goOn(way, answered, enteredAt);
    },
    onPermit: async (answered) => {
      stages.end();
      await goOn(lane.lastTap()?.asked.action === "exit" ? "exit" : "entry", answered, null);
    },
    onText: async () => false,
    onPress: async (press) => {
      const stage = stages.current();
      if (press.kind === "start-return" && isBothWays && stage.kind === "none") {
        if (!needsNoCode({ service, action: "exit" })) return stages.enter({ kind: "leaving" });
        const answered = await lane.ask({ action: "exit" }, lane.withoutCode(), lane.clock.ticks());
        if (answered.effect === "refer") return lane.refer(answered.reason, lane.withoutCode());
        return pass("exit", answered, null);
      }
      if (press.kind === "agree" && stage.kind === "terms") return agree(stage);
      if (press.kind === "leave" || press.kind === "decline") return leave();
      if (press.kind !== "more-time") return;
      if (stage.kind === "none") lane.keepResult(readingSeconds);
      else stages.enter(stage);
    },
    readyScreen: () => (isBothWays ? { ...ready, wayOut: "closed" } : ready),
  };
};

/** What is to be confirmed before the gate opens; null where it is a fare, or cannot be told here. */
const priceAtGate = (lane: Lane, way: Way, answered: Permitted, enteredAt: Instant | null): number | null => {
  const { service, site } = lane.profile;
  if ((service === "venue" || service === "shuttle") && way === "entry") {
    return dueOf(lane, answered, { kind: "journey", from: site, to: null });
  }
  if (service !== "parking" || enteredAt === null) return null;
  return dueOf(lane, answered, { kind: "time", seconds: Math.max(0, lane.journal.now() - enteredAt) });
};

/** What is paid later is agreed to, and not asked for here. */
const dueOfTerms = ({ answered, due }: Extract<Stage, { readonly kind: "terms" }>): Due => ({
  order: "charge",
  amount: answered.decision.terms.payLater ? 0 : due,
});

const resultOf = (
  lane: Lane,
  action: Way,
  answered: Permitted,
  stage: Extract<Screen, { readonly name: "result" }>["stage"],
): Screen => ({
  name: "result",
  service: lane.profile.service,
  action,
  granted: grantedOf(answered.decision),
  ...lane.receiptOf(answered),
  stage,
  dock: null,
  // What a stay costs is known when it ends, and confirmed then.
  cost: lane.profile.service === "parking" ? null : costOf(lane, answered),
});
