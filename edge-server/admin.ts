/**
 * The console's side of the server: the survey that counts the ledger, exports, alerts and figures. Wiring only, over
 * ports; main opens the stores.
 */
import type { Alert } from "../shared/admin.ts";
import { watchAlerts } from "./alert-watch.ts";
import { type Expiries, findAlerts } from "./alerts.ts";
import { openByAny } from "./audit-decisions.ts";
import { watchCases } from "./case-watch.ts";
import type { WriteLog } from "./events.ts";
import type { ExportJobs } from "./export-jobs.ts";
import { readKnownCuts } from "./known-cuts.ts";
import type { Gauge } from "./metrics.ts";
import { createObjectionBook } from "./objections.ts";
import type { OperatorStore } from "./operators.ts";
import { createPolicyShelf } from "./policy-shelf.ts";
import type { Ledger, Publisher, Registry } from "./ports.ts";
import type { PublishedStore } from "./published.ts";
import { createRehearsals } from "./rehearsals.ts";
import type { Rehearse } from "./rehearse-run.ts";
import { openAllRoots } from "./root-chain.ts";
import type { AdminDeps } from "./routes/admin.ts";
import { createAddressOf } from "./sender-address.ts";
import type { SurveyStore } from "./survey.ts";
import { createSurveyor, type Surveyor, watchLedger } from "./surveyor.ts";
import { countStates, createBoard } from "./terminal-board.ts";

export type AdminEdges = {
  readonly operators: OperatorStore;
  readonly survey: SurveyStore;
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  readonly store: Pick<PublishedStore, "history" | "version">;
  readonly exports: ExportJobs;
  readonly rehearse: Rehearse;
  /** What is published from the console: without keeping anybody else waiting. */
  readonly publish: Publisher["publish"];
  readonly expiries: () => Promise<Expiries>;
  readonly url: string;
  /** Those that are believed from whom they had a request. */
  readonly proxies: readonly string[];
  readonly hasTls: boolean;
  readonly now: () => number;
  readonly after: (seconds: number, callback: () => void) => () => void;
  readonly writeLog: WriteLog;
};

export type Admin = {
  readonly deps: AdminDeps;
  readonly surveyor: Surveyor;
  readonly gauges: () => Promise<readonly Gauge[]>;
  readonly stop: () => Promise<void>;
};

export const openAdmin = (edges: AdminEdges): Admin => {
  const { operators, survey, registry, ledger, publisher, store, exports, now, after, writeLog } = edges;
  const surveyor = createSurveyor({
    ...{ ledger, survey, operators, after },
    onFailed: (cause) => writeLog({ event: "survey", cause }),
  });
  const alerts = async (): Promise<readonly Alert[]> => findAlerts(await edges.expiries(), now());

  const objections = createObjectionBook({
    ledger: watchLedger(ledger, surveyor.nudge),
    edgeKey: async () => (await publisher.keys()).edge,
  });
  const rehearsals = createRehearsals({
    ...{ registry, operators, now, rehearse: edges.rehearse, publish: edges.publish, entries: survey.count },
    knownCuts: () => readKnownCuts(edges.store.history(), publisher),
  });

  surveyor.start();
  const stopAlerts = watchAlerts({ alerts, after, writeLog });
  const stopCases = watchCases({ objections, after, writeLog });

  const open = new Set<() => void>();
  const board = createBoard({ registry, survey });
  const policyOf = createPolicyShelf(store, async (signed) => {
    const { firstRoot, laterRoots } = await publisher.current();
    return openByAny(signed, await openAllRoots(firstRoot, laterRoots));
  });
  return {
    surveyor,
    deps: {
      ...{ operators, survey, surveyor, registry, ledger, publisher, exports, alerts, now, after, writeLog },
      ...{ objections, policyOf, rehearsals },
      addressOf: createAddressOf(edges.proxies),
      url: edges.url,
      isSecure: edges.hasTls || edges.url.startsWith("https:"),
      onClose: (end) => {
        open.add(end);
        return () => void open.delete(end);
      },
    },
    gauges: async () => {
      const rows = board(now());
      const pending = rows.reduce((sum, row) => sum + (row.pending ?? 0), 0);
      const found = await alerts();
      return [
        gauge("greenlane_entries", "Entries that were counted", survey.count()),
        gauge("greenlane_entries_behind", "Entries still to be counted", surveyor.behind()),
        gauge("greenlane_entries_pending", "Entries that wait on terminals, as they say", pending),
        gauge("greenlane_overrides_open", "Overrides that nobody has reviewed", survey.openOverrides()),
        gauge("greenlane_objections_open", "Objections that nobody has answered", objections.openCount()),
        {
          name: "greenlane_terminals",
          about: "Terminals by state",
          values: Object.entries(countStates(rows)).map(([state, value]) => ({ labels: { state }, value })),
        },
        {
          name: "greenlane_alerts",
          about: "What ends soon (soon) or is over (now)",
          values: ["soon", "now"].flatMap((severity) =>
            ["root-key", "issuer", "certificate", "list", "manifest"].map((what) => ({
              labels: { what, severity },
              value: found.filter((alert) => alert.what === what && alert.severity === severity).length,
            })),
          ),
        },
      ];
    },
    stop: async () => {
      for (const end of open) end();
      await Promise.all([stopAlerts(), stopCases(), surveyor.stop(), exports.stop(), rehearsals.stop()]);
    },
  };
};

const gauge = (name: string, about: string, value: number): Gauge => ({ name, about, values: [{ value }] });
