/** `operator add`, `operator list`, `operator revoke`: who may open the console. */
import { existsSync } from "node:fs";
import * as v from "valibot";
import { operatorName, operatorRoles } from "../../shared/admin.ts";
import { openOperators } from "../adapters/operators.ts";
import { type Command, type CommandEdges, refuse, tableOf } from "../command.ts";
import type { OperatorRow, OperatorStore } from "../operators.ts";
import { pathsIn, urlOf } from "../settings.ts";
import { endOperator, makeWelcomeLink, welcomeSeconds } from "../sign-in.ts";

export const addOperator: Command = {
  name: "operator add",
  usage: "NAME [--role viewer|operator|administrator] [--json]",
  about: `Prints a link by which somebody chooses a password for the console: once, within ${welcomeSeconds / 3600} hours.
A viewer sees; an operator also reviews, enrols and exports; an administrator also publishes and adds operators.
For a name that is known the link sets a new password, and unlocks.`,
  options: ["role"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [name = ""], option }, edges) => {
    if (!v.is(operatorName, name)) return refuse(`"${name}" must be a short name such as lin.mei`);
    const wanted = option("role");
    const role = operatorRoles.find((each) => each === (wanted ?? "operator"));
    if (role === undefined) return refuse(`--role is "${wanted}": it can be ${operatorRoles.join(", ")}`);
    return withStore(edges, async (store) => {
      const before = await store.operator(name);
      const isActive = before !== null && before.revokedAt === null;
      const kept = isActive && wanted === undefined ? before.role : role;
      const link = await makeWelcomeLink(store, urlOf(edges.settings), { name, role: kept }, edges.now());
      await store.recordAct({ at: edges.now(), by: "command line", act: "operator-invited", what: `${name} ${kept}` });
      return {
        kind: "answered",
        json: { name, role: kept, link },
        text: [`${name}, ${kept}. Open this within ${welcomeSeconds / 3600} hours; it works once.`, link].join("\n"),
      };
    });
  },
};

export const listOperators: Command = {
  name: "operator list",
  usage: "[--json]",
  about: "Lists who may open the console.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) =>
    withStore(edges, async (store) => {
      const rows = await store.operators();
      return {
        kind: "answered",
        json: rows.map((row) => ({ name: row.name, role: row.role, createdAt: row.createdAt, state: stateOf(row) })),
        text:
          rows.length === 0
            ? "No operator yet: operator add NAME --role administrator"
            : tableOf(rows.map((row) => [row.name, row.role, stateOf(row)])),
      };
    }),
};

export const revokeOperator: Command = {
  name: "operator revoke",
  usage: "NAME [--json]",
  about: "Ends what the operator has open, and lets them in no more. What they did stays on record.",
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [name = ""] }, edges) => {
    if (!hasOperators(edges)) return refuse(`no operator ${name}: see operator list`);
    return withStore(edges, async (store) => {
      const revoked = await endOperator(store, name, "command line", edges.now());
      if (revoked === null) return refuse(`no operator ${name}: see operator list`);
      return { kind: "answered", json: { name, revokedAt: revoked.revokedAt }, text: `${name} is let in no more.` };
    });
  },
};

const stateOf = ({ revokedAt }: OperatorRow): string => (revokedAt === null ? "active" : "revoked");

/** Nothing is made by asking. */
const hasOperators = ({ settings: { databaseUrl, folder } }: CommandEdges): boolean =>
  databaseUrl !== null || existsSync(pathsIn(folder).operators);

const withStore = async <T>({ settings }: CommandEdges, work: (store: OperatorStore) => Promise<T>): Promise<T> => {
  const store = await openOperators(settings);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};
