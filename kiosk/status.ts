/**
 * The small honest line beside every screen: what waits to be sent, how old what we know is, what staff should see to.
 *
 * The ladder of what we know, from when it was last confirmed:
 *
 *     fresh     up to the policy's ageingSeconds
 *     ageing    older                                     nothing changes
 *     stale     the manifest has expired                  nothing changes, within the policy's perkGraceSeconds
 *     expired   past the grace                            ordinary terms, owed
 *     never     not here                                  ordinary terms, owed
 *
 * The last quarter of the grace says when it ends, before it does.
 */
import type { Bundle } from "../shared/bundle.ts";
import type { Instant } from "../shared/terms.ts";
import { issuerOf } from "../shared/trust.ts";
import type { InForce } from "./reading.ts";
import type { Freshness, Progress, Status } from "./session.ts";

export type Known = {
  readonly version: string;
  readonly inForce: InForce | null;
  /** Whose list the terminal needs. */
  readonly programme: string;
  readonly now: Instant;
  readonly pending: number;
  readonly isOnline: boolean;
  readonly download: Progress | null;
  readonly alarms: readonly string[];
};

export const nothingKnown: Status = {
  version: "",
  pending: 0,
  isOnline: false,
  artefacts: [],
  ordinaryInSeconds: null,
  download: null,
  isBadgeNeeded: false,
  alarms: [],
};

export const statusOf = ({ inForce, programme, now, version, pending, isOnline, download, alarms }: Known): Status => ({
  version,
  pending,
  isOnline,
  download,
  alarms,
  isBadgeNeeded: inForce !== null && hasBadges(inForce.bundle, now),
  ordinaryInSeconds: inForce === null ? null : ordinaryInSeconds(inForce, now),
  artefacts: (["trust", "policy", "list", "staff"] as const).map((name) => {
    if (inForce === null || (name === "list" && !hasList(inForce.bundle, programme))) {
      return { name, ageSeconds: null, freshness: "never" };
    }
    return { name, ageSeconds: ageOf(inForce, now), freshness: freshnessOf(inForce, now) };
  }),
});

export const freshnessOf = (inForce: InForce, now: Instant): Freshness => {
  const { manifest, policy } = inForce.bundle;
  const ageSeconds = ageOf(inForce, now);
  if (ageSeconds > policy.perkGraceSeconds) return "expired";
  if (manifest.expiresAt <= now) return "stale";
  return ageSeconds <= policy.ageingSeconds ? "fresh" : "ageing";
};

/** Null where more than a quarter of the grace is left. */
export const ordinaryInSeconds = (inForce: InForce, now: Instant): number | null => {
  const { perkGraceSeconds } = inForce.bundle.policy;
  const left = perkGraceSeconds - ageOf(inForce, now);
  return left > perkGraceSeconds / 4 ? null : Math.max(0, left + 1);
};

/** A clock that was set back makes nothing fresher. */
const ageOf = ({ checkedAt }: InForce, now: Instant): number => Math.abs(now - checkedAt);

const hasList = (bundle: Bundle, programme: string): boolean =>
  bundle.lists.some((each) => each.programme === programme);

/** Where nobody has a badge yet, none is asked for. */
export const hasBadges = ({ trust }: Bundle, now: Instant): boolean =>
  [...trust].some(([kid, { entry }]) => entry.use === "staff" && issuerOf(trust, kid, now) !== null);
