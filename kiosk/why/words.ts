/** Every text of the public page, in both languages. */
import type { ObjectionOutcome } from "../../shared/objection.ts";
import type { Bilingual } from "../../shared/policy.ts";
import type { Spoken } from "../ui/language.ts";

export const words = {
  title: { zh: "凭证说明与异议", en: "About a receipt" },
  about: {
    zh: "输入终端上显示的凭证码。这里说明当时适用的规则；只看到凭证码的人看不到结果，也看不到是谁。",
    en: "The code that the terminal showed. Here are the rules that held then; who has only seen the code does not see what was decided, nor about whom.",
  },
  code: { zh: "凭证码", en: "Receipt code" },
  look: { zh: "查看规则", en: "Show the rules" },
  looking: { zh: "正在查询……", en: "Looking ..." },
  rules: { zh: "当时的规则", en: "The rules then" },
  gone: {
    zh: "这一版规则已不在这里，请按下面的途径询问。",
    en: "That version of the rules is not here any more: ask below.",
  },
  forAll: { zh: "所有人", en: "Everyone" },
  notSet: { zh: "尚未启用", en: "not set yet" },
  onPhone: {
    zh: "本人的结果：在手机的绿色通道页面打开“查询凭证”。",
    en: "What was decided about you: on your phone's page, under “Ask about a receipt”.",
  },
  objectPlace: { zh: "异议也可提交：", en: "To object elsewhere:" },
  object: { zh: "提出异议", en: "Object" },
  objectAbout: {
    zh: "写下您认为不对的地方。请不要写证件号码。工作人员会答复，异议和答复都会记入账本。",
    en: "Say what you think is wrong. No numbers of documents, please. Staff of the operator will answer; objection and answer are both put on record.",
  },
  text: { zh: "异议内容", en: "Your objection" },
  send: { zh: "提交", en: "Send" },
  opened: { zh: "已收到您的异议", en: "Your objection has been received" },
  secretAbout: {
    zh: "请记下这个查询密码，只显示这一次。凭凭证码和它可以查看答复。",
    en: "Write down this case secret: it is shown this once. With it and the receipt code you read the answer.",
  },
  answerTitle: { zh: "查看答复", en: "Read the answer" },
  secret: { zh: "查询密码", en: "Case secret" },
  read: { zh: "查看", en: "Read" },
  waiting: { zh: "还没有答复，请过几天再来。", en: "There is no answer yet: come again in a few days." },
  yours: { zh: "您写的", en: "You wrote" },
  answered: { zh: "答复", en: "The answer" },
  erased: { zh: "（内容已按期删除）", en: "(erased when its time was over)" },
} as const satisfies Readonly<Record<string, Bilingual>>;

export const outcomes: Readonly<Record<ObjectionOutcome, Bilingual>> = {
  stands: { zh: "维持原结果", en: "The decision stands" },
  corrected: { zh: "已更正", en: "It was wrong, and is put right" },
  "passed-on": { zh: "已转交信用计划", en: "Passed on to the programme" },
};

const troubles: Readonly<Record<string, Bilingual>> = {
  "not-found": {
    zh: "没有找到，请核对。终端没有网络时，记录会晚一些送到。",
    en: "Nothing was found: look at it again. A terminal without a network hands its records in later.",
  },
  malformed: { zh: "请检查填写的内容。", en: "Look again at what you filled in." },
  "too-large": { zh: "内容太长，请缩短。", en: "That is too long: make it shorter." },
  "too-many": { zh: "请求太多，请稍后再试。", en: "Too many at the moment: try again later." },
  unavailable: {
    zh: "服务器暂时查不到记录，请稍后再试；您写的内容还在。",
    en: "The records cannot be looked into at the moment: try again later. What you wrote is still here.",
  },
  unreachable: {
    zh: "连不上服务器，请稍后再试；您写的内容还在。",
    en: "The server cannot be reached: try again later. What you wrote is still here.",
  },
};
const failed: Bilingual = { zh: "服务器没有完成，请重试。", en: "The server did not do it: try again." };

export const troubleOf = (word: string): Bilingual => troubles[word] ?? failed;

export const inSeconds: Spoken<[seconds: number]> = {
  zh: (seconds) => `${seconds} 秒后可再试。`,
  en: (seconds) => `You may try again in ${seconds} s.`,
};

export const fromScore: Spoken<[score: number]> = {
  zh: (score) => `${score} 分起`,
  en: (score) => `From ${score}`,
};

export const charactersLeft: Spoken<[left: number]> = {
  zh: (left) => `还可写 ${left} 字`,
  en: (left) => (left === 1 ? "1 character left" : `${left} characters left`),
};
