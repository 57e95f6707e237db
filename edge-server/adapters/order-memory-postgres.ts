/** Which codes were used to order, for all servers that share a database. A code is there by its identity, and not for long. */
import * as v from "valibot";
import { type OrderAnswer, orderAnswer } from "../../shared/messages.ts";
import { type OrderMemory, type RememberedOrder, rememberedMax } from "../order-memory.ts";
import { openPostgres } from "./postgres.ts";
import { type Migrations, migratePostgres } from "./postgres-migrations.ts";

/** Longer than any wait within the database. */
const answerSecondsMax = 12;

export const createPostgresOrderMemory = async (url: string, rowsMax = rememberedMax): Promise<OrderMemory> => {
  await migratePostgres(url, orderMigrations);
  const { ask, close } = openPostgres(url, answerSecondsMax);
  const find = async (identity: string): Promise<RememberedOrder | null> => {
    const [row] = await ask<OrderRow>("SELECT items, answer FROM order_code WHERE identity = $1", [identity]);
    if (row === undefined) return null;
    return { items: row.items, answer: row.answer === null ? null : readAnswer(row.answer) };
  };
  return {
    find,
    take: async (identity, until, items, now) => {
      await ask("DELETE FROM order_code WHERE until < $1", [now]);
      const taken = await ask(takeCode, [identity, until, items, rowsMax]);
      if (taken.length > 0) return null;
      return (await find(identity)) ?? "full";
    },
    keep: async (identity, answer) => {
      await ask("UPDATE order_code SET answer = $2 WHERE identity = $1", [identity, JSON.stringify(answer)]);
    },
    close,
  };
};

/** Whoever comes at the same moment waits for the first, and takes nothing. */
const takeCode = `
  INSERT INTO order_code (identity, until, items)
  SELECT $1::text, $2::bigint, $3::text WHERE (SELECT count(*) FROM order_code) < $4::bigint
  ON CONFLICT DO NOTHING RETURNING identity`;

const orderMigrations: Migrations = {
  name: "orders",
  lock: 0x6772_6f72,
  steps: [
    {
      oldestReader: 1,
      sql: `
  CREATE TABLE order_code (
    identity text COLLATE "C" PRIMARY KEY, until bigint NOT NULL, items text NOT NULL, answer text
  );
  CREATE INDEX order_code_until ON order_code (until)`,
    },
  ],
};

type OrderRow = { readonly items: string; readonly answer: string | null };

const readAnswer = (text: string): OrderAnswer => v.parse(orderAnswer, JSON.parse(text));
