/** The phone's words about receipts. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Spoken } from "../ui/language.ts";
import type { Failure } from "./state.ts";

const answerAt: Spoken<[host: string]> = {
  zh: (host) => `答复在 ${host}/why 查看。`,
  en: (host) => `The answer will be at ${host}/why.`,
};

export const receiptWords = {
  offer: { zh: "查询凭证", en: "Ask about a receipt" },
  title: { zh: "查询凭证", en: "Ask about a receipt" },
  about: {
    zh: "输入终端显示的凭证码。只有这部手机自己的凭证，才看得到结果。",
    en: "The code that the terminal showed. Only of this phone's own receipts is it told what was decided.",
  },
  code: { zh: "凭证码", en: "Receipt code" },
  ask: { zh: "查询", en: "Ask" },
  asking: { zh: "正在查询……", en: "Asking ..." },
  mistyped: { zh: "这不是凭证码，请核对。", en: "That is no receipt code: look at it again." },
  gone: {
    zh: "当时那一版规则已不在服务器上。",
    en: "The version of the rules that held then is not on the server any more.",
  },
  byStaff: { zh: "由工作人员办理。", en: "Seen to by staff." },
  place: { zh: "异议也可提交：", en: "To object elsewhere:" },
  object: { zh: "有异议？请写在这里", en: "Is something wrong? Write it here" },
  send: { zh: "提出异议", en: "Object" },
  secret: {
    zh: "已收到您的异议。请记下查询密码，只显示这一次。",
    en: "Your objection has been received. Write down this case secret: it is shown this once.",
  },
  answerAt,
} as const satisfies Readonly<Record<string, Bilingual | Spoken<[host: string]>>>;

export const receiptFailed: Spoken<[failure: Failure]> = {
  zh: ({ cause, detail }) =>
    cause === "refused" ? `没有查到，或不是这部手机的凭证。${detail}` : "连不上网络或服务器，请稍后再试。",
  en: ({ cause, detail }) =>
    cause === "refused"
      ? `Not found, or not this phone's receipt. ${detail}`
      : "No network, or the server does not answer: try again later.",
};
