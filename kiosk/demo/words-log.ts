/** A log entry in a few words. Reason codes are said as they are recorded: they are the same on every page. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Language } from "../ui/language.ts";
import type { LogLine } from "./demo.ts";

export const entryWords = ({ kind, effect, reason }: LogLine, language: Language): string => {
  const known = said[`${kind} ${reason}`] ?? said[`${kind} ${effect}`] ?? said[kind];
  if (known === undefined) return kind;
  const isPlain = reason === null || said[`${kind} ${reason}`] !== undefined;
  return isPlain ? known[language] : `${known[language]} · ${reason}`;
};

const said: Readonly<Record<string, Bilingual>> = {
  started: { zh: "启动", en: "started" },
  installed: { zh: "规则生效", en: "rules in force" },
  mode: { zh: "服务状态", en: "service state" },
  fault: { zh: "故障", en: "fault" },
  recovered: { zh: "补记旧记录", en: "told again" },
  agreed: { zh: "已确认押金", en: "deposit answered" },
  "payment done": { zh: "款项已办", en: "amount held or paid" },
  "payment refused": { zh: "款项未办成", en: "not paid, not held" },
  payment: { zh: "款项待确认", en: "payment to be asked for again" },
  "decided permit": { zh: "准许", en: "permitted" },
  "decided refer": { zh: "请走普通方式", en: "referred" },
  "acted completed": { zh: "已完成", en: "done" },
  "acted timed-out": { zh: "未通过，不收费", en: "not passed, not charged" },
  "acted annulled": { zh: "已撤销", en: "annulled" },
  "acted fault": { zh: "设备故障", en: "did not work" },
  acted: { zh: "结果", en: "outcome" },
};
