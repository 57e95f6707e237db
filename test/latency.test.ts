/** How long taps take, by hand-made times. */
import { describe, expect, test } from "vitest";
import { createLatency } from "../kiosk/latency.ts";
import type { Actuator } from "../kiosk/ports.ts";

const gate: Actuator = { perform: async () => ({ outcome: "completed" }), docks: async () => [] };
const of = { epoch: "e", seq: 1 } as never;

const createWatch = () => {
  const time = { now: 0 };
  const watch = createLatency(() => time.now);
  const told = watch.watchCommands(gate);
  const stage = (name: string) => watch.summary().find((each) => each.stage === name);
  return { time, watch, told, stage };
};

describe("a tap before the camera", () => {
  test("is told stage by stage, and the machine's own time is none of it", async () => {
    const { time, watch, told, stage } = createWatch();
    watch.sight({ text: "A", seenAt: 1_000, copiedAt: 1_001, readAt: 1_006 });
    watch.record(1_000, 1_013, { askedAt: 1_009, decidedAt: 1_010 });
    time.now = 1_014;
    await told.perform({ kind: "open-gate" }, of);
    time.now = 9_000;
    expect(watch.summary().map((each) => [each.stage, each.p50])).toEqual([
      ["frame", 1],
      ["decode", 5],
      ["verify", 3],
      ["decide", 1],
      ["append", 3],
      ["act", 1],
      ["all", 14],
    ]);
    expect(stage("all")?.count).toBe(1);
  });

  test("is that of the sighting it began with, though the code was seen again since", () => {
    const { time, watch, stage } = createWatch();
    watch.sight({ text: "A", seenAt: 900, copiedAt: 920, readAt: 990 });
    watch.sight({ text: "A", seenAt: 1_000, copiedAt: 1_001, readAt: 1_006 });
    watch.sight({ text: "A", seenAt: 1_033, copiedAt: 1_053, readAt: 1_059 });
    watch.record(1_000, 1_060, { askedAt: 1_058, decidedAt: 1_059 });
    time.now = 9_000;
    expect([stage("frame")?.p50, stage("decode")?.p50, stage("verify")?.p50]).toEqual([1, 5, 52]);
  });
});

test("a tap by keys has neither frame nor decode, and one that moves nothing ends when it is durable", () => {
  const { time, watch } = createWatch();
  watch.sight({ text: "A", seenAt: 1_000 });
  watch.record(1_000, 1_006, { askedAt: 1_002, decidedAt: 1_003 });
  watch.record(2_000, 2_006, { askedAt: 2_002, decidedAt: 2_003 });
  time.now = 9_000;
  expect(watch.summary().map(({ stage, count, p50 }) => [stage, count, p50])).toEqual([
    ["verify", 2, 2],
    ["decide", 2, 1],
    ["append", 2, 3],
    ["all", 1, 6],
  ]);
});

test("p50, p95 and p99 are of the newest thousand", () => {
  const { time, watch, stage } = createWatch();
  for (let tap = 0; tap < 1_500; tap++) {
    const at = 1_000 * tap;
    watch.record(at, at + tap, { askedAt: at, decidedAt: at });
  }
  time.now = 1e9;
  expect(stage("append")).toEqual({ stage: "append", count: 1_000, p50: 999, p95: 1_449, p99: 1_489 });
});
