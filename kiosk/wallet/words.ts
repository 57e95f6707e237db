/**
 * What the phone says, in both languages side by side, so that a missing one does not compile. Instants come in as text.
 */
import type { Bilingual } from "../../shared/policy.ts";
import type { LossWish } from "../../shared/recovery.ts";
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
  recoveryOffer: { zh: "万一手机丢了", en: "If this phone gets lost" },
  recoveryTitle: { zh: "恢复码", en: "Recovery code" },
  recoveryAsking: { zh: "正在登记恢复码…", en: "Registering a recovery code…" },
  recoveryText: {
    zh: "请抄下来或打印，放在手机以外的地方。手机丢了，在任何别的设备上输入它，就能停用这个码，并换到新手机上。",
    en: "Write it down or print it, and keep it away from the phone. If the phone is gone, type it on any other device to stop this code and to have another phone take over.",
  },
  recoveryOnce: {
    zh: "只显示这一次。谁拿到它，谁就能停用您的码或取而代之。",
    en: "It is shown this once. Whoever has it can stop your code, or take your place.",
  },
  lostOffer: { zh: "我的手机丢了", en: "My phone is gone" },
  lostTitle: { zh: "我的手机丢了", en: "My phone is gone" },
  lostText: {
    zh: "输入您抄下的恢复码。没有恢复码？请到本市信用服务窗口办理。没有码也能使用所有服务。",
    en: "Type the recovery code that you wrote down. None? The city's credit service desk helps. Every service is open without a code, too.",
  },
  lostLabel: { zh: "恢复码", en: "Recovery code" },
  suspend: { zh: "暂停丢失的手机", en: "Suspend the lost phone" },
  suspendText: { zh: "可能还找得到时用。找到后可以恢复。", en: "While it may still turn up. You can take that back." },
  resume: { zh: "找到了，恢复使用", en: "It is found: use it again" },
  replace: { zh: "永久停用，换到这部手机", en: "Block it for good, and use this phone" },
  replaceText: {
    zh: "丢失手机上的码从此无效，无法撤销。",
    en: "Its codes are never good again. This cannot be undone.",
  },
  lossAsking: { zh: "正在办理…", en: "One moment…" },
  mistyped: {
    zh: "恢复码是 24 个字母和数字，四个一组。请对照您抄下的再输一次。",
    en: "A recovery code has 24 letters and digits, in groups of four. Please compare it with what you wrote down.",
  },
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

export const lossDone: Readonly<Record<LossWish, Bilingual>> = {
  suspend: {
    zh: "已暂停。各终端下次联网后，丢失的手机只能按普通条件使用。",
    en: "Suspended. Once terminals have been online, the lost phone has ordinary terms only.",
  },
  resume: {
    zh: "已恢复。各终端下次联网后，一切照旧。",
    en: "Taken back. Once terminals have been online, everything is as before.",
  },
  replace: {
    zh: "已停用丢失的手机，这部手机接替使用。优惠在各终端下次联网后生效。",
    en: "The lost phone is blocked, and this one has taken over. Perks follow once terminals have been online.",
  },
};
export const lossFailed: Spoken<[failure: Failure]> = {
  zh: (failure) => `没有办成，一切未变。${causeOf.zh(failure)}。请重试。`,
  en: (failure) => `That was not done. ${causeOf.en(failure)}. Please try again.`,
};
export const recoveryFailed: Spoken<[failure: Failure]> = {
  zh: (failure) => `没有登记恢复码。${causeOf.zh(failure)}。`,
  en: (failure) => `There is no recovery code. ${causeOf.en(failure)}.`,
};

export const causeOf: Spoken<[failure: Failure]> = {
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
