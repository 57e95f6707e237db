import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followSite } from "../kiosk/adapters/site-events.ts";
import type { SpentCode } from "../shared/messages.ts";

/** The terminal's end of `GET /v1/site/events`, against answers of every kind. */

const spent: SpentCode = { identity: "a".repeat(64), at: 1_000, windowUntil: 1_090 };
const line = `${JSON.stringify(spent)}\n`;

type Answer = { readonly say: (text: string) => void; readonly end: () => void; readonly signal: AbortSignal };

let answers: Answer[];
let heard: SpentCode[];
let isOnline: boolean;
let onChange: () => void;
let status: number;

beforeEach(() => {
  vi.useFakeTimers();
  [answers, heard, isOnline, status] = [[], [], true, 200];
});
afterEach(() => {
  isOnline = false;
  onChange();
  vi.useRealTimers();
});

const follow = (): void =>
  followSite({
    open: async (signal) => {
      let reply: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => {
          reply = controller;
        },
      });
      signal.addEventListener("abort", () => {
        try {
          reply?.error(signal.reason);
        } catch {
          // It has ended.
        }
      });
      answers.push({
        say: (text) => reply?.enqueue(new TextEncoder().encode(text)),
        end: () => reply?.close(),
        signal,
      });
      return new Response(body, { status });
    },
    reach: {
      isOnline: () => isOnline,
      onChange: (callback) => {
        onChange = callback;
      },
    },
    hear: (each) => heard.push(each),
  });

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const settle = () => pass(0);

it("hears each line, however it is cut, and passes over those that only say that it holds", async () => {
  follow();
  await settle();
  answers[0]?.say(`\n${line.slice(0, 20)}`);
  await settle();
  answers[0]?.say(`${line.slice(20)}\n${line}`);
  await settle();
  expect(heard).toEqual([spent, spent]);
  expect(answers).toHaveLength(1);
});

it("asks again when the answer ends, later each time, and soon again once it has heard something", async () => {
  follow();
  await settle();
  const seconds: number[] = [];
  for (let time = 0; time < 8; time++) {
    const before = answers.length;
    answers.at(-1)?.end();
    let waited = 0;
    for (; answers.length === before; waited += 250) await pass(250);
    seconds.push(waited / 1000);
  }
  for (const [time, waited] of seconds.entries()) {
    const most = Math.min(60, 2 ** time);
    expect(waited).toBeGreaterThanOrEqual(most / 2 - 0.25);
    expect(waited).toBeLessThanOrEqual(most + 0.5);
  }
  answers.at(-1)?.say("\n");
  await settle();
  const before = answers.length;
  answers.at(-1)?.end();
  await pass(1_250);
  expect(answers).toHaveLength(before + 1);
});

it.each([
  ["no line of ours", `{"identity":"x"}\n`],
  ["no JSON", "<html>\n"],
  ["a line without an end", "x".repeat(1_001)],
])("leaves an answer that is %s, and asks again", async (_, said) => {
  follow();
  await settle();
  answers[0]?.say(said);
  await pass(1_250);
  expect(answers[0]?.signal.aborted).toBe(true);
  expect(answers).toHaveLength(2);
  expect(heard).toEqual([]);
});

it("leaves an answer that is silent for 40 s", async () => {
  follow();
  await settle();
  await pass(30_000);
  answers[0]?.say("\n");
  await pass(39_000);
  expect(answers[0]?.signal.aborted).toBe(false);
  await pass(3_000);
  expect(answers[0]?.signal.aborted).toBe(true);
  expect(answers).toHaveLength(2);
});

it("asks nobody while the server cannot be reached, and at once when it can", async () => {
  isOnline = false;
  follow();
  await pass(120_000);
  expect(answers).toEqual([]);
  isOnline = true;
  onChange();
  await settle();
  expect(answers).toHaveLength(1);
  isOnline = false;
  onChange();
  await pass(120_000);
  expect(answers[0]?.signal.aborted).toBe(true);
  expect(answers).toHaveLength(1);
  isOnline = true;
  onChange();
  await settle();
  expect(answers).toHaveLength(2);
});

it("asks again after a refusal, and reads nothing of it", async () => {
  status = 429;
  follow();
  await settle();
  expect(answers[0]?.signal.aborted).toBe(true);
  await pass(1_250);
  expect(answers).toHaveLength(2);
  expect(heard).toEqual([]);
});

it("follows for one terminal of a browser at a time", async () => {
  follow();
  await settle();
  const [first, second] = [onChange, () => {}];
  follow();
  await pass(10_000);
  expect(answers).toHaveLength(1);
  answers[0]?.end();
  await settle();
  expect(answers).toHaveLength(2);
  first();
  second();
});
