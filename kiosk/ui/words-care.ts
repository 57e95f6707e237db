/** What staff read of reading and sounding. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Stage } from "../session.ts";

export const careWords = {
  camera: { zh: "摄像头", en: "Camera" },
  light: { zh: "补光灯", en: "Light" },
  volume: { zh: "音量", en: "Volume" },
  voice: { zh: "语音播报", en: "Voice" },
  latency: { zh: "每次刷码耗时（毫秒）", en: "Time of a tap (ms)" },
  stage: { zh: "步骤", en: "Step" },
} as const satisfies Readonly<Record<string, Bilingual>>;

export const stageNames: Readonly<Record<Stage, Bilingual>> = {
  frame: { zh: "取帧", en: "Frame" },
  decode: { zh: "解码", en: "Decode" },
  verify: { zh: "核验", en: "Verify" },
  decide: { zh: "判定", en: "Decide" },
  append: { zh: "写入", en: "Write down" },
  act: { zh: "下令", en: "Command" },
  all: { zh: "合计", en: "In all" },
};
