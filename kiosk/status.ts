/** The small honest line beside every screen: what waits to be sent, how old what we know is, what staff should see to. */
import type { Bundle } from "../shared/bundle.ts";
import type { Policy } from "../shared/policy.ts";
import type { Instant } from "../shared/terms.ts";
import type { InForce } from "./reading.ts";
import type { Freshness, Status } from "./session.ts";

export type Known = {
  readonly inForce: InForce | null;
  /** Whose list the terminal needs. */
  readonly programme: string;
  readonly now: Instant;
  readonly pending: number;
  readonly isOnline: boolean;
  readonly alarms: readonly string[];
};

export const nothingKnown: Status = { pending: 0, isOnline: false, artefacts: [], alarms: [] };

export const statusOf = ({ inForce, programme, now, pending, isOnline, alarms }: Known): Status => ({
  pending,
  isOnline,
  alarms,
  artefacts: (["trust", "policy", "list"] as const).map((name) => {
    if (inForce === null || (name === "list" && !hasList(inForce.bundle, programme))) {
      return { name, ageSeconds: null, freshness: "never" };
    }
    // A clock that was set back makes nothing fresher.
    const ageSeconds = Math.abs(now - inForce.checkedAt);
    return { name, ageSeconds, freshness: freshnessOf(ageSeconds, inForce.bundle.policy) };
  }),
});

const freshnessOf = (ageSeconds: number, policy: Policy): Freshness => {
  if (ageSeconds <= policy.ageingSeconds) return "fresh";
  return ageSeconds <= policy.perkGraceSeconds ? "ageing" : "stale";
};

const hasList = (bundle: Bundle, programme: string): boolean =>
  bundle.lists.some((each) => each.programme === programme);
