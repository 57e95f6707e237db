/** The headings of what is fetched when it is needed (later-screens.ts), and what stands in place of ready. They are said at once. */
import type { Bilingual } from "../../shared/policy.ts";
import type { HandOver, StaffScreen } from "../session.ts";

export const staffTitles: Readonly<Record<StaffScreen["stage"], Bilingual>> = {
  choices: { zh: "工作人员", en: "Staff" },
  reason: { zh: "原因", en: "Why?" },
  dock: { zh: "哪个车位？", en: "Which dock?" },
  item: { zh: "请扫描这件物品", en: "Scan the item" },
  "blocked-items": { zh: "哪件物品？", en: "Which item?" },
  second: { zh: "请另一位同事出示工作证", en: "A colleague’s badge, please" },
  key: { zh: "请触摸您的安全密钥", en: "Touch your security key" },
  machine: { zh: "这台终端", en: "This terminal" },
  objection: { zh: "已按普通条件办理", en: "Served on ordinary terms" },
  refused: { zh: "这张工作证在这里用不了", en: "This badge does not work here" },
};

export const handOverTitles: Readonly<Record<HandOver["stage"], Bilingual>> = {
  menu: { zh: "转移未上传的记录", en: "Hand over unsent entries" },
  moving: { zh: "请用另一台终端读取", en: "Hold this before another terminal" },
  taking: { zh: "请对准另一台终端的动态码", en: "Show the other terminal's moving code" },
};

export const passageWords: Readonly<Record<"free" | "alarm", { readonly title: Bilingual; readonly next: Bilingual }>> =
  {
    free: {
      title: { zh: "请直接通行", en: "Please walk through" },
      next: { zh: "现在不需要出示二维码。", en: "No code is needed now." },
    },
    alarm: {
      title: { zh: "请由此离开", en: "Please leave this way" },
      next: { zh: "闸机已打开。请听从工作人员指引。", en: "Everything is open. Please follow the staff." },
    },
  };

export const cameraOutTitle: Bilingual = { zh: "这里的摄像头暂停使用。", en: "The camera here is out of service." };
