/** What services, actions and reasons are called. */
import type { Language } from "./words.ts";

const names: Readonly<Record<string, readonly [string, string]>> = {
  metro: ["地铁", "metro"],
  bus: ["公交", "bus"],
  library: ["图书馆", "library"],
  bike: ["单车", "bike"],
  umbrella: ["雨伞", "umbrella"],
  "power-bank": ["充电宝", "power bank"],
  venue: ["场馆", "venue"],
  shuttle: ["接驳车", "shuttle"],
  parking: ["停车", "parking"],
  desk: ["柜台", "desk"],
  inquiry: ["查询", "inquiry"],
  entry: ["进", "entry"],
  exit: ["出", "exit"],
  session: ["开始借阅", "session"],
  checkout: ["借出", "checkout"],
  checkin: ["归还", "checkin"],
  renew: ["续借", "renew"],
  pickup: ["取预约", "pick up"],
  order: ["送书", "order"],
  trip_start: ["借用", "trip start"],
  trip_end: ["归还", "trip end"],
  "pay-later": ["后付", "pay later"],
  ticket: ["取号", "ticket"],
  perk: ["优惠", "perk"],
  ordinary: ["普通条件", "ordinary terms"],
  "other-programme": ["其他计划", "another programme"],
  "no-code-needed": ["无需出示", "no code needed"],
  "trust-stale": ["密钥过旧", "keys too old"],
  "policy-stale": ["规则过旧", "policy too old"],
  "list-missing": ["没有名单", "no list"],
  "list-stale": ["名单过旧", "list too old"],
  "cuts-differ": ["分数档不一致", "other cuts"],
  "band-unknown": ["档位未知", "band unknown"],
  "not-offered": ["不提供", "not offered"],
  "staff-badge": ["工作证", "staff badge"],
  replay: ["重复出示", "code used before"],
  revoked: ["凭证已撤销", "credential revoked"],
  "card-not-accepted": ["不收卡片", "cards not taken"],
  "card-limit": ["卡片次数用完", "card used up"],
  passback: ["重复进站", "passback"],
  full: ["已满", "full"],
  "items-max": ["超过件数", "too many items"],
  "renewals-max": ["超过续借次数", "too many renewals"],
};
/** A service, an action or a reason; what is not known here as it stands in the log. */
export const sayName = (language: Language, name: string): string => {
  const both = Object.hasOwn(names, name) ? names[name] : undefined;
  return both === undefined ? name : both[language === "zh" ? 0 : 1];
};
