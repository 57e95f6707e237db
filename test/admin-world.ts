/** A small edge server with its console, without sockets: operators who are signed in, and requests as a browser sends them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { createSqliteOperators } from "../edge-server/adapters/operators-sqlite.ts";
import { createSqliteSurvey } from "../edge-server/adapters/survey-sqlite.ts";
import { openAdmin } from "../edge-server/admin.ts";
import { createApp } from "../edge-server/app.ts";
import type { LogLine } from "../edge-server/events.ts";
import { createExportJobs } from "../edge-server/export-jobs.ts";
import { createMetrics } from "../edge-server/metrics.ts";
import type { OperatorStore } from "../edge-server/operators.ts";
import type { Ledger, Publisher } from "../edge-server/ports.ts";
import { type Rehearse, rehearseLedger } from "../edge-server/rehearse-run.ts";
import { makeWelcomeLink } from "../edge-server/sign-in.ts";
import { watchLedger } from "../edge-server/surveyor.ts";
import type { OperatorRole } from "../shared/admin.ts";
import { openOperatorWorld } from "./operator-world.ts";
import { samplePack } from "./sample.ts";

export type AdminWorld = Awaited<ReturnType<typeof openAdminWorld>>;

export const password = "correct horse battery";

export const openAdminWorld = async (
  given: {
    readonly ledger?: Ledger;
    readonly operators?: OperatorStore;
    readonly hasTls?: boolean;
    readonly proxies?: readonly string[];
    readonly webFolder?: string;
    readonly rehearse?: Rehearse;
    readonly publish?: Publisher["publish"];
  } = {},
) => {
  const world = await openOperatorWorld();
  const { clock, registry, publisher, store, keys } = world;
  registry.putPack(samplePack);
  await publisher.publish();
  const folder = mkdtempSync(join(tmpdir(), "admin-"));
  const operators = given.operators ?? createSqliteOperators(join(folder, "operators.sqlite"));
  const survey = createSqliteSurvey(join(folder, "survey.sqlite"));
  const ledger = given.ledger ?? createSqliteLedger(join(folder, "ledger.sqlite"));
  const hasTls = given.hasTls ?? true;
  const url = hasTls ? "https://edge.example.org" : "http://localhost:8787";
  const lines: LogLine[] = [];
  const metrics = createMetrics();
  const writeLog = metrics.watch((line) => lines.push(line));
  const now = () => clock.now;
  const timers = new Set<() => void>();
  const after = (seconds: number, callback: () => void) => {
    const timer = setTimeout(callback, seconds * 1000);
    const cancel = () => clearTimeout(timer);
    timers.add(cancel);
    return cancel;
  };
  const exports = createExportJobs(join(folder, "exports"), ledger, now);
  const expiries = async () => ({ manifest: null, keys: [], issuers: [], lists: [], certificateUntil: null });
  const publish = given.publish ?? publisher.publish;
  const rehearse = given.rehearse ?? rehearseLedger(ledger);
  const edges = {
    operators,
    survey,
    registry,
    ledger,
    publisher,
    store,
    exports,
    rehearse,
    publish,
    expiries,
    url,
    proxies: given.proxies ?? [],
    hasTls,
  };
  const admin = openAdmin({ ...edges, now, after, writeLog });
  const app = createApp({
    registry,
    ledger: watchLedger(ledger, admin.surveyor.nudge),
    publisher,
    edgeKey: async () => (await publisher.keys()).edge,
    operator: keys.operator,
    enrol: async () => ({ kind: "refused", problem: "code-refused", detail: "used" }),
    issueBadge: null,
    issue: null,
    lostPhone: null,
    demo: null,
    admin: admin.deps,
    passages: null,
    spentCodes: null,
    takeOrder: null,
    metrics: async () => metrics.text(await admin.gauges()),
    webFolder: given.webFolder ?? "/nowhere",
    hasTls,
    now,
    writeLog,
  });

  type Sent = {
    readonly headers?: Readonly<Record<string, string>>;
    readonly json?: unknown;
    readonly body?: string | ReadableStream<Uint8Array>;
    readonly cookie?: string;
  };
  /** As a page of this server asks. */
  const ask = (method: string, path: string, { headers = {}, json, body, cookie }: Sent = {}): Promise<Response> =>
    Promise.resolve(
      app.request(`${url}/v1/admin${path}`, {
        method,
        headers: {
          host: new URL(url).host,
          "sec-fetch-site": "same-origin",
          ...(json === undefined ? {} : { "content-type": "application/json" }),
          ...(cookie === undefined ? {} : { cookie }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(body === undefined ? {} : { body, duplex: "half" }),
      }),
    );

  /** Makes an operator by a one-time link; the cookie of their session. */
  const bringIn = async (name: string, role: OperatorRole): Promise<string> => {
    const link = await makeWelcomeLink(operators, url, { name, role }, clock.now);
    const answer = await ask("POST", "/welcomes", { json: { code: link.split("=")[1], name, password } });
    if (answer.status !== 200) throw new Error(await answer.text());
    return cookieOf(answer);
  };

  return {
    ...{ app, ask, bringIn, clock, lines, url, folder, ledger },
    ...{ operators, survey, registry, publisher, keys, surveyor: admin.surveyor, store, stop: admin.stop },
    acts: () => operators.acts(Number.MAX_SAFE_INTEGER, 100),
    close: async () => {
      await admin.stop();
      for (const cancel of timers) cancel();
      for (const each of [operators, survey, ledger]) await each.close();
      world.close();
      rmSync(folder, { recursive: true });
    },
  };
};

export const cookieOf = (answer: Response): string => answer.headers.get("set-cookie")?.split(";")[0] ?? "";
