/**
 * What the phone says, in both languages side by side, so that a missing one does not compile. Instants come in as text.
 */
import type { Bilingual } from "../../shared/policy.ts";
import type { Spoken } from "../ui/language.ts";
import type { Failure } from "./state.ts";

type Words<Key extends string> = Readonly<Record<Key, Bilingual>>;

export const words = {
  inOtherLanguage: { zh: "English", en: "中文" },
  brand: { zh: "绿色通道", en: "Greenlane" },
  title: { zh: "我的码", en: "My code" },
  chooseTitle: { zh: "这是谁的手机？", en: "Whose phone is this?" },
  chooseText: {
    zh: "演示城市里的市民。选一位，手机就为他（她）生成密钥并领取凭证。",
    en: "Citizens of the demo city. Pick one: the phone makes a key and gets their credential.",
  },
  loadingCitizens: { zh: "正在读取市民名单…", en: "Reading the list of citizens…" },
  noCitizens: {
    zh: "读不到市民名单。请检查网络后重试。",
    en: "The list of citizens cannot be read. Check the network and try again.",
  },
  again: { zh: "重试", en: "Try again" },
  ownKey: { zh: "用我自己的密钥", en: "Use a key of my own" },
  ownKeyText: {
    zh: "新市民，还没有信用分。照样可以使用所有服务。",
    en: "A new citizen, without a score. Every service is open all the same.",
  },
  switchPerson: { zh: "切换使用者", en: "Switch person" },
  back: { zh: "返回", en: "Back" },
  codeLabel: { zh: "出示给读码器的二维码", en: "QR code to hold to the reader" },
  enlarge: { zh: "放大二维码", en: "Enlarge the code" },
  close: { zh: "关闭", en: "Close" },
  bright: {
    zh: "读不出来？请调亮屏幕，离读码器 10 至 20 厘米。",
    en: "Not read? Turn up the brightness and hold it 10 to 20 cm from the reader.",
  },
  newCode: { zh: "立即换码", en: "New code now" },
  renewsItself: { zh: "到期前自动续期，没有网络也能用。", en: "Renews by itself, and works without a network." },
  renewing: { zh: "正在续期，码照常可用…", en: "Being renewed. The code works meanwhile…" },
  fetching: { zh: "正在领取凭证…", en: "Getting the credential…" },
  expiredText: {
    zh: "连上网络后会自动续期。在此之前请用打印码、普通方式，或找工作人员。",
    en: "It renews by itself once the phone is online. Until then use a printed code or the ordinary way, or ask staff.",
  },
  renewNow: { zh: "现在续期", en: "Renew now" },
  cardTitle: { zh: "纸质码", en: "Printed code" },
  cardOffer: { zh: "打印纸质码", en: "Print a paper code" },
  cardAsking: { zh: "正在申请纸质码…", en: "Asking for a printed code…" },
  cardLost: {
    zh: "遗失请立即向本市信用服务窗口挂失，由窗口停用并补办。",
    en: "Lost it? Tell the city's credit service desk at once: they block it and make another.",
  },
  cardWarning: {
    zh: "谁拿到这张纸，谁就能使用，请像现金一样保管。手机不保存它，关闭后须重新申请。",
    en: "Whoever has this paper can use it: keep it like cash. The phone keeps no copy.",
  },
  print: { zh: "打印", en: "Print" },
  trouble: {
    zh: "这部手机存不下密钥。请腾出空间，或关闭无痕模式后重试。",
    en: "This phone cannot keep the key. Free some space or leave private browsing, then try again.",
  },
} as const satisfies Words<string>;

export const cardHowTo: readonly Bilingual[] = [
  { zh: "把纸质码正对读码器，距离 10 至 20 厘米。", en: "Hold the code flat to the reader, 10 to 20 cm away." },
  { zh: "不需要手机，也不需要网络。", en: "It needs no phone and no network." },
  { zh: "请保持平整，不要折到图案。", en: "Keep it flat: do not fold it across the pattern." },
];

export const ownName: Spoken<[kid: string]> = {
  zh: (kid) => `我的密钥 ${kid.slice(0, 4)}`,
  en: (kid) => `My key ${kid.slice(0, 4)}`,
};
export const newCodeIn: Spoken<[seconds: number]> = {
  zh: (seconds) => `${seconds} 秒后换新码`,
  en: (seconds) => `New code in ${seconds} s`,
};
export const goodUntil: Spoken<[when: string]> = {
  zh: (when) => `凭证有效至 ${when}`,
  en: (when) => `Credential good until ${when}`,
};
export const renewalWaits: Spoken<[failure: Failure, seconds: number]> = {
  zh: (failure, seconds) => `${causeOf.zh(failure)}。${seconds} 秒后再次续期，码照常可用。`,
  en: (failure, seconds) => `${causeOf.en(failure)}. Renewal is tried again in ${seconds} s; the code works meanwhile.`,
};
export const fetchWaits: Spoken<[failure: Failure, seconds: number]> = {
  zh: (failure, seconds) => `${causeOf.zh(failure)}。${seconds} 秒后重试。`,
  en: (failure, seconds) => `${causeOf.en(failure)}. Trying again in ${seconds} s.`,
};
export const expiredTitle: Spoken<[when: string]> = {
  zh: (when) => `凭证已于 ${when} 到期`,
  en: (when) => `The credential ended on ${when}`,
};
export const cardFailed: Spoken<[failure: Failure]> = {
  zh: (failure) => `没有领到纸质码。${causeOf.zh(failure)}。`,
  en: (failure) => `There is no printed code. ${causeOf.en(failure)}.`,
};
export const cardUntil: Spoken<[when: string]> = { zh: (when) => `有效至 ${when}`, en: (when) => `Good until ${when}` };

const causeOf: Spoken<[failure: Failure]> = {
  zh: ({ cause, detail }) =>
    ({ unreachable: "连不上网络或服务器", refused: `发放机构未同意：${detail}`, senseless: "收到的答复无法识别" })[
      cause
    ],
  en: ({ cause, detail }) =>
    ({
      unreachable: "No network, or the server does not answer",
      refused: `The issuer said no: ${detail}`,
      senseless: "The answer made no sense",
    })[cause],
};
