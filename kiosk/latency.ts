/**
 * How long each step of a tap takes, of the newest thousand:
 *
 *     frame    the camera's frame is there      -> its pixels are copied
 *     decode                                    -> its text is read
 *     verify   the text is here                 -> verified and looked up
 *     decide                                    -> decided, and room made in the log
 *     append                                    -> durable
 *     act                                       -> the machine is told
 *     all      the frame (or last key) is there -> the machine is told; durable, where it is told nothing
 *
 * Milliseconds. A scanner with keys has neither frame nor decode.
 */
import type { Steps } from "./lane.ts";
import type { Actuator, Scan } from "./ports.ts";
import type { Stage } from "./session.ts";

export const stages: readonly Stage[] = ["frame", "decode", "verify", "decide", "append", "act", "all"];

export type Quantiles = { readonly p50: number; readonly p95: number; readonly p99: number };

export type Latency = readonly (Quantiles & { readonly stage: Stage; readonly count: number })[];

export type LatencyWatch = {
  readonly sight: (scan: Scan) => void;
  readonly record: (seenAt: number, recordedAt: number, steps: Steps) => void;
  /** The same machine, with the moment noted at which it is told. */
  readonly watchCommands: (actuator: Actuator) => Actuator;
  /** Of the stages that have been seen. Drawn with every screen, so it may be a second old: no tap waits for it. */
  readonly summary: () => Latency;
};

const tapsMax = 1_000;
const scansMax = 30;
const summedMilliseconds = 1_000;

export const createLatency = (ticks: () => number): LatencyWatch => {
  const times = new Map<Stage, number[]>();
  /** The newest ones: held up, a code is seen again while its first sighting is still being worked on. */
  const scans: Scan[] = [];
  /** A tap that was recorded, until the machine is told or the next one comes. */
  let open: { readonly seenAt: number; readonly recordedAt: number } | null = null;

  let summed: Latency = [];
  let summedAt = Number.NEGATIVE_INFINITY;

  const add = (stage: Stage, milliseconds: number): void => {
    const known = times.get(stage) ?? [];
    times.set(stage, known);
    known.push(milliseconds);
    if (known.length > tapsMax) known.shift();
  };

  const close = (commandedAt: number | null): void => {
    if (open === null) return;
    if (commandedAt !== null) add("act", commandedAt - open.recordedAt);
    add("all", (commandedAt ?? open.recordedAt) - open.seenAt);
    open = null;
  };

  const perform =
    (actuator: Actuator): Actuator["perform"] =>
    (command, of) => {
      close(ticks());
      return actuator.perform(command, of);
    };

  return {
    sight: (scan) => {
      scans.push(scan);
      if (scans.length > scansMax) scans.shift();
    },
    record: (seenAt, recordedAt, { askedAt, decidedAt }) => {
      close(null);
      const scan = scans.find((each) => each.seenAt === seenAt);
      if (scan?.copiedAt !== undefined) add("frame", scan.copiedAt - seenAt);
      if (scan?.copiedAt !== undefined && scan.readAt !== undefined) add("decode", scan.readAt - scan.copiedAt);
      add("verify", askedAt - (scan?.readAt ?? seenAt));
      add("decide", decidedAt - askedAt);
      add("append", recordedAt - decidedAt);
      open = { seenAt, recordedAt };
    },
    watchCommands: (actuator) => ({ ...actuator, perform: perform(actuator) }),
    summary: () => {
      if (ticks() - summedAt < summedMilliseconds) return summed;
      summedAt = ticks();
      summed = stages.flatMap((stage) => {
        const known = times.get(stage);
        return known === undefined ? [] : [{ stage, count: known.length, ...quantilesOf(known) }];
      });
      return summed;
    },
  };
};

const quantilesOf = (values: readonly number[]): Quantiles => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
};
