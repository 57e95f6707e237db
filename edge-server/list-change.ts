/**
 * What a new score list would change, by itself: how many places stand where, before and after, how many moved, and for
 * which services their terms would be better or worse. Counts alone; whose place is whose nobody here knows.
 */
import type { Bytes } from "../shared/bytes.ts";
import { type Pack, perkInBand, rulesOf, type ServiceRules, termsOfPerk } from "../shared/policy.ts";
import type { ListChange } from "../shared/rehearsal.ts";
import { type Standing, valueOf as valueOfStanding } from "../shared/status-list.ts";
import { isNoWorse, type ServiceName, serviceNames, type Terms } from "../shared/terms.ts";
import type { ListRow } from "./ports.ts";
import type { Moves } from "./rehearse-standings.ts";

type Published = Exclude<Standing, "unknown">;
const standings: readonly Published[] = [5, 4, 3, 2, 1, "none", "suspended", "revoked"];

export type ComparedLists = {
  readonly standings: ListChange["standings"];
  readonly moved: ListChange["moved"];
  readonly services: ListChange["services"];
  /** Null where nothing can be told: there was no list, or one by other cuts. */
  readonly moves: Moves | null;
};

type Places = Pick<ListRow, "packed" | "entries" | "cuts">;

export const compareLists = (old: Places | null, fresh: Places, pack: Pack): ComparedLists => {
  const counts = countMoves(old, fresh);
  const at = (from: Published, to: Published): number =>
    counts[(valueOfStanding(from) << 4) | valueOfStanding(to)] ?? 0;
  const pairs = standings.flatMap((from) => standings.map((to) => ({ from, to, places: at(from, to) })));
  const sum = (isWanted: (pair: (typeof pairs)[number]) => boolean): number =>
    pairs.reduce((all, pair) => all + (isWanted(pair) ? pair.places : 0), 0);

  const rows = standings.map((standing) => ({
    standing: String(standing),
    before: sum(({ from }) => from === standing),
    after: sum(({ to }) => to === standing),
  }));
  if (old !== null && old.cuts !== fresh.cuts) return { standings: rows, moved: null, services: [], moves: null };
  const moved = {
    added: sum(({ from, to }) => from === "none" && to !== "none"),
    removed: sum(({ from, to }) => from !== "none" && to === "none"),
    changed: sum(({ from, to }) => from !== "none" && to !== "none" && from !== to),
  };
  const services = serviceNames.flatMap((service) => {
    const rules = rulesOf(pack, service);
    if (rules === null) return [];
    const fares = (from: Published, to: Published) => fare(termsOf(pack, rules, from), termsOf(pack, rules, to));
    const [more, less] = (["more", "less"] as const).map((wanted) => sum(({ from, to }) => fares(from, to) === wanted));
    return [
      { service, more: more ?? 0, less: less ?? 0 } satisfies { service: ServiceName; more: number; less: number },
    ];
  });
  const moves = standings.map((from) => {
    const all = sum((pair) => pair.from === from);
    const to = pairs.filter((pair) => pair.from === from && pair.places > 0);
    return { from, to: to.map(({ to: standing, places }) => ({ standing, share: places / all })) };
  });
  return { standings: rows, moved, services, moves: old === null ? null : moves };
};

/** By value before (high half) and after. A place beyond the end has no score. */
const countMoves = (old: Places | null, fresh: Places): Float64Array => {
  const counts = new Float64Array(256);
  const places = Math.max(old?.entries ?? 0, fresh.entries);
  const [before, after] = [old?.packed ?? nothing, fresh.packed];
  for (let at = 0; 2 * at < places; at++) {
    const [a, b] = [before[at] ?? 0, after[at] ?? 0];
    const low = ((a & 15) << 4) | (b & 15);
    counts[low] = (counts[low] ?? 0) + 1;
    if (2 * at + 1 >= places) break;
    const high = (a & 0xf0) | (b >> 4);
    counts[high] = (counts[high] ?? 0) + 1;
  }
  return counts;
};
const nothing: Bytes = new Uint8Array(0);

/** Null: what stands there is for staff to see to, on no terms. */
const termsOf = (pack: Pack, rules: ServiceRules, standing: Published): Terms | null => {
  if (standing === "revoked") return null;
  const perk = typeof standing === "number" ? perkInBand(pack, rules, standing) : null;
  return perk === null ? rules.ordinary : termsOfPerk(rules, perk);
};

const fare = (before: Terms | null, after: Terms | null): "more" | "less" | "same" => {
  if (before === after) return "same";
  if (before === null) return "more";
  if (after === null) return "less";
  if (isNoWorse(after, before)) return isNoWorse(before, after) ? "same" : "more";
  return isNoWorse(before, after) ? "less" : "same";
};
