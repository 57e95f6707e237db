/**
 * What the staff screen says. Who stands behind reads along: nothing here tells on which terms anybody is served, and what
 * can be touched has the same words for everyone.
 */
import type { DeclineCause } from "../../shared/override.ts";
import type { Bilingual } from "../../shared/policy.ts";
import type { OverrideEffect, Role } from "../../shared/staff-rules.ts";
import type { Spoken } from "./language.ts";

export const roleNames: Readonly<Record<Role, Bilingual>> = {
  assistant: { zh: "站务", en: "Assistant" },
  supervisor: { zh: "值班长", en: "Supervisor" },
  technician: { zh: "技术员", en: "Technician" },
};

const effectWords: Readonly<Record<OverrideEffect, Bilingual>> = {
  permit: { zh: "放行 / 继续办理", en: "Let them go on" },
  ordinary: { zh: "按普通条件办理（两人）", en: "On ordinary terms (two people)" },
  open: { zh: "开闸（协助、紧急、出站）", en: "Open the gate (help, emergency, way out)" },
  annul: { zh: "撤回上一笔", en: "Take the last one back" },
  block: { zh: "停用车位", en: "Take a dock out of use" },
  free: { zh: "恢复车位", en: "Put a dock back" },
  serve: { zh: "恢复正常", en: "Back to normal" },
  "free-passage": { zh: "免检通行", en: "Free passage" },
  close: { zh: "关闭这台终端", en: "Close this terminal" },
  "end-release": { zh: "警报结束，重新关闸", en: "Alarm over: close again" },
  "serve-again": { zh: "已修好，恢复服务", en: "It is repaired: serve again" },
};

const itemWords: Readonly<Partial<Record<OverrideEffect, Bilingual>>> = {
  block: { zh: "停借一件物品", en: "Stop lending an item" },
  free: { zh: "恢复外借一件物品", en: "Lend an item again" },
};

export const effectWordsOf = (effect: OverrideEffect, things: "docks" | "items"): Bilingual =>
  (things === "items" ? itemWords[effect] : undefined) ?? effectWords[effect];

export const staffWords = {
  itemNext: {
    zh: "它将不再从这台终端借出；归还不受影响。",
    en: "This terminal will lend it to nobody. Returning it stays possible.",
  },
  notAnItem: { zh: "这不是物品条码，请再扫一次。", en: "That is no item’s barcode. Please scan again." },
  answers: { zh: "刚才这位：", en: "The last one: " },
  nobody: { zh: "刚才没有需要处理的人", en: "Nobody is waiting for an answer" },
  machine: { zh: "状态与设置", en: "State and settings" },
  handOver: { zh: "导出未上传的记录", en: "Hand over unsent entries" },
  makeKey: { zh: "登记我的安全密钥", en: "Make my security key known" },
  offered: {
    zh: "已送出。运营方确认后即可使用。",
    en: "Sent. It works once the operator has confirmed it.",
  },
  note: {
    zh: "补充说明（可不填；不要写姓名或证件号），然后选原因：",
    en: "A few words, if you like (nobody’s name or number). Then choose the reason:",
  },
  back: { zh: "返回", en: "Back" },
  close: { zh: "关闭", en: "Close" },
  secondNext: {
    zh: "需要两位不同的人，其中一位是值班长。",
    en: "It takes two people, and one of them a supervisor.",
  },
  keyNext: { zh: "插入或靠近密钥，然后触摸它。", en: "Plug it in or hold it near, and touch it." },
  askDesk: { zh: "请联系值班长。", en: "Please ask a supervisor." },
  object: { zh: "如有异议：", en: "Where to object: " },
  failed: {
    zh: "设备没有动作，或没有响应。请看设备。",
    en: "The machine did not move, or does not answer. Look at it, please.",
  },
  waiting: { zh: "待上传", en: "To send" },
  version: { zh: "版本", en: "Version" },
  allWell: { zh: "没有需要注意的", en: "Nothing to look at" },
  notes: { zh: "需要注意", en: "To look at" },
} as const satisfies Readonly<Record<string, Bilingual>>;

export const doneWords: Spoken<[what: string]> = {
  zh: (what) => `已办：${what}`,
  en: (what) => `Done: ${what}`,
};

export const unfitWords: Readonly<Record<"same-person" | "not-a-supervisor", Bilingual>> = {
  "same-person": { zh: "这是同一个人的工作证。", en: "This is the same person’s badge." },
  "not-a-supervisor": { zh: "两位中要有一位值班长。", en: "One of the two must be a supervisor." },
};

export const declineWords: Readonly<Record<DeclineCause, Bilingual>> = {
  "not-allowed": { zh: "您的岗位不能做这一项。", en: "Your role does not include this." },
  "over-limit": { zh: "本班次的次数已用完，请找值班长。", en: "Used up for this shift. Please ask a supervisor." },
  "cool-down": { zh: "刚刚切换过，请稍候再试。", en: "It was switched a moment ago. Please wait a little." },
  "no-key": { zh: "这一项需要安全密钥，您还没有登记。", en: "This takes a security key, and yours is not known here." },
  "key-refused": { zh: "安全密钥没有确认。", en: "The security key did not confirm it." },
  "nothing-there": { zh: "已经没有可处理的了。", en: "There is nothing to answer any more." },
  "not-own": { zh: "这一笔不是您办的。", en: "This one was not yours." },
};

/** Why a badge opens nothing; any other reason is said as the code's. */
export const badgeWords: Readonly<Record<string, Bilingual>> = {
  revoked: { zh: "这张工作证已收回。", en: "This badge was taken back." },
  "unknown-role": { zh: "这台终端不认识这个岗位。", en: "This terminal does not know its role." },
  "foreign-site": { zh: "这张工作证属于别的站点。", en: "This badge is for another site." },
  replay: { zh: "这个码已经出示过，请刷新。", en: "This code was shown before. Please refresh it." },
  "locked-out": { zh: "试了太多次，请一刻钟后再来。", en: "Too many tries. Please come back in a quarter of an hour." },
  expired: { zh: "这张工作证已到期。", en: "This badge has ended." },
};
export const badgeUnknown: Bilingual = { zh: "我们没能确认这张工作证。", en: "We could not confirm this badge." };
