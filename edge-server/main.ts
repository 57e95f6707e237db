/**
 * The edge server: opens what it keeps, makes the demo city at a first start, and serves until it is told to stop
 * (SIGINT, SIGTERM): then it takes no more connections, finishes what is under way, 10 s at most, and closes its
 * databases. Wiring only.
 *
 * Standard output has the links for whoever started it, then one line of JSON a request.
 */
import { existsSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { getRequestListener } from "@hono/node-server";
import { createSqliteCitizens } from "./adapters/citizens-sqlite.ts";
import { openKeyFiles } from "./adapters/key-files.ts";
import { openLedger } from "./adapters/ledger.ts";
import { openOperators } from "./adapters/operators.ts";
import { openOrderMemory } from "./adapters/order-memory.ts";
import { publishInThread } from "./adapters/publication-thread.ts";
import { createSqlitePublishedStore } from "./adapters/published-sqlite.ts";
import { createSqliteRegistry } from "./adapters/registry-sqlite.ts";
import { createRehearsalThread } from "./adapters/rehearsal-thread.ts";
import { createSqliteSurvey } from "./adapters/survey-sqlite.ts";
import { openAdmin } from "./admin.ts";
import { type AppDeps, createApp } from "./app.ts";
import { createDemoCity, createDemoTerminals, listDemoCitizens, openDemoIssuer, visitorPrefix } from "./demo-city.ts";
import { type Enrolled, enrolTerminal, type LinkEdges, makeEnrolmentLink } from "./enrolment.ts";
import type { LogLine, WriteLog } from "./events.ts";
import { readExpiries } from "./expiries.ts";
import { createExportJobs } from "./export-jobs.ts";
import { createHttpServer } from "./http-server.ts";
import { answerProof } from "./issuer.ts";
import { createLogIntake } from "./log-intake.ts";
import { answerLoss, type LostPhoneEdges, registerRecovery } from "./lost-phone.ts";
import { createMetrics } from "./metrics.ts";
import { createMirror, mirrorRefusal } from "./mirror.ts";
import type { OperatorStore } from "./operators.ts";
import { createOrderDesk } from "./order-desk.ts";
import { createPassages } from "./passages.ts";
import { answerBadgeProof } from "./phone-badge.ts";
import type { Registry, TerminalRow } from "./ports.ts";
import { createPublisher } from "./publisher.ts";
import { type RetentionEdges, startRetention } from "./retention.ts";
import { pathsIn, type Settings, urlOf } from "./settings.ts";
import { makeWelcomeLink } from "./sign-in.ts";
import { createSpentCodes } from "./spent-codes.ts";
import { watchLedger } from "./surveyor.ts";

export type Serving = { readonly url: string; readonly close: () => Promise<void> };

export const stopSecondsMax = 10;
const webFolder = join(import.meta.dirname, "..", "dist");

/** Resolves once it is ready. Throws one clear line where it cannot be. */
export const serve = async (settings: Settings): Promise<Serving> => {
  // Batches, and the console's counting of them, leave much short-lived garbage: V8 would rather take 100 MB more than
  // collect it often. So the old space may grow to twice what was in use, and the new one not at all.
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=100");
  const server = createHttpServer(settings.tls);
  const paths = pathsIn(settings.folder);
  const keys = await openKeyFiles(paths.keys);
  const registry = createSqliteRegistry(paths.registry);
  const citizens = createSqliteCitizens(paths.citizens);
  const ledger = await openLedger(settings);
  const store = createSqlitePublishedStore(paths.published);
  const operators = await openOperators(settings);
  const orders = await openOrderMemory(settings);
  const survey = createSqliteSurvey(paths.survey);
  const closeDatabases = async () => {
    for (const each of [survey, orders, operators, store, ledger, citizens, registry]) await each.close();
  };
  const metrics = createMetrics();
  const writeLog = metrics.watch(printLine);

  try {
    const isMirror = store.isMirror();
    const isDemo = settings.isDemo && !isMirror;
    const publisher = isMirror ? createMirror(store) : createPublisher({ registry, keys, store, now });
    if (isDemo) await createDemoCity({ registry, citizens, keys });
    const issuer = isDemo ? await openDemoIssuer({ registry, citizens, keys }) : null;
    await publisher.current();

    const url = urlOf(settings, await listen(server, settings));
    const links = { registry, publisher, url };
    const { proxies } = settings;
    const hasTls = settings.tls !== null;
    const exports = createExportJobs(paths.exports, ledger, now);
    const expiries = () => readExpiries({ publisher, registry, store, tls: settings.tls });
    const rehearse = createRehearsalThread(settings);
    const publish = async () => {
      await publishInThread(settings.folder);
      return publisher.current();
    };
    const open = { operators, survey, registry, ledger, publisher, store, exports, rehearse, publish, expiries };
    const admin = isMirror ? null : openAdmin({ ...open, url, proxies, hasTls, now, after, writeLog });
    const spentUnread = (cause: string) => writeLog({ event: "spent-unread", cause });
    const spentEdges = { ledger, registry, now, after, onFailed: spentUnread };
    const spentCodes = isMirror ? null : createSpentCodes(spentEdges);
    const watched = watchLedger(ledger, (chain) => {
      for (const each of [admin?.surveyor, spentCodes]) each?.nudge(chain);
    });
    const edgeKey = async () => (await publisher.keys()).edge;
    const takeBatch = createLogIntake(watched, edgeKey);
    const deskEdges = { publisher, store, registry, keys, takeBatch };
    const app = createApp({
      registry,
      ledger: watched,
      admin: admin === null ? null : admin.deps,
      metrics: async () => metrics.text((await admin?.gauges()) ?? []),
      publisher,
      edgeKey: isMirror ? null : edgeKey,
      operator: keys.operator,
      passages: isMirror ? null : createPassages({ ledger, registry }),
      spentCodes,
      takeOrder: isMirror ? null : createOrderDesk({ ...deskEdges, memory: orders, startedAt: now() }),
      enrol: isMirror ? refuseEnrolment : (request, at) => enrolTerminal({ registry, publisher, keys }, request, at),
      issueBadge: isMirror ? null : (proof, at) => answerBadgeProof({ registry, keys }, proof, at),
      issue: issuer === null ? null : (proof, at) => answerProof(issuer, proof, at),
      lostPhone: issuer === null ? null : wireLostPhone({ ...issuer, registry, publish: () => publisher.publish() }),
      demo: isDemo
        ? {
            citizens: () => listDemoCitizens(citizens),
            addTerminals: (services) => createDemoTerminals(links, now(), services),
          }
        : null,
      webFolder,
      hasTls,
      now,
      writeLog,
    });
    server.on("request", getRequestListener(app.fetch));

    const { personalDays } = settings;
    const stopRetention =
      personalDays === null || isMirror ? null : startRetention({ ...timingOf(writeLog), ledger }, personalDays);

    let closing: Promise<void> | null = null;
    const stop = async (): Promise<void> => {
      await Promise.all([stopServer(server), stopRetention?.(), admin?.stop(), spentCodes?.stop()]);
    };
    const close = (): Promise<void> => {
      closing ??= stop().finally(closeDatabases);
      for (const signal of stopSignals) process.off(signal, close);
      return closing;
    };
    for (const signal of stopSignals) process.on(signal, close);
    // Whoever reads that it is ready may end it at once.
    await printLinks({ ...settings, isDemo }, links, isMirror ? null : operators);
    return { url, close };
  } catch (error) {
    server.close();
    await closeDatabases();
    throw error;
  }
};

const wireLostPhone = (edges: LostPhoneEdges): AppDeps["lostPhone"] => ({
  register: (recovery, at) => registerRecovery(edges, recovery, at),
  report: (loss, at) => answerLoss(edges, loss, at),
});

const stopSignals = ["SIGINT", "SIGTERM"] as const;

const refuseEnrolment = async (): Promise<Enrolled> => ({
  kind: "refused",
  problem: "code-refused",
  detail: mirrorRefusal,
});

const now = (): number => Math.floor(Date.now() / 1000);

const after = (seconds: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, seconds * 1000);
  return () => clearTimeout(timer);
};

const timingOf = (writeLog: WriteLog): Omit<RetentionEdges, "ledger"> => ({
  ...{ now, after, random: Math.random },
  say: (result) => writeLog({ event: "erasure", ...result }),
});

const printLine = (line: LogLine): void => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
};

/** The port that is listened on. */
const listen = (server: Server, { host, port }: Settings): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      reject(isTaken ? new Error(`port ${port} is taken by another program: set PORT to a free one`) : error);
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

type Links = LinkEdges & { readonly registry: Registry };

const printLinks = async (settings: Settings, links: Links, operators: OperatorStore | null): Promise<void> => {
  const lines = [`Greenlane is ready: ${links.url}/`];
  if (settings.isDemo) lines.push(`  demo page        ${links.url}/demo/`);
  if (operators !== null) lines.push(`  console          ${await consoleLink(operators, links.url)}`);
  const waiting = settings.isDemo ? links.registry.terminals().filter(isWaiting) : [];
  for (const { id } of waiting) {
    lines.push(`  enrol ${id.padEnd(10)} ${await makeEnrolmentLink(links, id, now())}`);
  }
  if (!existsSync(join(webFolder, "kiosk", "index.html"))) lines.push("The pages are not built yet: npm run build");
  process.stdout.write(`${lines.join("\n")}\n`);
};

/** Before there is an operator, a link that makes the first one, once. */
const consoleLink = async (operators: OperatorStore, url: string): Promise<string> =>
  (await operators.operators()).length > 0
    ? `${url}/console/`
    : makeWelcomeLink(operators, url, { name: null, role: "administrator" }, now());

const isWaiting = ({ id, key, revokedAt }: TerminalRow): boolean =>
  key === null && revokedAt === null && !id.startsWith(visitorPrefix);

/** Connections that are kept open fall idle one by one, as their last request ends. */
const stopServer = async (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), stopSecondsMax * 1000);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
};
