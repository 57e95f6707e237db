/**
 * A station with docks: bikes, umbrellas, power banks. To take one: a code, a dock, the terms, which everyone confirms, the
 * deposit held, and the lock opens. To return: any empty dock, without a code.
 */
import type { DockProfile } from "../../shared/messages.ts";
import { agreeTo, annul, type Due, decline, giveBack } from "../agreement.ts";
import type { Flow, Lane, Permitted } from "../lane.ts";
import type { Dock } from "../ports.ts";
import type { Screen } from "../session.ts";
import { createStages } from "../stages.ts";
import { grantedOf, offerOf } from "../told.ts";

const resultSeconds = 8;

type Stage =
  | { readonly kind: "none" }
  | { readonly kind: "dock"; readonly answered: Permitted; readonly docks: readonly Dock[] }
  | { readonly kind: "terms"; readonly answered: Permitted; readonly dock: string }
  | { readonly kind: "return"; readonly docks: readonly Dock[] };

export const createDockFlow = (lane: Lane, { service }: DockProfile): Flow => {
  const screenOf = (stage: Stage, warning: number | null): Screen | null => {
    const session = { name: "session", service, warning } as const;
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
          offer: offerOf(lane, stage.answered),
          ...lane.receiptOf(stage.answered),
          dock: stage.dock,
        };
    }
  };

  const stages = createStages<Stage>(lane, { kind: "none" }, screenOf, () => leave());

  const leave = async (): Promise<void> => {
    const left = stages.end();
    if (left.kind === "terms") await decline(lane, left.answered, depositOf(left.answered));
    if (left.kind === "dock") await annul(lane, left.answered);
    lane.ready();
  };

  const chooseDock = async (answered: Permitted): Promise<void> =>
    stages.enter({ kind: "dock", answered, docks: await lane.actuator.docks() });

  const take = async (answered: Permitted, dock: string): Promise<void> => {
    stages.end();
    if (!(await agreeTo(lane, answered, depositOf(answered)))) return;
    const result = resultOf(lane, "trip_start", answered, dock);
    lane.show(result("acting"));
    const { outcome } = await lane.act({ kind: "unlock-dock", dock }, answered.ref, { dock });
    if (outcome !== "completed") giveBack(lane, answered, depositOf(answered));
    lane.showFor(resultSeconds, result(stageOf(outcome)));
  };

  const takeBack = async (dock: string): Promise<void> => {
    stages.end();
    const shown = lane.withoutCode();
    const answered = await lane.ask({ action: "trip_end", dock }, shown, lane.clock.ticks());
    if (answered.effect === "refer") return lane.refer(answered.reason, shown);
    const result = resultOf(lane, "trip_end", answered, dock);
    lane.show(result("acting"));
    const { outcome } = await lane.act({ kind: "lock-dock", dock }, answered.ref, { dock });
    lane.showFor(resultSeconds, result(stageOf(outcome)));
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
      if (press.kind === "choose-dock" && stage.kind === "return") return takeBack(press.dock);
      if (press.kind === "agree" && stage.kind === "terms") return take(stage.answered, stage.dock);
      if (press.kind === "more-time" && stage.kind !== "none") stages.enter(stage);
    },
    readyScreen: () => ({ name: "ready", service, action: "trip_start", hint: null }),
  };
};

const depositOf = ({ decision }: Permitted): Due => ({ order: "hold", amount: decision.terms.deposit });

type ResultStage = Extract<Screen, { readonly name: "result" }>["stage"];

const stageOf = (outcome: "completed" | "timed-out" | "fault"): ResultStage =>
  outcome === "completed" ? "done" : outcome === "timed-out" ? "timed-out" : "broken";

const resultOf =
  (lane: Lane, action: "trip_start" | "trip_end", answered: Permitted, dock: string) =>
  (stage: ResultStage): Screen => ({
    ...{ name: "result", service: lane.profile.service, action, stage, dock, cost: null },
    granted: grantedOf(answered.decision),
    ...lane.receiptOf(answered),
  });
