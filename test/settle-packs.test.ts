import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReconciliation } from "../edge-server/reconciliation.ts";
import { settleJourneys } from "../edge-server/settle.ts";
import { decodePack, type Pack, type Policy } from "../shared/policy.ts";
import type { Standing } from "../shared/status-list.ts";
import { actionsOf, type ServiceName, type Terms } from "../shared/terms.ts";
import { now, samplePolicy } from "./sample.ts";
import { causes, createLogs, piecesOf, rulesForOf, settlingOf } from "./taps.ts";

/** Every city pack, every service, every cause, every standing: granted with what is missed is what was due. */

const folder = join(import.meta.dirname, "../shared/programmes");
const packs = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name): readonly Pack[] => {
    const pack = decodePack(readFileSync(join(folder, name), "utf8"));
    return pack.kind === "decoded" ? [pack.value] : [];
  });
const ann = "A".repeat(22);

const standingsIn = (pack: Pack): readonly Standing[] => [
  "none",
  "suspended",
  ...([1, 2, 3, 4, 5] as const).slice(0, pack.cuts.at.length),
];

it("there are packs", () => expect(packs.length).toBeGreaterThan(0));

describe.each(packs.map((pack) => [pack.programme, pack] as const))("%s", (programme, pack) => {
  const policy: Policy = { ...samplePolicy, packs: [pack] };
  const services = Object.keys(pack.services) as readonly ServiceName[];
  const asked = (service: ServiceName, cause: (typeof causes)[number], standing: Standing) => {
    const logs = createLogs(policy, "ab".repeat(32), programme, pack.cuts.version);
    const [action] = actionsOf[service];
    logs.ask("t", { service, action, at: now, site: "s", person: ann, thing: "x", cause, standing });
    const pieces = piecesOf(logs.written);
    const [first] = pieces;
    const found = createReconciliation(rulesForOf(policy));
    found.add(pieces);
    const journeys = found.people().flatMap((each) => each.journeys.map((journey) => ({ ...journey, endedAt: now })));
    const lines = settleJourneys(journeys, settlingOf(policy, { answerFor: () => standing }));
    return { granted: first?.kind === "tap" ? first.tap.terms : null, lines };
  };

  it("granted with what was missed is what an always-online terminal would have granted, and costs that", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...services),
        fc.constantFrom(...causes.slice(1)),
        fc.constantFrom(...standingsIn(pack)),
        (service, cause, standing) => {
          const [ours, online] = [asked(service, cause, standing), asked(service, "fresh", standing)];
          const missed = Object.assign({}, ...ours.lines.map((line) => line.missed)) as Partial<Terms>;
          expect({ ...ours.granted, ...missed }).toEqual(online.granted);
          const cost = (lines: typeof ours.lines) => lines.reduce((sum, { amount, owed }) => sum + amount - owed, 0);
          expect(cost(ours.lines)).toBe(cost(online.lines));
          expect(online.lines.every(({ owed }) => owed === 0)).toBe(true);
        },
      ),
    );
  });
});
