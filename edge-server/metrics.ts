/**
 * What /metrics tells (Prometheus text, 0.0.4): counted since the start from the events of events.ts, and looked up when
 * asked. Labels come from closed lists: no terminal, no site, nobody.
 */
import { type EventName, events, type WriteLog } from "./events.ts";

/** `labels` in the order in which they stand. */
export type Gauge = {
  readonly name: string;
  readonly about: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
};

export type Metrics = {
  /** The same, counting what passes. */
  readonly watch: (write: WriteLog) => WriteLog;
  readonly text: (gauges: readonly Gauge[]) => string;
};

/** Seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export const createMetrics = (): Metrics => {
  const counts = new Map<EventName, number>((Object.keys(events) as EventName[]).map((name) => [name, 0]));
  const statuses = new Map<string, number>();
  const within = buckets.map(() => 0);
  let seconds = 0;

  const countRequest = (status: number, milliseconds: number): void => {
    const key = `${Math.floor(status / 100)}xx`;
    statuses.set(key, (statuses.get(key) ?? 0) + 1);
    seconds += milliseconds / 1000;
    for (const [index, bucket] of buckets.entries()) {
      if (milliseconds / 1000 <= bucket) within[index] = (within[index] ?? 0) + 1;
    }
  };

  return {
    watch: (write) => (line) => {
      counts.set(line.event, (counts.get(line.event) ?? 0) + 1);
      if (line.event === "request") countRequest(Number(line.status), Number(line.milliseconds));
      write(line);
    },
    text: (gauges) => {
      const requests = counts.get("request") ?? 0;
      return [
        ...family("greenlane_events_total", "counter", "Lines of the log by event", [
          ...[...counts].map(([event, value]) => ({ labels: { event }, value })),
        ]),
        ...family("greenlane_requests_total", "counter", "Requests by class of status", [
          ...[...statuses].sort().map(([status, value]) => ({ labels: { status }, value })),
        ]),
        "# HELP greenlane_request_seconds How long requests took",
        "# TYPE greenlane_request_seconds histogram",
        ...buckets.map((bucket, index) => `greenlane_request_seconds_bucket{le="${bucket}"} ${within[index]}`),
        `greenlane_request_seconds_bucket{le="+Inf"} ${requests}`,
        `greenlane_request_seconds_sum ${seconds}`,
        `greenlane_request_seconds_count ${requests}`,
        ...gauges.flatMap(({ name, about, values }) => family(name, "gauge", about, values)),
        "",
      ].join("\n");
    },
  };
};

const family = (name: string, type: "counter" | "gauge", about: string, values: Gauge["values"]): readonly string[] => [
  `# HELP ${name} ${about}`,
  `# TYPE ${name} ${type}`,
  ...values.map(({ labels = {}, value }) => `${name}${labelsOf(labels)} ${value}`),
];

const labelsOf = (labels: Readonly<Record<string, string>>): string => {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll(/["\\\n]/g, "_")}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
};
