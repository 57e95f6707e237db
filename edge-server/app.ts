/**
 * The HTTP of the edge server, from Request to Response (FORMATS, "HTTP"). Every refusal is a problem of problem.ts, and
 * nothing is stored by a request that is refused, except a fork, which is evidence. Bodies are bounded before they are
 * read, and read before they are believed. There is no CORS: pages of other origins get nothing.
 */
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { openAPIRouteHandler } from "hono-openapi";
import type { SigningKey } from "../shared/keys.ts";
import type { Chain } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import { createAuth } from "./auth.ts";
import type { WriteLog } from "./events.ts";
import { setHeaders } from "./headers.ts";
import type { KeyStore } from "./keys.ts";
import { createLogIntake } from "./log-intake.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { Passages } from "./passages.ts";
import type { Ledger, Publisher, Registry } from "./ports.ts";
import { answerProblem } from "./problem.ts";
import { logCause, logRequests } from "./request-log.ts";
import { createRescueIntake } from "./rescue-intake.ts";
import { type AdminDeps, adminRoutes } from "./routes/admin.ts";
import { type BadgeDeps, badgeRoutes } from "./routes/badges.ts";
import { bundleRoutes } from "./routes/bundle.ts";
import { type CredentialDeps, credentialRoutes } from "./routes/credentials.ts";
import { type DemoDeps, demoRoutes } from "./routes/demo.ts";
import { type EnrolmentDeps, enrolmentRoutes } from "./routes/enrolment.ts";
import { healthRoutes } from "./routes/health.ts";
import { logRoutes } from "./routes/log.ts";
import { type LostPhoneDeps, lostPhoneRoutes } from "./routes/lost-phones.ts";
import { orderRoutes } from "./routes/orders.ts";
import { rescueRoutes } from "./routes/rescues.ts";
import { siteRoutes } from "./routes/site.ts";
import { terminalHealthRoutes } from "./routes/terminal-health.ts";
import { whyRoutes } from "./routes/why.ts";
import type { SpentCodes } from "./spent-codes.ts";
import { explainUnavailable } from "./unavailable.ts";
import { webRoutes } from "./web.ts";

export type AppDeps = {
  readonly registry: Pick<Registry, "terminal" | "putTerminal" | "atomically">;
  readonly ledger: Ledger;
  readonly publisher: Pick<Publisher, "current" | "artefact">;
  /** The key of acks that is in force; null on a mirror, which takes no log. */
  readonly edgeKey: (() => Promise<SigningKey>) | null;
  /** Opens rescues. */
  readonly operator: KeyStore["operator"];
  readonly enrol: EnrolmentDeps["enrol"];
  /** All null on a mirror, which has no ledger. */
  readonly passages: Passages | null;
  readonly spentCodes: SpentCodes | null;
  readonly takeOrder: OrderDesk | null;
  /** Null on a mirror. */
  readonly issueBadge: BadgeDeps["issue"] | null;
  /** Both null where this server issues no credentials. */
  readonly issue: CredentialDeps["issue"] | null;
  readonly lostPhone: Omit<LostPhoneDeps, "now"> | null;
  /** Null without the demo city. */
  readonly demo: DemoDeps | null;
  /** The console; null on a mirror. */
  readonly admin: AdminDeps | null;
  readonly metrics: () => Promise<string>;
  /** Where the built pages lie: a folder for each of kiosk, wallet, demo, console. */
  readonly webFolder: string;
  readonly hasTls: boolean;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

export const createApp = (deps: AppDeps): Hono => {
  const { registry, ledger, publisher, edgeKey, issue, demo, admin, now, writeLog } = deps;
  const app = new Hono();
  app.use(logRequests(writeLog), setHeaders(deps.hasTls));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => answerProblem(c, "wrong-method", {}, { Allow: methods.join(", ") }),
    }),
  );

  const signed = { authenticate: createAuth(registry), now, writeLog };
  app.route("/v1", enrolmentRoutes({ enrol: deps.enrol, now }));
  app.route("/v1", bundleRoutes({ ...signed, publisher }));
  if (edgeKey !== null) {
    const takeBatch = createLogIntake(ledger, edgeKey);
    app.route("/v1", logRoutes({ ...signed, takeBatch }));
    const takeRescue = createRescueIntake({ registry, operator: deps.operator, takeBatch, edgeKey });
    app.route("/v1", rescueRoutes({ ...signed, takeRescue }));
  }
  const { passages, spentCodes } = deps;
  if (passages !== null && spentCodes !== null) {
    app.route("/v1", siteRoutes({ ...signed, registry, passages, spentCodes }));
  }
  if (deps.takeOrder !== null) app.route("/v1", orderRoutes({ takeOrder: deps.takeOrder, now }));
  if (deps.issueBadge !== null) app.route("/v1", badgeRoutes({ issue: deps.issueBadge, now, writeLog }));
  if (issue !== null) app.route("/v1", credentialRoutes({ issue, now }));
  if (deps.lostPhone !== null) app.route("/v1", lostPhoneRoutes({ ...deps.lostPhone, now }));
  if (demo !== null) app.route("/v1", demoRoutes(demo));
  if (admin !== null) {
    app.route("/v1", adminRoutes(admin));
    app.route("/v1", terminalHealthRoutes({ ...signed, survey: admin.survey }));
    app.route("/v1", whyRoutes({ ...admin, operator: deps.operator }));
  }
  app.route(
    "/",
    healthRoutes(() => findMissing(ledger, publisher), deps.metrics),
  );
  app.get("/openapi.json", openAPIRouteHandler(app, { documentation, defaultValidationErrorResponse: false }));
  app.route("/", webRoutes({ folder: deps.webFolder, hasDemo: demo !== null, hasConsole: admin !== null }));

  app.notFound((c) => answerProblem(c, "not-found"));
  app.onError((error, c) => {
    const cause = explainUnavailable(error);
    if (cause !== null) {
      logCause(writeLog, c, "unavailable", cause);
      return answerProblem(c, "unavailable", { detail: laterDetail }, { "Retry-After": String(laterSeconds) });
    }
    logCause(writeLog, c, "internal", error.stack ?? error.message);
    return answerProblem(c, "internal");
  });
  return app;
};

const laterSeconds = 10;
const laterDetail = "The database does not answer at the moment. Nothing is lost by it: ask again a little later.";

const documentation = {
  info: {
    title: "Greenlane edge server",
    version: "1",
    description:
      "How terminals enrol, fetch their bundle and hand in their log, how phones get credentials, and what the console asks.",
  },
};

/** A chain that no terminal writes: asking for it reads the database. */
const nobody: Chain = { terminal: "", epoch: new Uint8Array(16) };

const findMissing = async (ledger: Ledger, publisher: AppDeps["publisher"]): Promise<readonly string[]> => {
  const checks = [
    { name: "ledger", check: async () => ledger.head(nobody) },
    { name: "bundle", check: () => publisher.current() },
  ];
  const found = await Promise.allSettled(checks.map(({ check }) => check()));
  return checks.filter((_, index) => found[index]?.status === "rejected").map(({ name }) => `the ${name} is not ready`);
};
