/**
 * How soon the console has its first view: three thousand terminals, ten million entries that were counted, thousands of
 * overrides that wait. The survey is filled by the surveyor's own writing, as fast as it goes; the answers are the
 * server's, without a network. They are the same over either ledger, which only the pages of entries read, by their keys.
 */
import type { SeenEntry } from "../../edge-server/survey-reading.ts";
import type { Profile } from "../../shared/messages.ts";
import { type AdminWorld, openAdminWorld } from "../admin-world.ts";
import { makeKey } from "../operator-world.ts";
import type { Row } from "./main.ts";

const terminals = 3000;
const roundsEach = 9;
const partEntries = 371;
const words = ["perk", "ordinary", "technical", "refer:replay", "completed"];
const goal = 1000;

export const measureConsole = async (): Promise<readonly Row[]> => {
  const world = await openAdminWorld();
  try {
    await addTerminals(world);
    const startedAt = performance.now();
    countEntries(world);
    const perSecond = (1000 * world.survey.count()) / (performance.now() - startedAt);
    const cookie = await world.bringIn("lin.mei", "administrator");
    const rows = [rowOf("entries counted a second", Math.round(perSecond), "/s", null)];
    for (const path of ["/overview", "/terminals", "/figures", "/overrides?state=open"]) {
      world.clock.now += 2; // nothing is remembered from the question before
      const askedAt = performance.now();
      const answer = await world.ask("GET", path, { cookie });
      await answer.text();
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
      rows.push(rowOf(`${path}, 3,000 terminals, 10 million entries`, performance.now() - askedAt, "ms", goal));
    }
    return rows;
  } finally {
    await world.close();
  }
};

const addTerminals = async ({ registry, clock }: AdminWorld): Promise<void> => {
  const { jwk } = await makeKey();
  registry.atomically(() => {
    for (let number = 0; number < terminals; number++) {
      const profile: Profile = {
        ...{ service: "metro", action: "entry", programme: "here", site: `site-${number % 150}` },
        ...{ name: `Gate ${number}`, actuator: "simulated" },
      };
      const seen = { enrolledAt: 1, revokedAt: null, lastSeenAt: clock.now };
      registry.putTerminal({ id: `gate-${number}`, profile, key: jwk, ...seen });
    }
  });
};

const countEntries = ({ survey, clock }: AdminWorld): void => {
  for (let round = 0; round < roundsEach; round++) {
    for (let number = 0; number < terminals; number++) {
      const entries = Array.from({ length: partEntries }, (_, index): SeenEntry => {
        const at = clock.now - (roundsEach - round) * 40_000 + index * 90;
        const isOverride = index === 7;
        return {
          ...{ seq: round * partEntries + index + 1, at, receivedAt: at, service: "metro", count: 1 },
          word: isOverride ? "override" : (words[index % words.length] ?? ""),
          ...{ started: null, manifest: 3, mode: null, odd: null },
          override: isOverride ? { ...override, staff: [`badge-${number % 40}`] } : null,
        };
      });
      survey.add({ terminal: `gate-${number}`, epoch: new Uint8Array(16) }, number, entries, () => "open");
    }
  }
};

const override = { kind: "override", effect: "permit", reason: "lost-card", factor: "badge", answers: null } as const;

const rowOf = (name: string, value: number, unit: string, most: number | null): Row => ({
  ...{ part: "console", name, value: Math.round(value), unit, peer: null, ratio: null },
  goal: most === null ? null : `<= ${most}`,
  met: most === null ? null : value <= most,
});
