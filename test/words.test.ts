/** The words on the screens: there is one for everything, in both languages, and none that accuses or reveals. */
import { describe, expect, test } from "vitest";
import { formatAge, formatDay, formatDuration, formatMoney, formatShare } from "../kiosk/ui/format.ts";
import * as general from "../kiosk/ui/words.ts";
import * as handOver from "../kiosk/ui/words-hand-over.ts";
import * as headings from "../kiosk/ui/words-headings.ts";
import * as library from "../kiosk/ui/words-library.ts";
import { referWords, referWordsOf, stepWords } from "../kiosk/ui/words-refer.ts";
import { resultWords } from "../kiosk/ui/words-result.ts";
import * as services from "../kiosk/ui/words-services.ts";
import * as staff from "../kiosk/ui/words-staff.ts";
import { referReasons, serviceNames } from "../shared/terms.ts";
import { faults } from "../shared/verify.ts";

const reasons = [...faults, ...referReasons, "payment-refused", "payment-away"] as const;

type Said = { readonly path: string; readonly language: string; readonly text: string };

/** `laneOf` finds words that are in the others. */
const withoutFunctions = (tree: object): object =>
  Object.fromEntries(Object.entries(tree).filter(([, each]) => typeof each !== "function"));

/** Every text in a tree of words; those with something in them are said with an example. */
const textsIn = (tree: unknown, path: string): readonly Said[] =>
  Object.entries(tree as object).flatMap(([key, value]): readonly Said[] => {
    const here = `${path}.${key}`;
    if (typeof value === "string" && (key === "zh" || key === "en"))
      return [{ path: here, language: key, text: value }];
    if (typeof value === "function") return [{ path: here, language: key, text: String(value("7")) }];
    return typeof value === "object" && value !== null ? textsIn(value, here) : [];
  });

const all = [
  ...textsIn(general, "words"),
  ...textsIn(handOver, "hand-over"),
  ...textsIn(library, "library"),
  ...textsIn(headings, "headings"),
  ...textsIn(staff, "staff"),
  ...textsIn(referWords, "refer"),
  ...textsIn(stepWords, "step"),
  ...textsIn(resultWords, "result"),
  ...textsIn(withoutFunctions(services), "services"),
];

describe("every reason to refer somebody", () => {
  test.each(reasons)("%s: what happened, and what to do, in both languages", (reason) => {
    const { happened, steps } = referWords[reason];
    for (const language of ["zh", "en"] as const) {
      expect(happened[language]).not.toBe("");
      for (const step of steps) for (const each of serviceNames) expect(stepWords[step][each][language]).not.toBe("");
    }
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.length).toBeLessThanOrEqual(3);
  });

  test.each(reasons)("%s leads on: by the ordinary way, or by staff", (reason) => {
    expect(referWords[reason].steps.some((step) => step === "ordinary" || step === "staff")).toBe(true);
  });

  test("a credential that was taken back is said like one from elsewhere", () => {
    expect(referWords.revoked).toBe(referWords["unknown-issuer"]);
  });

  test("a reason from a newer policy is said as a code of no use here, also one named like a method", () => {
    expect(referWordsOf("invented-tomorrow")).toBe(referWords.revoked);
    expect(referWordsOf("toString")).toBe(referWords.revoked);
    expect(referWordsOf("stale")).toBe(referWords.stale);
  });
});

describe("no text", () => {
  test("is missing or in the wrong language", () => {
    expect(all.length).toBeGreaterThan(150);
    const chinese = /\p{Script=Han}/u;
    const wrong = all.filter(({ path, language, text }) => {
      if (path.includes("inOtherLanguage")) return false;
      return text.trim() === "" || chinese.test(text) !== (language === "zh");
    });
    expect(wrong).toEqual([]);
  });

  test("reveals a band, a score or a suspicion", () => {
    const english =
      /score|band\b|credit|perk|tier|rating|revok|suspen|blacklist|fraud|forg|fake|suspic|invalid|denied|refus|reject|illegal|cheat|signature/i;
    const chinese =
      /信用|分数|积分|评分|等级|档次|优惠|吊销|撤销|冻结|黑名单|失信|可疑|伪造|作弊|违规|非法|拒绝|签名|无效/;
    expect(all.filter(({ text }) => english.test(text) || chinese.test(text))).toEqual([]);
  });

  test("blames: what went wrong with a code is never the citizen's doing", () => {
    const referred = all.filter(({ path }) => path.startsWith("refer") || path.startsWith("step"));
    expect(
      referred.filter(({ text }) => /your fault|you (failed|must|have to)|wrong|您(必须|错)|错误/i.test(text)),
    ).toEqual([]);
  });
});

describe("as people write it", () => {
  test.each([
    [formatMoney(10_000, "CNY", "zh"), "¥100.00"],
    [formatMoney(0, "CNY", "en"), "¥0.00"],
    [formatMoney(500, "JPY", "en"), "¥500"],
    [formatMoney(1_234, "KWD", "en"), "KWD\u00a01.234"],
    [formatShare(800, "en"), "80%"],
    [formatShare(905, "zh"), "90.5%"],
    [formatDuration(30 * 86_400, "en"), "30 days"],
    [formatDuration(30 * 86_400, "zh"), "30天"],
    [formatDuration(10_800, "en"), "3 hours"],
    [formatDuration(5_400, "en"), "90 minutes"],
    [formatDuration(61, "en"), "61 seconds"],
    [formatDuration(0, "en"), "0 minutes"],
    [formatAge(59, "en"), null],
    [formatAge(7_300, "zh"), "2小时"],
    [formatDay(1_799_000_000, "en"), expect.stringMatching(/^[34] Jan 2027$/)],
    [formatDay(1_799_000_000, "zh"), expect.stringMatching(/^2027年1月[34]日$/)],
  ])("%s", (written, expected) => {
    expect(written).toEqual(expected);
  });
});
