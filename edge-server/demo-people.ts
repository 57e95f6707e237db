/**
 * Who lives in the demo city. A dozen have a name and a story for the reference phone; the others fill the list, so that
 * every band has its people. Everything is the same each time but the subjects' random handles. The rest of the list is
 * free: places without a score, for those who come with a key of their own.
 */

import type { Bytes } from "../shared/bytes.ts";
import { scaleOf } from "../shared/pack.ts";
import { type Bilingual, bandOfScore, type Pack } from "../shared/policy.ts";
import { type Band, packStatuses, type Standing, valueOf as valueOfStanding } from "../shared/status-list.ts";
import type { Citizen } from "./citizens.ts";

export const demoList = "a";
export const demoEntries = 400;
const peopleMax = 300;

/** A score, or what the programme says instead. */
type Score = number | "none" | "suspended" | "revoked";
type Named = { readonly handle: string; readonly name: Bilingual; readonly about: Bilingual; readonly score: Score };

const points = (score: number): Bilingual => ({ zh: `${score} 分`, en: `${score} points` });
const named = (handle: string, zh: string, en: string, score: Score, about: Bilingual): Named => ({
  handle,
  name: { zh, en },
  about,
  score,
});

const stories: readonly Named[] = [
  named("lin-yue", "林悦", "Lin Yue", 720, points(720)),
  named("chen-mo", "陈墨", "Chen Mo", 880, points(880)),
  named("wang-fang", "王芳", "Wang Fang", 697, points(697)),
  named("zhao-min", "赵敏", "Zhao Min", 696, points(696)),
  named("li-jun", "李军", "Li Jun", 650, points(650)),
  named("huang-wei", "黄伟", "Huang Wei", 649, points(649)),
  named("he-ping", "何平", "He Ping", 750, points(750)),
  named("sun-li", "孙丽", "Sun Li", 410, points(410)),
  named("xu-lan", "徐岚", "Xu Lan", "none", { zh: "无评分（未参加）", en: "no score (has not joined)" }),
  named("wu-hao", "吴昊", "Wu Hao", "suspended", { zh: "异议处理中", en: "objection pending" }),
  named("zheng-qi", "郑琪", "Zheng Qi", "revoked", { zh: "手机已挂失", en: "phone reported stolen" }),
  named("gao-yun", "高云", "Gao Yun", "none", { zh: "无评分（新居民）", en: "no score (new in the city)" }),
];

export type DemoPeople = { readonly citizens: readonly Citizen[]; readonly packed: Bytes };

export const makeDemoPeople = (pack: Pack, makeSub: () => string): DemoPeople => {
  const chance = seededChance(0x6c_61_6e_65);
  const others = Array.from({ length: peopleMax - stories.length }, () => drawScore(pack, chance));
  const scores: readonly Score[] = [...stories.map((each) => each.score), ...others];
  const places = shuffle(
    scores.map((_, index) => index),
    chance,
  );

  const values = new Uint8Array(demoEntries);
  const citizens = scores.map((score, order): Citizen => {
    const index = places[order] ?? order;
    const story = stories[order];
    values[index] = valueOfStanding(standingOf(pack, score));
    return {
      handle: story?.handle ?? `citizen-${String(order).padStart(3, "0")}`,
      sub: makeSub(),
      list: demoList,
      index,
      shown: story === undefined ? null : { name: story.name, about: story.about },
      holderKid: null,
    };
  });
  return { citizens, packed: packStatuses(values) };
};

const standingOf = (pack: Pack, score: Score): Exclude<Standing, "unknown"> => {
  if (typeof score !== "number") return score;
  const band = bandOfScore(pack, score);
  return band === 0 ? "none" : (band as Band);
};

/** Most have a score, spread over the upper half of the scale; a few have none, object, or have lost a phone. */
const drawScore = (pack: Pack, chance: () => number): Score => {
  const kind = chance();
  if (kind < 0.1) return "none";
  if (kind < 0.13) return "suspended";
  if (kind < 0.16) return "revoked";
  const { min, max } = scaleOf(pack);
  return Math.round(min + (max - min) * (0.45 + 0.5 * chance()));
};

const shuffle = (numbers: readonly number[], chance: () => number): readonly number[] => {
  const shuffled = [...numbers];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(chance() * (i + 1));
    const [a, b] = [shuffled[i] ?? 0, shuffled[j] ?? 0];
    shuffled[i] = b;
    shuffled[j] = a;
  }
  return shuffled;
};

/** mulberry32: numbers from 0 to 1, the same for the same seed. Not for secrets. */
const seededChance = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};
