/** What is said where staff hand entries over without a network, in both languages side by side. */
import type { Bilingual } from "../../shared/policy.ts";
import type { RescueFault } from "../../shared/rescue.ts";
import type { Spoken } from "./language.ts";

export const handOverWords = {
  counting: { zh: "正在清点", en: "Counting" },
  noneUnsent: { zh: "这台终端的记录都已上传。", en: "Everything of this terminal has been sent." },
  stays: {
    zh: "记录会加密，并继续保留在这台终端上。重复导入不会重复计算。",
    en: "They are sealed, and stay here as well. Bringing them in twice counts once.",
  },
  tooMany: { zh: "记录较多，请保存为文件。", en: "They are too many for a moving code: save a file." },
  saveFile: { zh: "保存为文件", en: "Save as a file" },
  showMoving: { zh: "显示动态码", en: "Show as a moving code" },
  takeOver: { zh: "读取另一台终端", en: "Read another terminal" },
  openFile: { zh: "打开文件", en: "Open a file" },
  leave: { zh: "返回", en: "Back" },
  pause: { zh: "暂停", en: "Pause" },
  goOn: { zh: "继续", en: "Go on" },
  slow: { zh: "放慢", en: "Slower" },
  movingNext: {
    zh: "在另一台终端上选择“读取另一台终端”，再对准它的摄像头。",
    en: "There, choose “Read another terminal”, and hold this before its camera.",
  },
  takingNext: {
    zh: "保持不动，直到读完。没读到的会再次出现。",
    en: "Hold still until all is read. What was missed comes round again.",
  },
  codeLabel: { zh: "动态码", en: "Moving code" },
  codePlace: { zh: "动态码的当前部分", en: "The part of the code now shown" },
} as const satisfies Readonly<Record<string, Bilingual>>;

export const unsentHere: Spoken<[count: number]> = {
  zh: (count) => `这台终端有 ${count} 条记录尚未上传。`,
  en: (count) => (count === 1 ? "1 entry is not sent yet." : `${count} entries are not sent yet.`),
};
export const carriedHere: Spoken<[count: number]> = {
  zh: (count) => `代其他终端保管 ${count} 条，联网后上传。`,
  en: (count) => `${count} of other terminals are kept here, to be sent when there is a network.`,
};
export const frameOf: Spoken<[frame: number, frames: number]> = {
  zh: (frame, frames) => `第 ${frame} 张，共 ${frames} 张`,
  en: (frame, frames) => `Frame ${frame} of ${frames}`,
};
export const readOf: Spoken<[read: number, total: number | null]> = {
  zh: (read, total) => (total === null ? "还没有读到" : `已读 ${read} 张，共 ${total} 张`),
  en: (read, total) => (total === null ? "Nothing read yet" : `${read} of ${total} read`),
};
export const savedEntries: Spoken<[count: number]> = {
  zh: (count) => `已保存 ${count} 条。可用命令 ledger import 或另一台终端导入。`,
  en: (count) => `${count} saved. Bring the file to another terminal, or to the server: ledger import FILE.`,
};
export const takenEntries: Spoken<[count: number]> = {
  zh: (count) => `已安全接收 ${count} 条。联网后上传。`,
  en: (count) => `${count} are safely kept here, and are sent when there is a network.`,
};
export const failedBecause: Spoken<[cause: string]> = {
  zh: (cause) => `没有成功：${cause}`,
  en: (cause) => `That did not work: ${cause}`,
};

/** Why a rescue is not taken over, and what to do. */
export const rescueFaultWords: Readonly<Record<RescueFault, Bilingual>> = {
  "not-a-rescue": {
    zh: "这不是从终端转移出来的文件。请选择以 .glr 结尾的文件。",
    en: "This was not saved off a terminal. Choose a file that ends in .glr.",
  },
  "too-large": { zh: "这个文件太大，不是终端保存的。", en: "This file is larger than any that a terminal saves." },
  truncated: { zh: "文件不完整。请在原终端上重新保存。", en: "The file is not whole. Save it again at its terminal." },
  foreign: {
    zh: "这些记录属于另一个运营方。请带到他们的服务器。",
    en: "These entries are another operator's. Bring them to that operator's server.",
  },
  altered: {
    zh: "内容有损坏。请在原终端上重新保存。",
    en: "Something in it is damaged. Take it off its terminal again.",
  },
  malformed: {
    zh: "这个版本读不懂这个文件。请更新后再试。",
    en: "This version cannot read it. Update this terminal and try again.",
  },
};
