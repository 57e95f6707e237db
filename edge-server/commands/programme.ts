/** `programme add`, `programme list`: whose scores are honoured, and by which rules. */
import { decodePack, type Pack, type ServiceRules } from "../../shared/policy.ts";
import type { ServiceName } from "../../shared/terms.ts";
import { type Command, countOf, type Outcome, refuse, tableOf } from "../command.ts";
import { readTextFile } from "../files.ts";
import { makePolicy } from "../policy.ts";

export const addProgramme: Command = {
  name: "programme add",
  usage: "PACK.json [--json]",
  about: "Publishes a programme's pack, new or in place of the one before. It is checked as a terminal would check it.",
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [path = ""] }, edges) => {
    const text = readTextFile(path);
    if (text.kind === "unreadable") return refuse(text.error);
    const pack = decodePack(text.value);
    if (pack.kind === "invalid") return refuse(`${path}: ${firstOf(pack.errors)}`);

    const { registry, publisher } = await edges.open();
    const before = registry.packs();
    const old = before.find((each) => each.programme === pack.value.programme) ?? null;
    const clash = old === null ? null : clashOf(old, pack.value);
    if (clash !== null) return refuse(`${path}: ${clash}`);
    const others = before.filter((each) => each !== old);
    const policy = makePolicy([...others, pack.value], registry.staffRules());
    if (policy.kind === "invalid") return refuse(`${path}: ${firstOf(policy.errors)}`);

    registry.putPack(pack.value);
    const { version } = await publisher.publish();
    const stale = registry
      .lists()
      .filter((each) => each.programme === pack.value.programme && each.cuts !== pack.value.cuts.version)
      .map((each) => each.list);
    return {
      kind: "answered",
      json: { ...describePack(pack.value), bundle: version, listsToPublishAnew: stale },
      text: [
        `${pack.value.programme} version ${pack.value.version} is in force with bundle ${version}.`,
        linesOf(pack.value),
        ...stale.map(
          (list) => `List ${list} was sorted by other cuts: until it is published anew, everyone gets ordinary terms.`,
        ),
      ].join("\n"),
    };
  },
};

export const listProgrammes: Command = {
  name: "programme list",
  usage: "[--json]",
  about: "Lists the programmes that are honoured, their services and perks, and what still needs a threshold.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges): Promise<Outcome> => {
    const packs = (await edges.open()).registry.packs();
    return {
      kind: "answered",
      json: packs.map(describePack),
      text: packs.length === 0 ? "No programme yet: programme add PACK.json" : packs.map(linesOf).join("\n\n"),
    };
  },
};

/** Null where the new pack may follow the old one. */
const clashOf = (old: Pack, fresh: Pack): string | null => {
  if (fresh.version < old.version) return `version ${old.version} is in force, and this is ${fresh.version}`;
  const isSameCuts = JSON.stringify(old.cuts.at) === JSON.stringify(fresh.cuts.at);
  if (fresh.cuts.version === old.cuts.version && !isSameCuts) {
    return `the cuts differ from those in force, so cuts.version must be above ${old.cuts.version}`;
  }
  return null;
};

const describePack = (pack: Pack) => ({
  programme: pack.programme,
  version: pack.version,
  name: pack.name,
  context: pack.context,
  cuts: pack.cuts,
  services: servicesOf(pack).map(([service, rules]) => ({
    service,
    perks: rules.perks.map(({ id, atLeast, certainty }) => ({ id, atLeast, certainty })),
  })),
});

const linesOf = (pack: Pack): string => {
  const services = servicesOf(pack);
  const rows = services.flatMap(([service, rules]) =>
    rules.perks.length === 0
      ? [["  ", service, "ordinary service only"]]
      : rules.perks.map((perk) => [
          "  ",
          service,
          perk.id,
          perk.atLeast === "unknown" ? "grants nothing until its threshold is set" : `from ${perk.atLeast}`,
          `(${perk.certainty})`,
        ]),
  );
  const title = `${pack.programme}  ${pack.name.en}, ${pack.name.zh}  version ${pack.version}, ${countOf(services.length, "service")}`;
  return [title, ...(rows.length === 0 ? [] : [tableOf(rows)])].join("\n");
};

const servicesOf = (pack: Pack): readonly (readonly [ServiceName, ServiceRules])[] =>
  (Object.entries(pack.services) as [ServiceName, ServiceRules | undefined][]).flatMap(([service, rules]) =>
    rules === undefined ? [] : [[service, rules] as const],
  );

const firstOf = (errors: readonly string[]): string => {
  const [first = "not a pack", ...more] = errors;
  return more.length === 0 ? first : `${first} (and ${countOf(more.length, "more error")})`;
};
