/** The ladder of what a terminal knows: both sides of every step. */
import { describe, expect, it, test } from "vitest";
import type { InForce } from "../kiosk/reading.ts";
import { freshnessOf, ordinaryInSeconds, statusOf } from "../kiosk/status.ts";
import { now, samplePolicy } from "./sample.ts";

const inForce = (
  expiresAt: number,
  lists: readonly { readonly programme: string }[] = [{ programme: "here" }],
): InForce =>
  ({
    checkedAt: now,
    bundle: {
      trust: new Map(),
      manifest: { expiresAt },
      policy: { ...samplePolicy, ageingSeconds: 100, perkGraceSeconds: 1000 },
      lists,
    },
  }) as unknown as InForce;

/** `age` since it was confirmed; the manifest expires so long after that. */
test.each<[number, number, string, number | null]>([
  [0, 500, "fresh", null],
  [100, 500, "fresh", null],
  [101, 500, "ageing", null],
  [-101, 500, "ageing", null],
  [499, 500, "ageing", null],
  [500, 500, "stale", null],
  [50, 50, "stale", null],
  [749, 500, "stale", null],
  [750, 500, "stale", 251],
  [750, 9999, "ageing", 251],
  [1000, 500, "stale", 1],
  [1000, 9999, "ageing", 1],
  [1001, 500, "expired", 0],
  [1001, 9999, "expired", 0],
  [-1001, 9999, "expired", 0],
  [99_999, 500, "expired", 0],
])("%i s after it was confirmed, expiring after %i s: %s, ordinary in %s", (age, expires, freshness, left) => {
  const known = inForce(now + expires);
  expect(freshnessOf(known, now + age)).toBe(freshness);
  expect(ordinaryInSeconds(known, now + age)).toBe(left);
});

describe("the status", () => {
  const rest = { version: "1", programme: "here", pending: 0, isOnline: true, download: null, alarms: [] };

  it("says it of each artefact, and nothing before there is a bundle", () => {
    const artefacts = statusOf({ ...rest, inForce: inForce(now + 500), now: now + 101 }).artefacts;
    expect(artefacts.map(({ name }) => name)).toEqual(["trust", "policy", "list", "staff"]);
    expect(artefacts.every(({ ageSeconds, freshness }) => ageSeconds === 101 && freshness === "ageing")).toBe(true);
    const none = statusOf({ ...rest, inForce: null, now });
    expect(none.ordinaryInSeconds).toBeNull();
    expect(none.artefacts.every(({ ageSeconds, freshness }) => ageSeconds === null && freshness === "never")).toBe(
      true,
    );
  });

  it("has no list where none of its programme is there", () => {
    const known = inForce(now + 500, [{ programme: "there" }]);
    const { artefacts } = statusOf({ ...rest, inForce: known, now });
    expect(artefacts.map(({ freshness }) => freshness)).toEqual(["fresh", "fresh", "never", "fresh"]);
  });
});
