/** What /metrics tells: as Prometheus reads it (text format 0.0.4), and nobody's name in it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { events, type LogLine } from "../edge-server/events.ts";
import { createMetrics } from "../edge-server/metrics.ts";
import type { Profile } from "../shared/messages.ts";
import { type AdminWorld, openAdminWorld, password } from "./admin-world.ts";
import { waitUntil } from "./live-city.ts";
import { drawKey } from "./sample.ts";
import { createTerminal, sendSigned } from "./world.ts";

const samplesIn = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );

it("counts events, requests by status and time, each bucket with those below it", () => {
  const metrics = createMetrics();
  const passed: LogLine[] = [];
  const write = metrics.watch((line) => void passed.push(line));
  for (const [status, milliseconds] of [
    [200, 5],
    [204, 6],
    [404, 11_000],
  ]) {
    write({ event: "request", status, milliseconds } as LogLine);
  }
  write({ event: "console-refused", cause: "other-origin" } as LogLine);
  const samples = samplesIn(metrics.text([]));
  expect(passed).toHaveLength(4);
  expect(samples.get('greenlane_events_total{event="request"}')).toBe(3);
  expect(samples.get('greenlane_events_total{event="console-refused"}')).toBe(1);
  expect(samples.get('greenlane_requests_total{status="2xx"}')).toBe(2);
  expect(samples.get('greenlane_requests_total{status="4xx"}')).toBe(1);
  const within = ["0.005", "0.01", "10", "+Inf"].map((le) =>
    samples.get(`greenlane_request_seconds_bucket{le="${le}"}`),
  );
  expect(within).toEqual([1, 2, 2, 3]);
  expect(samples.get("greenlane_request_seconds_count")).toBe(3);
  expect(samples.get("greenlane_request_seconds_sum")).toBeCloseTo(11.011);
  for (const event of Object.keys(events)) expect(samples.has(`greenlane_events_total{event="${event}"}`)).toBe(true);
});

it("says of each family what it is before its samples, once; a label breaks no line", () => {
  const text = createMetrics().text([
    { name: "greenlane_x", about: "Of x", values: [{ labels: { a: 'b"\n\\c', d: "e" }, value: 1.5 }] },
  ]);
  expect(text.endsWith("\n")).toBe(true);
  expect(text).toContain('# HELP greenlane_x Of x\n# TYPE greenlane_x gauge\ngreenlane_x{a="b___c",d="e"} 1.5\n');
  const told = new Set<string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const type = /^# TYPE (\S+) (?:counter|gauge|histogram)$/.exec(line)?.[1];
    if (type !== undefined) {
      expect(told.has(type)).toBe(false);
      told.add(type);
    } else if (!line.startsWith("# HELP ")) {
      const [, name = ""] = /^([a-z_]+)(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? \S+$/.exec(line) ?? [];
      expect(told.has(name.replace(/_(bucket|sum|count)$/, "")) || told.has(name), line).toBe(true);
    }
  }
});

let world: AdminWorld;
beforeEach(async () => {
  world = await openAdminWorld();
});
afterEach(() => world.close());

it("has how the city fares: entries, overrides, terminals by state, alerts; and names nobody", async () => {
  const key = await drawKey("P-256");
  const profile: Profile = {
    ...({ service: "metro", action: "entry" } as const),
    ...{ programme: "here", site: "east-gate-of-all", name: "East 1" },
    actuator: "simulated",
  };
  world.registry.putTerminal({ id: "gate-1", profile, key: key.jwk, enrolledAt: 1, revokedAt: null, lastSeenAt: null });
  const terminal = await createTerminal("gate-1", key);
  await terminal.write({ kind: "started", app: "1", newEpoch: true });
  await terminal.write({ kind: "release", cause: "alarm" });
  expect((await sendSigned(world.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
  await waitUntil(async () => world.survey.count() === 2);
  await world.ask("POST", "/sessions", { json: { name: "lin.mei", password } });

  const answer = await world.app.request(`${world.url}/metrics`);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const samples = samplesIn(text);
  expect(samples.get("greenlane_entries")).toBe(2);
  expect(samples.get("greenlane_entries_behind")).toBe(0);
  expect(samples.get("greenlane_overrides_open")).toBe(1);
  expect(samples.get('greenlane_terminals{state="well"}')).toBe(1);
  expect(samples.get('greenlane_terminals{state="silent"}')).toBe(0);
  expect(samples.get('greenlane_alerts{what="manifest",severity="now"}')).toBe(0);
  for (const name of ["gate-1", "east-gate-of-all", "East 1", "lin.mei"]) expect(text).not.toContain(name);
});
