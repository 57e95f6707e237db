/**
 * Every service of every city pack in the terminal's real loop: for somebody in the pack's highest band, for somebody without
 * a score, and with a code that was taken back. As sourced, and with what nobody knows set as an operator may.
 */
import { describe, expect, test } from "vitest";
import { type Pack, type Perk, perkInBand, rulesOf, type ServiceRules, termsOfPerk } from "../shared/policy.ts";
import type { ServiceName, Terms } from "../shared/terms.ts";
import { cityPacks, sourcedPacks } from "./city-packs.ts";
import { samplePolicy } from "./sample.ts";
import { serviceProfiles } from "./services-sample.ts";
import { createWorld, indexOf, indexOfBand, type Phone, replayAll, type World } from "./terminal-world.ts";

type Case = { readonly name: string; readonly pack: Pack; readonly service: ServiceName };

const casesOf = (kind: string, packs: readonly Pack[]): readonly Case[] =>
  packs.flatMap((pack) =>
    (Object.keys(pack.services) as ServiceName[]).map((service) => ({
      name: `${pack.programme}, ${kind}: ${service}`,
      pack,
      service,
    })),
  );

const cases = [...casesOf("as sourced", sourcedPacks), ...casesOf("set by an operator", cityPacks)];

/** The world's list is of the programme `here`, and cut by its cuts 7. */
const policyOf = ({ pack }: Case) => ({
  ...samplePolicy,
  packs: [{ ...pack, programme: "here", cuts: { version: 7, at: pack.cuts.at } }],
});

const agree = async (world: World): Promise<void> => {
  while (true) {
    const screen = world.screen();
    if (screen.name !== "session" || screen.stage !== "terms") return;
    await world.press({ kind: "agree" });
  }
};

/** Shows the code for each thing that there is to do here, and goes through with it. */
const use = async (world: World, service: ServiceName, phone: Phone): Promise<void> => {
  const show = async (): Promise<void> => {
    await world.pass(3);
    await world.scan(await phone.code());
  };
  switch (service) {
    case "parking":
      await show();
      await world.pass(3600);
      world.setCheckedAt(world.now());
      await world.press({ kind: "start-return" });
      break;
    case "desk":
      for (const action of ["deposit", "pay-later", "ticket"] as const) {
        await world.press({ kind: "choose-task", action });
        await show();
        await agree(world);
        await world.pass(9);
      }
      return;
    case "library":
      await show();
      await world.press({ kind: "choose-tier", tier: null });
      await agree(world);
      await world.scan("BOOK-1");
      await world.press({ kind: "finish" });
      return;
  }
  await show();
  await world.press({ kind: "choose-dock", dock: "1" });
  await agree(world);
};

const permits = (world: World) =>
  world.written("decided").flatMap(({ result }) => {
    const { effect, terms, perk } = result as { effect: string; terms: Terms; perk: string | null };
    return effect === "permit" ? [{ terms, perk }] : [];
  });

const rulesIn = ({ pack, service }: Case): ServiceRules => {
  const rules = rulesOf(pack, service);
  if (rules === null) throw new Error(`${pack.programme} has no ${service}`);
  return rules;
};

const expected = (rules: ServiceRules, perk: Perk | null) =>
  perk === null ? { terms: rules.ordinary, perk: null } : { terms: termsOfPerk(rules, perk), perk: perk.id };

describe.each(cases)("$name", (each) => {
  const { pack, service } = each;
  const rules = rulesIn(each);
  const best = perkInBand(pack, rules, pack.cuts.at.length);
  const open = (): Promise<World> => createWorld(serviceProfiles[service], policyOf(each));

  test.each<[name: string, index: number, perk: Perk | null]>([
    ["the highest band", pack.cuts.at.length === 0 ? indexOf.none : indexOfBand(pack.cuts.at.length), best],
    ["no score", indexOf.none, null],
  ])("%s: served on exactly the pack's terms, and what is due is held or paid once", async (_, index, perk) => {
    const world = await open();
    await use(world, service, await world.phone(index));
    const given = permits(world);
    expect(given.length).toBeGreaterThan(0);
    expect(new Set(given.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify(expected(rules, perk))]));
    expect(["session", "result", "ready"]).toContain(world.screen().name);
    const { deposit } = expected(rules, perk).terms;
    const held = world.payments.asked.filter(({ order }) => order === "hold").map(({ amount }) => amount);
    expect(held).toEqual(deposit > 0 ? [deposit] : []);
    expect(replayAll(world.entries(), policyOf(each))).not.toContain(false);
  });

  test("a code that was taken back is served as anybody without one: referred, nothing moved, nothing asked of an account", async () => {
    const world = await open();
    await world.press({ kind: "choose-task", action: "ticket" });
    await world.scan(await (await world.phone(indexOf.revoked)).code());
    expect(world.screen()).toMatchObject({ name: "refer", service, reason: "revoked" });
    expect([world.commands, world.payments.asked]).toEqual([[], []]);
  });
});

test("each pack has a perk to be seen once an operator has set it, but for those of which no perk is sourced", () => {
  const without = cityPacks.filter(({ services }) =>
    Object.values(services).every((rules) => rules?.perks.length === 0),
  );
  expect(without.map(({ programme }) => programme)).toEqual(["huizhou", "suzhou-osmanthus"]);
});
