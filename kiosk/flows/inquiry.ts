/**
 * What a code gives here, service by service, and by which rule: for the one who shows it on a phone at this moment, and for
 * nobody with a photograph of a card. Each line is what `decide` would say at that service; no band is named.
 */
import { decide } from "../../shared/decide.ts";
import { packOf, rulesOf } from "../../shared/policy.ts";
import { actionsOf, serviceNames } from "../../shared/terms.ts";
import { annul } from "../agreement.ts";
import type { Flow, Lane, Permitted } from "../lane.ts";
import type { PerkLine, Screen } from "../session.ts";
import { createStages } from "../stages.ts";
import { grantedOf } from "../told.ts";

type Stage = { readonly kind: "none" } | { readonly kind: "perks"; readonly answered: Permitted };

export const createInquiryFlow = (lane: Lane): Flow => {
  const draw = (stage: Stage, warning: number | null) => screenOf(lane, stage, warning);
  const stages = createStages<Stage>(lane, { kind: "none" }, draw, () => leave());

  const leave = async (): Promise<void> => {
    stages.end();
    lane.ready();
  };

  return {
    codeAction: () => (stages.current().kind === "none" ? "inquiry" : null),
    onCode: async (shown, ticks) => {
      const answered = await lane.ask({ action: "inquiry" }, shown, ticks);
      if (answered.effect === "refer") return lane.refer(answered.reason, shown);
      if (shown.presentation?.form !== "presentation") {
        await annul(lane, answered, "not-live");
        return lane.refer("card-not-accepted", shown);
      }
      await lane.journal.write({ kind: "acted", of: answered.ref, outcome: "completed" });
      stages.enter({ kind: "perks", answered });
    },
    onText: async () => false,
    onPress: async (press) => {
      const stage = stages.current();
      if (press.kind === "leave") return leave();
      if (press.kind === "more-time" && stage.kind === "perks") stages.enter(stage);
    },
    readyScreen: () => ({ name: "ready", service: "inquiry", action: "inquiry", hint: null }),
  };
};

const screenOf = (lane: Lane, stage: Stage, warning: number | null): Screen | null => {
  if (stage.kind === "none") return null;
  const { facts } = stage.answered.shown;
  const pack = packOf(facts.policy, lane.profile.programme);
  if (pack === null) return null;
  return {
    ...{ name: "session", service: "inquiry", stage: "perks", warning },
    granted: grantedOf(stage.answered.decision),
    ...lane.receiptOf(stage.answered),
    currency: facts.policy.currency,
    programme: { name: pack.name, version: pack.version, objection: pack.objection },
    lines: linesFor(lane, stage.answered),
  };
};

const linesFor = (lane: Lane, { shown }: Permitted): readonly PerkLine[] => {
  const { programme, site } = lane.profile;
  const pack = packOf(shown.facts.policy, programme);
  const facts = { ...shown.facts, history: { seenAt: null, sameActionAt: null, cardTaps: 0 } };
  return serviceNames.flatMap((service): readonly PerkLine[] => {
    const rules = pack === null ? null : rulesOf(pack, service);
    if (rules === null || service === "inquiry") return [];
    const request = { service, action: actionsOf[service][0], programme, place: { site }, at: lane.journal.now() };
    const decision = decide(request, shown.reading, facts);
    if (decision.effect === "refer") return [];
    const { perk, terms, owed } = decision;
    return [{ service, perk, terms, ordinary: rules.ordinary, ours: owed }];
  });
};
