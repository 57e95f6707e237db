/** The texts of publishing, in both languages, and how terms, money and reasons are said there. */

import type { Direction, RehearsedAnswer } from "../../shared/rehearsal.ts";
import type { Terms } from "../../shared/terms.ts";
import { type Language, sayNumber } from "./words.ts";
import { sayName } from "./words-names.ts";

const texts = {
  kind: ["内容", "What"],
  policy: ["计划规则", "A programme's policy"],
  programme: ["计划", "Programme"],
  list: ["评分名单", "A score list"],
  startFrom: ["以现行规则为起点", "Start from what is in force"],
  chooseFile: ["选择文件", "Choose a file"],
  noFile: ["尚未选择文件", "No file is chosen"],
  packText: ["规则（JSON）", "The policy, as JSON"],
  check: ["检查", "Check"],
  right: ["内容无误，可以预演。", "It is right, and can be rehearsed."],
  whole: ["整体", "as a whole"],
  days: ["预演所用的记录", "Recorded days to rehearse on"],
  days7: ["最近 7 天", "The last 7 days"],
  days30: ["最近 30 天", "The last 30 days"],
  rehearse: ["预演", "Rehearse"],
  about: [
    "预演会用现行内容和新内容，把这段时间的每次判定各做一遍，列出不同之处。不显示任何人的身份。",
    "Every decision recorded in these days is made twice, by what is in force and by what is proposed. Nobody is named.",
  ],
  listAbout: [
    "与命令行所用的文件相同：表头 idx,score 或 idx,band，最大 256 MB。",
    "The same file as on the command line: header idx,score or idx,band, at most 256 MB.",
  ],
  listName: ["名单名称（如 a）", "Name of the list, such as a"],
  file: ["文件", "File"],
  reading: ["正在读取文件", "The file is being read"],
  running: ["正在预演", "Under way"],
  done: ["预演完成", "Rehearsed"],
  cancelled: ["已取消", "Cancelled"],
  failed: ["未能完成", "It failed"],
  published: ["已发布", "Published"],
  cancel: ["取消预演", "Cancel it"],
  show: ["查看", "Show"],
  by: ["操作员", "by"],
  version: ["版本", "version"],
  figures: ["各服务的变化", "What changes, by service"],
  groups: ["变化明细", "What changes, in detail"],
  examples: ["凭证举例", "Receipts, some"],
  change: ["变化", "Change"],
  decisions: ["判定次数", "Decisions"],
  unchanged: ["不变", "Unchanged"],
  either: ["视分数而定", "Either"],
  eitherAbout: [
    "视分数而定：分数档有调整，记录中没有具体分数，无法判断归入哪一档。",
    "Either: the cuts are others now, and where it depends on a score between two of them, no record can tell.",
  ],
  deposit: ["押金", "Deposit"],
  price: ["费用", "Price"],
  priceUntold: ["视使用情况而定", "depends on the use"],
  estimate: [
    "名单的结果为估算：记录中没有谁在名单的哪一位置，按同档人员的变动比例计算。",
    "An estimate: no record says who has which place, so people count as the places that stood like theirs.",
  ],
  noEstimate: [
    "此名单没有可比的前一版本，无法用过往记录估算。",
    "There is no list before it to compare with, so the past tells nothing.",
  ],
  untold: ["无法重做的判定", "Decisions that cannot be made again"],
  leftOut: ["未列出的变化种类", "Kinds of change not listed"],
  nothing: ["没有任何变化。", "Nothing would be different."],
  places: ["名单中的位置", "Places of the list"],
  placesByService: ["名单中的位置（按服务）", "Places of the list, by service"],
  standing: ["档位", "Where they stand"],
  before: ["发布前", "Before"],
  after: ["发布后", "After"],
  added: ["新增", "Added"],
  removed: ["移除", "Removed"],
  changed: ["改变档位", "Changed"],
  rows: ["行数", "Rows"],
  restrictions: ["仍有效的限制", "Restrictions that stay in force"],
  otherCuts: [
    "前一名单按另一套分数档划分，不能逐位比较。",
    "The list before was sorted by other cuts: places cannot be compared.",
  ],
  anew: [
    "以下名单按旧的分数档划分，重新发布前所有人按普通条件：",
    "These lists were sorted by other cuts; until they are published anew, everyone gets ordinary terms:",
  ],
  publish: ["发布……", "Publish ..."],
  really: ["确认发布？", "Really publish this?"],
  reallyAbout: [
    "所有终端下次联系服务器时生效，操作会留下记录。请核对文件的 SHA-256：",
    "It comes into force on every terminal when it next reaches this server, and stands on record. The SHA-256 of the file:",
  ],
  yes: ["确认发布", "Yes, publish it"],
  back: ["返回", "Back"],
  administrator: ["由管理员发布。", "An administrator publishes it."],
  inForce: ["已生效，清单版本", "in force with bundle"],
  permit: ["放行", "let through"],
  refer: ["转人工", "referred"],
  elsewhere: ["请选择计划", "Choose a programme"],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type PublishWord = keyof typeof texts;
const pick = (language: Language, both: readonly [string, string]): string => both[language === "zh" ? 0 : 1];
export const sayPublish = (language: Language, word: PublishWord): string => pick(language, texts[word]);

const directions: Readonly<Record<Direction, readonly [string, string]>> = {
  more: ["得到更多", "Gets more"],
  less: ["得到更少", "Gets less"],
  mixed: ["有增有减", "Both, or untold"],
  same: ["仅原因不同", "Other reason alone"],
};
export const sayDirection = (language: Language, direction: Direction): string => pick(language, directions[direction]);

const standings: Readonly<Record<string, readonly [string, string]>> = {
  none: ["无优惠档", "no band"],
  suspended: ["暂停（异议中）", "suspended"],
  revoked: ["已撤销", "revoked"],
};
export const sayStanding = (language: Language, standing: string): string =>
  pick(language, standings[standing] ?? [`第 ${standing} 档`, `band ${standing}`]);

const dimensions: Readonly<Record<keyof Terms, readonly [string, string]>> = {
  deposit: ["押金", "deposit"],
  priceFactor: ["价格", "price"],
  freeSeconds: ["免费时长", "free"],
  loanSeconds: ["借期", "loan"],
  itemsMax: ["件数", "items"],
  payLater: ["后付", "pay later"],
  greenChannel: ["优先通道", "priority line"],
  itemsByKind: ["各类件数", "items by kind"],
  renewalsMax: ["续借次数", "renewals"],
  payLaterMax: ["后付上限", "pay later, most"],
  payLaterSeconds: ["后付期限", "pay later, until"],
};

/** What differs between both, line by line. */
export const sayChange = (
  language: Language,
  currency: string,
  before: RehearsedAnswer,
  after: RehearsedAnswer,
): readonly string[] => {
  const lines = [];
  const [said, now] = [before, after].map((each) => sayAnswer(language, each));
  if (said !== now) lines.push(`${said} → ${now}`);
  if (before.terms === null || after.terms === null) return lines;
  for (const name of Object.keys(dimensions) as (keyof Terms)[]) {
    const [old, fresh] = [before.terms, after.terms].map((terms) => sayValue(language, currency, name, terms[name]));
    if (old !== fresh) lines.push(`${pick(language, dimensions[name])}: ${old} → ${fresh}`);
  }
  return lines;
};

const sayAnswer = (language: Language, { effect, reason }: RehearsedAnswer): string =>
  `${sayPublish(language, effect)} (${sayName(language, reason)})`;

const sayValue = (language: Language, currency: string, name: keyof Terms, value: Terms[keyof Terms]): string => {
  if (value === undefined) return pick(language, ["不限", "no limit"]);
  if (typeof value === "boolean") return value ? pick(language, ["有", "yes"]) : pick(language, ["无", "no"]);
  if (typeof value === "object")
    return Object.entries(value)
      .map(([kind, most]) => `${kind} ${most}`)
      .join(", ");
  if (name === "priceFactor") return `${value / 10} %`;
  if (name === "deposit" || name === "payLaterMax") return sayMoney(language, currency, value, "auto");
  if (name.endsWith("Seconds")) return saySeconds(language, value);
  return sayNumber(language, value);
};

const saySeconds = (language: Language, seconds: number): string => {
  if (seconds % 86_400 === 0 && seconds > 0) return pick(language, [`${seconds / 86_400} 天`, `${seconds / 86_400} d`]);
  return pick(language, [`${Math.round(seconds / 60)} 分钟`, `${Math.round(seconds / 60)} min`]);
};

/** `amount` in minor units. */
export const sayMoney = (
  language: Language,
  currency: string,
  amount: number,
  signDisplay: "auto" | "exceptZero" = "exceptZero",
): string => {
  const style = { style: "currency", currency, currencyDisplay: "narrowSymbol", signDisplay } as const;
  const format = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", style);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};
