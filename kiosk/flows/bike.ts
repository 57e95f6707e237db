/**
 * A bike station. To ride: a code, a dock, the terms, which everyone confirms, and the lock opens. To return: any empty
 * dock, without a code.
 */
import { type Flow, grantedOf, type Lane, offerOf, type Permitted, writeAgreed } from "../lane.ts";
import type { Dock } from "../ports.ts";
import type { Granted, Screen } from "../session.ts";
import { createStages } from "../stages.ts";

const resultSeconds = 8;

type Stage =
  | { readonly kind: "none" }
  | { readonly kind: "dock"; readonly answered: Permitted; readonly docks: readonly Dock[] }
  | { readonly kind: "terms"; readonly answered: Permitted; readonly dock: string }
  | { readonly kind: "return"; readonly docks: readonly Dock[] };

export const createBikeFlow = (lane: Lane): Flow => {
  const stages = createStages<Stage>(lane, { kind: "none" }, screenOf, () => leave());

  const leave = async (): Promise<void> => {
    const left = stages.end();
    if (left.kind === "terms") await writeAgreed(lane, left.answered, false);
    if (left.kind === "terms" || left.kind === "dock") {
      await lane.journal.write({ kind: "acted", of: left.answered.ref, outcome: "annulled" });
    }
    lane.ready();
  };

  const chooseDock = async (answered: Permitted): Promise<void> =>
    stages.enter({ kind: "dock", answered, docks: await lane.actuator.docks() });

  const ride = async (answered: Permitted, dock: string): Promise<void> => {
    stages.end();
    await writeAgreed(lane, answered, true);
    lane.show(resultOf("trip_start", grantedOf(answered.decision), "acting", dock));
    const { outcome } = await lane.act({ kind: "unlock-dock", dock }, answered.ref, { dock });
    lane.showFor(resultSeconds, resultOf("trip_start", grantedOf(answered.decision), stageOf(outcome), dock));
  };

  const giveBack = async (dock: string): Promise<void> => {
    stages.end();
    const shown = lane.withoutCode();
    const answered = await lane.ask({ action: "trip_end", dock }, shown, lane.clock.ticks());
    if (answered.effect === "refer") return lane.refer(answered.reason, shown);
    const granted = grantedOf(answered.decision);
    lane.show(resultOf("trip_end", granted, "acting", dock));
    const { outcome } = await lane.act({ kind: "lock-dock", dock }, answered.ref, { dock });
    lane.showFor(resultSeconds, resultOf("trip_end", granted, stageOf(outcome), dock));
  };

  return {
    codeAction: () => (stages.current().kind === "none" ? "trip_start" : null),
    onCode: async (shown, ticks) => {
      const answered = await lane.ask({ action: "trip_start" }, shown, ticks);
      return answered.effect === "refer" ? lane.refer(answered.reason, shown) : chooseDock(answered);
    },
    onPermit: chooseDock,
    onText: async () => false,
    onPress: async (press) => {
      const stage = stages.current();
      if (press.kind === "leave" || press.kind === "decline") return leave();
      if (press.kind === "start-return" && stage.kind === "none") {
        return stages.enter({ kind: "return", docks: await lane.actuator.docks() });
      }
      if (press.kind === "choose-dock" && stage.kind === "dock") {
        return stages.enter({ kind: "terms", answered: stage.answered, dock: press.dock });
      }
      if (press.kind === "choose-dock" && stage.kind === "return") return giveBack(press.dock);
      if (press.kind === "agree" && stage.kind === "terms") return ride(stage.answered, stage.dock);
      if (press.kind === "more-time" && stage.kind !== "none") stages.enter(stage);
    },
    readyScreen: () => ({ name: "ready", service: "bike", action: "trip_start", hint: null }),
  };
};

const screenOf = (stage: Stage, warning: number | null): Screen | null => {
  const session = { name: "session", service: "bike", warning } as const;
  switch (stage.kind) {
    case "none":
      return null;
    case "dock":
      return {
        ...session,
        stage: "dock",
        action: "trip_start",
        granted: grantedOf(stage.answered.decision),
        docks: stage.docks,
      };
    case "return":
      return { ...session, stage: "dock", action: "trip_end", granted: null, docks: stage.docks };
    case "terms":
      return {
        ...session,
        stage: "terms",
        granted: grantedOf(stage.answered.decision),
        offer: offerOf(stage.answered),
        dock: stage.dock,
      };
  }
};

const stageOf = (outcome: "completed" | "timed-out" | "fault") =>
  outcome === "completed" ? "done" : outcome === "timed-out" ? "timed-out" : "broken";

const resultOf = (
  action: "trip_start" | "trip_end",
  granted: Granted,
  stage: Extract<Screen, { readonly name: "result" }>["stage"],
  dock: string,
): Screen => ({ name: "result", service: "bike", action, granted, stage, dock, cost: null });
