/** Words for what stands in the ledger and in the log of operators. What is not known here is shown as it was written. */
import type { OperatorRole } from "../../shared/admin.ts";
import type { Bilingual } from "../../shared/policy.ts";
import { usualReasons } from "../../shared/staff-rules.ts";
import type { Language } from "./words.ts";

type Words = Readonly<Record<string, readonly [zh: string, en: string]>>;

const said = (words: Words, language: Language, word: string): string => {
  const both = Object.hasOwn(words, word) ? words[word] : undefined;
  return both === undefined ? word : both[language === "zh" ? 0 : 1];
};

const effects: Words = {
  permit: ["放行", "let through"],
  ordinary: ["按普通条件", "on ordinary terms"],
  open: ["开闸", "gate opened"],
  annul: ["撤回", "taken back"],
  block: ["停用", "out of use"],
  free: ["恢复使用", "in use again"],
  serve: ["恢复正常", "back to normal"],
  "free-passage": ["免检通行", "free passage"],
  close: ["关闭终端", "closed"],
  "end-release": ["警报结束", "alarm over"],
  "serve-again": ["已修好", "repaired"],
  release: ["火警放行", "opened by an alarm"],
};
export const sayEffect = (language: Language, effect: string): string => said(effects, language, effect);

const roles: Readonly<Record<OperatorRole, readonly [string, string]>> = {
  viewer: ["查看", "Viewer"],
  operator: ["操作员", "Operator"],
  administrator: ["管理员", "Administrator"],
};
export const sayRole = (language: Language, role: string): string => said(roles, language, role);

const acts: Words = {
  "sign-in": ["登录", "signed in"],
  "sign-in-refused": ["登录被拒", "sign-in refused"],
  "sign-out": ["退出", "signed out"],
  welcomed: ["设置了密码", "chose a password"],
  "role-refused": ["权限不足", "role refused"],
  "operator-invited": ["生成操作员链接", "made an operator's link"],
  "operator-revoked": ["停用操作员", "revoked an operator"],
  "passkey-added": ["添加通行密钥", "added a passkey"],
  "passkey-removed": ["移除通行密钥", "removed a passkey"],
  "terminal-made": ["接入终端", "made a terminal"],
  "terminal-revoked": ["停用终端", "revoked a terminal"],
  "site-placed": ["标注站点位置", "placed a site"],
  "override-approved": ["认可一次放行", "approved an override"],
  "override-questioned": ["询问一次放行", "questioned an override"],
  "override-annulled": ["判一次放行为不当", "judged an override as wrong"],
  "objection-answered": ["答复申诉", "answered an objection"],
  export: ["开始导出", "began an export"],
  download: ["下载导出", "downloaded an export"],
};
export const sayAct = (language: Language, act: string): string => said(acts, language, act);

/** `own`: as the programme calls it, where it has such a reason. */
export const sayReason = (language: Language, reason: string, own: Bilingual | null): string =>
  (own ?? usualReasons.find(({ id }) => id === reason)?.name)?.[language] ??
  (reason === "alarm" ? alarm[language] : reason);

const alarm: Bilingual = { zh: "火警", en: "Fire alarm" };
