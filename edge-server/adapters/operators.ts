/**
 * The operators, where the ledger is: on PostgreSQL with a `DATABASE_URL`, else in a file. A file from before they were
 * shared is taken along once, with what was done; its name says so then. Who is known there already stays as they are.
 */
import { existsSync, renameSync } from "node:fs";
import type { OperatorStore } from "../operators.ts";
import { pathsIn, type Settings } from "../settings.ts";
import { createPostgresOperators } from "./operators-postgres.ts";
import { createSqliteOperators } from "./operators-sqlite.ts";

export const openOperators = async ({
  folder,
  databaseUrl,
}: Pick<Settings, "folder" | "databaseUrl">): Promise<OperatorStore> => {
  const path = pathsIn(folder).operators;
  if (databaseUrl === null) return createSqliteOperators(path);
  const shared = await createPostgresOperators(databaseUrl);
  if (existsSync(path)) {
    const own = createSqliteOperators(path);
    try {
      await takeAlong(own, shared);
    } finally {
      await own.close();
    }
    renameSync(path, `${path}.shared`);
  }
  return shared;
};

const pageRows = 500;

const takeAlong = (own: OperatorStore, shared: OperatorStore): Promise<void> =>
  shared.atomically(async (records) => {
    const operators = await own.operators();
    for (const operator of operators) {
      const known = await records.operator(operator.name);
      // A kept password has a salt of its own: this very file was taken along before, and its name could not be changed.
      if (known?.password != null && known.password === operator.password) return;
      if (known !== null) continue;
      await records.putOperator(operator);
      for (const passkey of await own.passkeys(operator.name)) await records.putPasskey(passkey);
    }
    const acts = [];
    for (let before = Number.MAX_SAFE_INTEGER; ; before = acts.at(-1)?.number ?? 0) {
      const page = await own.acts(before, pageRows);
      acts.push(...page);
      if (page.length < pageRows) break;
    }
    for (const act of acts.reverse()) await records.recordAct(act);
    for (let number = 0; ; ) {
      const page = await own.reviewsAfter(number, pageRows);
      for (const review of page) await records.recordReview(review);
      number = page.at(-1)?.number ?? number;
      if (page.length < pageRows) break;
    }
  });
