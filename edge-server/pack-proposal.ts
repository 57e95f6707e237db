/**
 * A pack that is right by itself (pack-report), judged beside what is in force: as the one after the pack before it, and in
 * the policy that would be published. Nothing is changed.
 */
import type { Pack, Policy } from "../shared/policy.ts";
import { countOf } from "./command.ts";
import { makePolicy } from "./policy.ts";
import type { Registry } from "./ports.ts";

/** `listsToPublishAnew`: sorted by other cuts. */
export type ProposedPack =
  | {
      readonly kind: "fits";
      readonly before: Policy;
      readonly after: Policy;
      readonly listsToPublishAnew: readonly string[];
    }
  | { readonly kind: "clash"; readonly problem: string };

export type InForceNow = Pick<Registry, "packs" | "staffRules" | "recognitions" | "lists">;

export const judgePack = (pack: Pack, registry: InForceNow): ProposedPack => {
  const packs = registry.packs();
  const old = packs.find((each) => each.programme === pack.programme) ?? null;
  const clash = old === null ? null : clashOf(old, pack);
  if (clash !== null) return { kind: "clash", problem: clash };
  const others = packs.filter((each) => each !== old);
  const [before, after] = [packs, [...others, pack]].map((each) =>
    makePolicy(each, registry.staffRules(), registry.recognitions()),
  );
  if (after?.kind !== "decoded") return { kind: "clash", problem: firstOf(after?.errors ?? []) };
  if (before?.kind !== "decoded") throw new Error("the policy in force is invalid");
  const listsToPublishAnew = registry
    .lists()
    .filter((each) => each.programme === pack.programme && each.cuts !== pack.cuts.version)
    .map((each) => each.list);
  return { kind: "fits", before: before.value, after: after.value, listsToPublishAnew };
};

/** Null where the new pack may follow the old one. */
const clashOf = (old: Pack, fresh: Pack): string | null => {
  if (fresh.version < old.version) return `version ${old.version} is in force, and this is ${fresh.version}`;
  const isSameCuts = JSON.stringify(old.cuts.at) === JSON.stringify(fresh.cuts.at);
  if (fresh.cuts.version === old.cuts.version && !isSameCuts) {
    return `the cuts differ from those in force, so cuts.version must be above ${old.cuts.version}`;
  }
  if (fresh.version === old.version && JSON.stringify(old) !== JSON.stringify(fresh)) {
    return `version ${old.version} is in force and says something else, so version must be above it`;
  }
  return null;
};

const firstOf = (errors: readonly string[]): string => {
  const [first = "not a policy", ...more] = errors;
  return more.length === 0 ? first : `${first} (and ${countOf(more.length, "more error")})`;
};
