/**
 * How every terminal fares, as the console shows it: what the registry knows, what its log said last, and what it reported
 * of itself. The worst come first.
 *
 *     revoked     shut out
 *     waiting     not enrolled yet
 *     silent      nothing heard for five minutes
 *     attention   something is to be seen to: its causes say what
 *     well
 */
import { type TerminalHealth, type TerminalState, terminalStates } from "../shared/admin.ts";
import type { Instant } from "../shared/terms.ts";
import { isDeskId } from "./order-log.ts";
import type { Registry, TerminalRow } from "./ports.ts";
import { type DayCount, daySeconds, type KeptHealth, type Latest, type SurveyStore } from "./survey.ts";

export const silentSeconds = 300;
/** Perks end within so long, should nothing more get through. */
const freshnessSeconds = 24 * 3600;
const pendingMax = 500;
const storageMax = 0.9;
/** The share of ordinary terms for a cause of ours, once there is something to take a share of. */
const technicalMax = 0.02;
const permitsMin = 50;

export type BoardEdges = {
  readonly registry: Pick<Registry, "terminals">;
  readonly survey: Pick<SurveyStore, "latest" | "health" | "days">;
};

export type Board = (now: Instant) => readonly TerminalHealth[];

/** The same for a second, whoever asks: three thousand terminals are read at once. */
export const createBoard = ({ registry, survey }: BoardEdges): Board => {
  let known: { readonly at: Instant; readonly rows: readonly TerminalHealth[] } | null = null;
  return (now) => {
    if (known?.at === now) return known.rows;
    const latest = new Map(survey.latest().map((each) => [each.terminal, each]));
    const health = new Map(survey.health().map((each) => [each.terminal, each]));
    const days = new Map(survey.days(now - (now % daySeconds) - 6 * daySeconds).map((each) => [each.terminal, each]));
    const rows = registry
      .terminals()
      .map((terminal) =>
        healthOf(terminal, latest.get(terminal.id), health.get(terminal.id), days.get(terminal.id), now),
      )
      .sort((a, b) => rankOf(a.state) - rankOf(b.state) || (a.id < b.id ? -1 : 1));
    known = { at: now, rows };
    return rows;
  };
};

const order: readonly TerminalState[] = ["attention", "silent", "waiting", "well", "revoked"];
export const rankOf = (state: TerminalState): number => order.indexOf(state);

const healthOf = (
  { id, profile, key, revokedAt, lastSeenAt }: TerminalRow,
  latest: Latest | undefined,
  health: KeptHealth | undefined,
  days: DayCount | undefined,
  now: Instant,
): TerminalHealth => {
  const { name, site, service, programme } = profile;
  const report = health?.report;
  const { permits = 0, technical = 0 } = days ?? {};
  const mode = report?.mode ?? latest?.mode ?? "";
  const causes = [
    ...(mode.startsWith("out-of-service") ? ["out-of-service"] : []),
    ...((report?.alarms.length ?? 0) > 0 ? ["alarms"] : []),
    ...((report?.ordinaryFrom ?? Infinity) < now + freshnessSeconds ? ["freshness"] : []),
    ...((report?.pending ?? 0) > pendingMax ? ["pending"] : []),
    ...((report?.storage ?? 0) > storageMax ? ["storage"] : []),
    ...(permits >= permitsMin && technical / permits > technicalMax ? ["technical"] : []),
  ];
  const seenAt = Math.max(lastSeenAt ?? 0, health?.at ?? 0);
  const stateOf = (): TerminalState => {
    if (revokedAt !== null) return "revoked";
    if (key === null) return "waiting";
    if (now - seenAt > silentSeconds && !isDeskId(id)) return "silent";
    return causes.length > 0 ? "attention" : "well";
  };
  return {
    ...{ id, name, site, service, programme, state: stateOf(), causes },
    alarms: report?.alarms ?? [],
    lastSeenAt: seenAt === 0 ? null : seenAt,
    lastEntryAt: latest?.at ?? null,
    app: report?.app ?? latest?.app ?? null,
    manifest: report?.manifest ?? latest?.manifest ?? null,
    pending: report?.pending ?? null,
    ordinaryFrom: report?.ordinaryFrom ?? null,
    p95: report?.latency.find(({ stage }) => stage === "all")?.p95 ?? null,
    storage: report?.storage ?? null,
    ...{ permits, technical },
  };
};

export const countStates = (rows: readonly TerminalHealth[]): Record<TerminalState, number> => {
  const counts = Object.fromEntries(terminalStates.map((state) => [state, 0])) as Record<TerminalState, number>;
  for (const { state } of rows) counts[state] += 1;
  return counts;
};
