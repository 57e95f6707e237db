/** `/v1/admin`: what the console asks. Everything needs a session and a role, but coming in. */
import { Hono } from "hono";
import type { Alert } from "../../shared/admin.ts";
import type { ExportJobs } from "../export-jobs.ts";
import type { ObjectionBook } from "../objections.ts";
import type { OperatorEdges } from "../operator-auth.ts";
import type { PolicyShelf } from "../policy-shelf.ts";
import type { Ledger, Publisher, Registry } from "../ports.ts";
import type { Rehearsals } from "../rehearsals.ts";
import type { AddressOf } from "../sender-address.ts";
import type { SurveyStore } from "../survey.ts";
import type { Surveyor } from "../surveyor.ts";
import { objectionRoutes } from "./admin-objections.ts";
import { overrideRoutes } from "./admin-overrides.ts";
import { passkeyRoutes } from "./admin-passkeys.ts";
import { publicationRoutes } from "./admin-publications.ts";
import { recordRoutes } from "./admin-records.ts";
import { sessionRoutes } from "./admin-sessions.ts";
import { terminalRoutes } from "./admin-terminals.ts";
import { transactionRoutes } from "./admin-transactions.ts";

export type AdminDeps = OperatorEdges & {
  readonly survey: SurveyStore;
  readonly surveyor: Pick<Surveyor, "listen" | "behind">;
  readonly registry: Registry;
  readonly publisher: Pick<Publisher, "current" | "publish">;
  readonly ledger: Ledger;
  readonly exports: ExportJobs;
  readonly objections: ObjectionBook;
  readonly policyOf: PolicyShelf;
  readonly rehearsals: Rehearsals;
  readonly alerts: () => Promise<readonly Alert[]>;
  /** Of whoever asks without having signed in. */
  readonly addressOf: AddressOf;
  /** Base of links. */
  readonly url: string;
  readonly after: (seconds: number, callback: () => void) => () => void;
  /** Called when the server is to end, unless the answer was called before. */
  readonly onClose: (end: () => void) => () => void;
};

export const adminRoutes = (deps: AdminDeps): Hono => {
  const admin = new Hono();
  const all = [
    sessionRoutes,
    passkeyRoutes,
    terminalRoutes,
    transactionRoutes,
    overrideRoutes,
    objectionRoutes,
    publicationRoutes,
    recordRoutes,
  ];
  for (const routes of all) admin.route("/admin", routes(deps));
  return admin;
};
