/** How many decisions a second one core makes, over every service of every city pack, band by band. */
import { decide, type Facts, type Reading } from "../../shared/decide.ts";
import type { Policy } from "../../shared/policy.ts";
import type { Standing } from "../../shared/status-list.ts";
import { actionsOf, type Request, type ServiceName } from "../../shared/terms.ts";
import { cityPacks, noHistory, now } from "../laws/drawn.ts";
import type { Row } from "./main.ts";

const decisions = 2_000_000;
const goal = 1_000_000;

const policy: Policy = {
  v: 1,
  operator: "bench",
  currency: "CNY",
  help: { zh: "窗口", en: "The desk" },
  presentationSeconds: 90,
  ageingSeconds: 500,
  perkGraceSeconds: 1000,
  packs: [...cityPacks],
};

type Case = { readonly request: Request; readonly reading: Reading; readonly facts: Facts };

const cases: readonly Case[] = cityPacks.flatMap(({ programme, cuts, services }) =>
  (Object.keys(services) as ServiceName[]).flatMap((service) =>
    (["none", 1, 2, 3, "suspended"] as const satisfies readonly Standing[]).map(
      (standing): Case => ({
        request: { service, action: actionsOf[service][0], programme, place: { site: "north" }, at: now },
        reading: { kind: "verified", form: "presentation", use: "citizen", programme },
        facts: {
          policy,
          knowledge: { standing, cuts: cuts.version, checkedAt: { trust: now, policy: now, list: now } },
          history: noHistory,
        },
      }),
    ),
  ),
);

/** The best of three: others use the machine too. */
export const measureDecide = async (): Promise<readonly Row[]> => {
  const value = Math.max(...[1, 2, 3].map(() => Math.round(decisionsPerSecond())));
  const row = { part: "decide", name: "decisions, all city packs", unit: "a second and core", peer: null, ratio: null };
  return [{ ...row, value, goal: `>= ${goal}`, met: value >= goal }];
};

const decisionsPerSecond = (): number => {
  let permitted = 0;
  const from = performance.now();
  for (let at = 0; at < decisions; at++) {
    const { request, reading, facts } = cases[at % cases.length] ?? cases[0] ?? fail();
    if (decide(request, reading, facts).effect === "permit") permitted += 1;
  }
  const seconds = (performance.now() - from) / 1000;
  if (permitted !== decisions) throw new Error(`${permitted} of ${decisions} were permitted`);
  return decisions / seconds;
};

const fail = (): never => {
  throw new Error("there are no cases");
};
