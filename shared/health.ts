/**
 * How a terminal fares (`POST /v1/health`), as it says itself: the small honest line of its screen, for whoever is not
 * standing before it. Nothing about anybody. The newest report of each terminal is kept, and it proves nothing: what a
 * terminal did is in its log.
 */
import * as v from "valibot";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(3_600_000));

/** `checkedAt`: when what it knows was last confirmed; null: never. `storage`: the share of its room that is used. */
export const healthReport = v.strictObject({
  v: v.literal(1),
  app: v.pipe(v.string(), v.maxLength(40)),
  mode: v.pipe(v.string(), v.maxLength(40)),
  manifest: v.nullable(count),
  checkedAt: v.nullable(count),
  /** When perks end here, if nothing more is heard of the publisher; null where nothing is known yet. */
  ordinaryFrom: v.nullable(count),
  pending: count,
  storage: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  alarms: v.pipe(v.array(v.pipe(v.string(), v.maxLength(300))), v.maxLength(20)),
  latency: v.pipe(
    v.array(
      v.strictObject({
        stage: v.picklist(["frame", "decode", "verify", "decide", "append", "act", "all"]),
        count,
        p50: milliseconds,
        p95: milliseconds,
        p99: milliseconds,
      }),
    ),
    v.maxLength(7),
  ),
});
export type HealthReport = v.InferOutput<typeof healthReport>;

/** Once in so many seconds, and a terminal of which nothing was heard for three times as long is silent. */
export const healthEverySeconds = 60;
