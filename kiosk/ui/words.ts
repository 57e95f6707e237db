/**
 * What the screens say, in both languages side by side, so that a missing one does not compile. Why somebody is referred
 * is in words-refer.ts, what became of an action in words-result.ts.
 *
 * Short, polite, nobody's fault but ours. No text knows a band or a score, and the same one is said to everybody.
 */
import type { Bilingual } from "../../shared/policy.ts";
import type { Connectable, Freshness, OutOfService, Screen, Status } from "../session.ts";
import type { Spoken } from "./language.ts";

type Words<Key extends string> = Readonly<Record<Key, Bilingual>>;

export const words = {
  inOtherLanguage: { zh: "English", en: "中文" },
  noCode: { zh: "没有二维码？照常办理即可。", en: "No code? The ordinary way is always open." },
  reading: { zh: "正在读取", en: "Reading your code" },
  help: { zh: "需要帮助", en: "Help" },
  itemFirst: {
    zh: "请先出示二维码，再扫描图书。还书请按下方按钮。",
    en: "Your code first, please, then the items. To return something, touch the button.",
  },

  showCost: { zh: "查看费用", en: "Show what it costs" },
  hideCost: { zh: "收起", en: "Hide" },
  ours: {
    zh: "有些信息我们今天没能查到，这是我们的问题。您应得的，之后会补上。",
    en: "Something could not be looked up today. That is our fault; what is due to you is settled later.",
  },

  termsTitle: { zh: "请确认", en: "Please confirm" },
  deposit: { zh: "押金", en: "Deposit" },
  depositNote: { zh: "归还后退回", en: "Given back at the return" },
  loan: { zh: "借期", en: "Loan" },
  items: { zh: "每次可借", en: "Items a visit" },
  freeTime: { zh: "免费时长", en: "Free time" },
  rate: { zh: "之后", en: "After that" },
  due: { zh: "费用", en: "Price" },
  whenPaid: { zh: "付款", en: "Payment" },
  paidNow: { zh: "现在", en: "now" },
  paidLater: { zh: "以后", en: "later" },
  paidAtCounter: { zh: "现在，在柜台", en: "now, at the counter" },
  payLaterMax: { zh: "最多", en: "Up to" },
  payLaterSeconds: { zh: "期限", en: "Within" },
  noLimit: { zh: "不限", en: "no limit" },
  dock: { zh: "车位", en: "Dock" },
  agree: { zh: "同意", en: "I agree" },
  decline: { zh: "不用了", en: "No, thanks" },

  checkoutTitle: { zh: "请扫描要借的图书", en: "Scan what you borrow" },
  renewTitle: { zh: "请扫描要续借的图书", en: "Scan what you renew" },
  returnsTitle: { zh: "请扫描要还的图书", en: "Scan what you return" },
  mode: { zh: "办理内容", en: "What to do" },
  checkout: { zh: "借书", en: "Borrow" },
  renew: { zh: "续借", en: "Renew" },
  pickup: { zh: "取预约", en: "Pick up" },
  order: { zh: "送书上门", en: "To my door" },
  pickupTitle: { zh: "请扫描预约到的图书", en: "Scan what was kept for you" },
  orderTitle: { zh: "请扫描要送到家的图书", en: "Scan what to send home" },
  ordered: { zh: "送到家", en: "To your door" },
  scanned: { zh: "已扫描", en: "Scanned" },
  noItems: { zh: "扫描后显示在这里", en: "What you scan appears here" },
  returned: { zh: "已归还", en: "Returned" },
  finish: { zh: "完成", en: "Finish" },
  leave: { zh: "返回首页", en: "Back to the start" },
  notAnItem: {
    zh: "这不是馆藏条码。请扫描书上的馆藏条码。",
    en: "This is no library barcode. Please scan the one that the library put on the item.",
  },

  noDockTitle: { zh: "暂时没有空车位", en: "No empty dock just now" },
  chooseEmptyDock: { zh: "请选一个空车位", en: "Choose an empty dock" },
  noVehicle: {
    zh: "请稍后再来，或询问工作人员。",
    en: "Please try later, or ask staff.",
  },
  noEmptyDock: {
    zh: "请询问工作人员，或到附近的站点归还。",
    en: "Please ask staff, or return it at a station nearby.",
  },
  dockEmpty: { zh: "空", en: "Empty" },

  receiptBorrowed: { zh: "办理完成", en: "All done" },
  receiptReturned: { zh: "还书完成，谢谢", en: "Returned, thank you" },
  receiptEmpty: { zh: "没有办理任何图书", en: "Nothing was changed" },

  payingTitle: { zh: "正在确认款项", en: "Confirming the payment" },
  payingNext: { zh: "请稍候，马上就好。", en: "One moment, please." },

  taskFirst: { zh: "请先选择要办理的内容，再出示二维码。", en: "Choose first, please, then show your code." },
  ticket: { zh: "您的号码", en: "Your number" },

  perksTitle: { zh: "您的码在这里", en: "What your code gives you" },
  asForAll: { zh: "与所有人相同", en: "as for everyone" },
  payLater: { zh: "以后付款", en: "pay later" },
  priorityLine: { zh: "绿色通道", en: "priority line" },

  warningTitle: { zh: "您还在吗？", en: "Are you still there?" },
  moreTime: { zh: "需要更多时间", en: "I need more time" },

  outTitle: { zh: "暂停服务", en: "Out of service" },
  outNext: { zh: "抱歉。请使用旁边的终端，或询问工作人员。", en: "Sorry. Please use the next terminal, or ask staff." },
  forStaff: { zh: "工作人员", en: "For staff" },
  partAway: {
    zh: "这一部分还没有取到，会自动重试。请联系工作人员。",
    en: "This part could not be fetched yet. It goes on trying; please ask staff.",
  },
  tryAgain: { zh: "已修好，恢复服务", en: "It is repaired: serve again" },

  online: { zh: "在线", en: "Online" },
  offline: { zh: "离线，照常服务", en: "Offline, working as usual" },
  now: { zh: "刚刚", en: "now" },
} as const satisfies Words<string>;

export const atMostItems: Spoken<[count: number]> = {
  zh: (count) => `${count} 件`,
  en: (count) => (count === 1 ? "1 item" : `${count} items`),
};

export const endsIn: Spoken<[seconds: number]> = {
  zh: (seconds) => `${seconds} 秒后自动结束`,
  en: (seconds) => (seconds === 1 ? "This ends in 1 second" : `This ends in ${seconds} seconds`),
};

export const dockNumber: Spoken<[dock: string]> = { zh: (dock) => `${dock} 号车位`, en: (dock) => `Dock ${dock}` };

export const shareOfFare: Spoken<[share: string]> = {
  zh: (share) => `全价的 ${share}`,
  en: (share) => `${share} of the full fare`,
};
export const fullFare: Spoken<[price: string]> = {
  zh: (price) => `全价 ${price}`,
  en: (price) => `Full fare ${price}`,
};

/** Of time beyond the free one. */
export const priceOfTime: Spoken<[price: string, unit: string]> = {
  zh: (price, unit) => `每${unit}${price}`,
  en: (price, unit) => `${price} for ${unit}`,
};
export const atMostPerDay: Spoken<[price: string]> = {
  zh: (price) => `每天最多${price}`,
  en: (price) => `at most ${price} a day`,
};

/** What a code gives: beside what it gives, what everyone has. */
export const insteadOf: Spoken<[what: string, mine: string, usual: string]> = {
  zh: (what, mine, usual) => `${what}${mine}（一般${usual}）`,
  en: (what, mine, usual) => `${what} ${mine} (usually ${usual})`,
};
export const byRule: Spoken<[rule: string, programme: string, version: string]> = {
  zh: (rule, programme, version) => `依据${programme}规则第${version}版：${rule}`,
  en: (rule, programme, version) => `By ${programme}, rules version ${version}: ${rule}`,
};

export const waitingToBeSent: Spoken<[count: number]> = {
  zh: (count) => `待上传 ${count}`,
  en: (count) => `${count} to send`,
};
export const staffNotes: Spoken<[count: number]> = {
  zh: (count) => `工作人员（${count}）`,
  en: (count) => `Staff (${count})`,
};

/** For staff: the browser asks then which device. */
export const connectWords: Readonly<Record<Connectable, Bilingual>> = {
  serial: { zh: "连接串口设备（扫码器、闸机）", en: "Connect a serial device (scanner, gate)" },
  hid: { zh: "连接 USB 扫码器", en: "Connect a USB scanner" },
};

export const updating: Spoken<[share: string]> = {
  zh: (share) => `正在更新 ${share}`,
  en: (share) => `Updating ${share}`,
};
export const versionNamed: Spoken<[version: string]> = {
  zh: (version) => `版本 ${version}`,
  en: (version) => `Version ${version}`,
};
export const ordinaryIn: Spoken<[time: string]> = {
  zh: (time) => `若一直连不上服务器，${time}后所有人都按普通条件办理，差额之后补上。`,
  en: (time) =>
    `Unless a server is reached, everyone has the ordinary terms in ${time}; what is missed is settled later.`,
};
export const ordinaryNow: Bilingual = {
  zh: "太久没有连上服务器：所有人都按普通条件办理，差额之后补上。",
  en: "No server for too long: everyone has the ordinary terms, and what is missed is settled later.",
};

/** `on-picture`: with a camera's preview; the code may be on a phone or on a printed card. */
export const readyNext: Bilingual = {
  zh: "手机或纸质卡上的码，对准读码区",
  en: "On your phone or printed card, held before the reader",
};

type SetupStage = Extract<Screen, { readonly name: "setup" }>["stage"];

export const setupWords: Readonly<Record<SetupStage, { readonly title: Bilingual; readonly next: Bilingual }>> = {
  "not-enrolled": {
    title: { zh: "这台终端尚未登记", en: "This terminal is not enrolled yet" },
    next: { zh: "工作人员：请打开这台终端的登记链接。", en: "Staff: open the enrolment link of this terminal here." },
  },
  enrolling: {
    title: { zh: "正在登记", en: "Enrolling" },
    next: { zh: "请稍候。", en: "One moment, please." },
  },
  "no-server": {
    title: { zh: "还没有连上服务器", en: "No server reached yet" },
    next: { zh: "会自动重试，无需操作。", en: "It goes on trying by itself; there is nothing to do." },
  },
  loading: {
    title: { zh: "正在准备", en: "Getting ready" },
    next: { zh: "正在下载规则，请稍候。", en: "The rules are being fetched. One moment, please." },
  },
  refused: {
    title: { zh: "未能完成设置", en: "The set-up did not succeed" },
    next: { zh: "工作人员：请用新的登记链接再试。", en: "Staff: please try again with a new enrolment link." },
  },
};

/** For staff: why nothing is done here. */
export const outOfServiceCauses: Readonly<Record<OutOfService, Bilingual>> = {
  storage: {
    zh: "无法可靠地保存记录，因此停止办理。会自动重试。",
    en: "What happens here cannot be kept safely, so nothing is done. It is tried again by itself.",
  },
  "second-tab": {
    zh: "这台终端已在另一个窗口中打开。请关闭其中一个。",
    en: "This terminal is open in another window. Close one of them.",
  },
  revoked: {
    zh: "服务器不再接受这台终端。请重新登记。",
    en: "The server no longer accepts this terminal. Enrol it again.",
  },
  closed: { zh: "工作人员关闭了这台终端。", en: "Staff closed this terminal." },
  gate: { zh: "闸机、锁或借还台有故障，或没有响应。", en: "The gate, lock or desk is broken, or does not answer." },
};

export const artefactNames: Readonly<Record<Status["artefacts"][number]["name"], Bilingual>> = {
  trust: { zh: "密钥", en: "Keys" },
  policy: { zh: "规则", en: "Rules" },
  list: { zh: "列表", en: "Lists" },
  staff: { zh: "工作人员名单", en: "Staff list" },
};

export const freshnessWords: Readonly<Record<Freshness, Bilingual>> = {
  fresh: { zh: "最新", en: "fresh" },
  ageing: { zh: "较旧", en: "old" },
  stale: { zh: "过旧", en: "very old" },
  expired: { zh: "已过期", en: "out of date" },
  never: { zh: "还没有", en: "none yet" },
};
