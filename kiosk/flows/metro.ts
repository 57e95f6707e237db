/** A metro gate: a code, and the gate opens. Nobody passed: timed out, and nothing is charged. */
import { priceDue } from "../../shared/terms.ts";
import { costOf, type Flow, grantedOf, type Lane, type Permitted, rulesHere } from "../lane.ts";
import type { Screen } from "../session.ts";

const resultSeconds = 5;
/** For who asks what it costs. */
const readingSeconds = 2 * resultSeconds;

export const createMetroFlow = (lane: Lane, action: "entry" | "exit"): Flow => {
  const letThrough = async (answered: Permitted): Promise<void> => {
    lane.show(resultOf(lane, action, answered, "acting"));
    const { outcome } = await lane.act({ kind: "open-gate" }, answered.ref);
    const stage = outcome === "completed" ? "done" : outcome === "timed-out" ? "timed-out" : "broken";
    lane.showFor(resultSeconds, resultOf(lane, action, answered, stage));
  };

  return {
    codeAction: () => action,
    onCode: async (shown, ticks) => {
      const answered = await lane.ask({ action }, shown, ticks);
      return answered.effect === "refer" ? lane.refer(answered.reason, shown) : letThrough(answered);
    },
    onText: async () => false,
    onPress: async (press) => {
      if (press.kind === "leave") lane.ready();
      if (press.kind === "more-time") lane.keepResult(readingSeconds);
    },
    onPermit: letThrough,
    readyScreen: () => ({ name: "ready", service: "metro", action, hint: null }),
  };
};

const resultOf = (
  lane: Lane,
  action: "entry" | "exit",
  answered: Permitted,
  stage: Extract<Screen, { readonly name: "result" }>["stage"],
): Screen => ({
  name: "result",
  service: "metro",
  action,
  granted: grantedOf(answered.decision),
  stage,
  dock: null,
  cost: costOf(answered, rulesHere(lane.profile, answered.shown), (full) => priceDue(full, answered.decision.terms)),
});
