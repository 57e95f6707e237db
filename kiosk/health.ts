/**
 * Tells the server how this terminal fares (shared/health.ts), once a minute for as long as it serves. It is only told: a
 * report that does not get through is not kept, and nothing here waits for it.
 */
import { type HealthReport, healthEverySeconds } from "../shared/health.ts";
import type { Instant } from "../shared/terms.ts";
import type { Latency } from "./latency.ts";
import type { Clock } from "./ports.ts";
import type { InForce } from "./reading.ts";
import type { Screen, Status } from "./session.ts";

export type Fares = {
  readonly screen: Screen["name"];
  readonly status: Status;
  readonly inForce: InForce | null;
  readonly latency: Latency;
  /** The share of the room that is used; null where it cannot be told. */
  readonly storage: number | null;
};

export const reportOf = ({ screen, status, inForce, latency, storage }: Fares): HealthReport => ({
  v: 1,
  app: status.version.slice(0, 40),
  mode: screen === "out-of-service" ? "out-of-service" : "in-service",
  manifest: inForce?.bundle.manifest.version ?? null,
  checkedAt: inForce?.checkedAt ?? null,
  ordinaryFrom: inForce === null ? null : inForce.checkedAt + inForce.bundle.policy.perkGraceSeconds + 1,
  pending: status.pending,
  storage: storage === null ? null : Math.min(1, storage),
  alarms: status.alarms.slice(0, 20).map((alarm) => alarm.slice(0, 300)),
  latency: latency.map(({ stage, count, p50, p95, p99 }) => {
    const bounded = (value: number) => Math.min(3_600_000, Math.max(0, value));
    return { stage, count, p50: bounded(p50), p95: bounded(p95), p99: bounded(p99) };
  }),
});

export type HealthEdges = {
  readonly fares: () => Promise<Fares>;
  readonly send: (report: HealthReport, at: Instant) => Promise<void>;
  readonly now: () => Instant;
  readonly clock: Pick<Clock, "after">;
};

export const tellHealth = ({ fares, send, now, clock }: HealthEdges): void => {
  const tell = async (): Promise<void> => {
    try {
      await send(reportOf(await fares()), now());
    } catch {
      // No network, or no server: the next report says it all again.
    }
    clock.after(healthEverySeconds, () => void tell());
  };
  clock.after(firstSeconds, () => void tell());
};

/** Once it serves. */
const firstSeconds = 5;
