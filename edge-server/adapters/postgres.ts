/**
 * A PostgreSQL database as the ledger uses it: few connections, every wait bounded, committed means on disk
 * (`synchronous_commit`), and nothing of a transaction runs outside it: a connection that was lost is not made anew.
 *
 * What passes by itself (the database is away, failing over, full or slow) is thrown as an error that
 * `explainUnavailable` knows; everything else is thrown as it is.
 */
import pg from "pg";
import type { Bytes } from "../../shared/bytes.ts";
import { unavailableError } from "../unavailable.ts";

/** `$1` and so on stand for the values. `Row`: what the statement gives. */
export type Ask = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

export type Postgres = {
  readonly ask: Ask;
  /** All of it or nothing. Rolled back where `work` throws. */
  readonly transact: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

const connectionsMax = 8;
const connectSeconds = 5;
const statementSeconds = 10;

/** Connects when first asked. `secondsMax`: how long an answer may take on its way; 0: as long as it takes. */
export const openPostgres = (url: string, secondsMax: number): Postgres => {
  const pool = new pg.Pool({ ...configOf(url, secondsMax), max: connectionsMax });
  pool.on("error", () => {}); // one that lies idle was lost, and whoever asks next gets another

  const transact = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    const client = await passing(() => pool.connect());
    client.on("error", ignoreLoss);
    let isDone = false;
    try {
      await askBy(client)("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
      const result = await work(askBy(client));
      await askBy(client)("COMMIT");
      isDone = true;
      return result;
    } finally {
      client.release(!isDone); // the transaction of a connection that is given up is rolled back, whatever state it is in
      if (isDone) client.off("error", ignoreLoss);
    }
  };
  return { ask: askBy(pool), transact, close: () => pool.end() };
};

/** One connection in one transaction that only reads, and sees one moment. */
export const openPostgresSnapshot = async (url: string, secondsMax: number): Promise<Omit<Postgres, "transact">> => {
  const client = new pg.Client(configOf(url, secondsMax));
  client.on("error", ignoreLoss);
  await passing(() => client.connect());
  const ask = askBy(client);
  await ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await ask("SET LOCAL idle_in_transaction_session_timeout = 0"); // whoever reads may take their time
  return { ask, close: () => client.end() };
};

/** Arrays for `unnest`, as text. */
export const arrayOf = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? "NULL").join(",")}}`;
export const textArrayOf = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? "NULL" : `"${value.replaceAll(/["\\]/g, "\\$&")}"`)).join(",")}}`;

/** The same in binary, which the client sends as it is: dimensions, no nulls, element type, count, first index; each with its length. */
export const byteaArrayOf = (values: readonly Bytes[]): Buffer => {
  const header =
    values.length === 0 ? [0, 0, pg.types.builtins.BYTEA] : [1, 0, pg.types.builtins.BYTEA, values.length, 1];
  const array = Buffer.allocUnsafe(values.reduce((length, value) => length + 4 + value.length, 4 * header.length));
  let at = 0;
  for (const number of header) at = array.writeInt32BE(number, at);
  for (const value of values) {
    array.set(value, array.writeInt32BE(value.length, at));
    at += 4 + value.length;
  }
  return array;
};

const configOf = (url: string, secondsMax: number): pg.ClientConfig => ({
  connectionString: url,
  connectionTimeoutMillis: Math.min(connectSeconds, secondsMax || connectSeconds) * 1000,
  query_timeout: secondsMax * 1000,
  statement_timeout: secondsMax === 0 ? 0 : statementSeconds * 1000,
  lock_timeout: secondsMax === 0 ? 0 : statementSeconds * 1000,
  idle_in_transaction_session_timeout: statementSeconds * 1000,
  application_name: "greenlane",
  options: "-c synchronous_commit=on",
  types: { getTypeParser: parserOf },
});

/** Numbers here are never above 2^53; bytes come as hexadecimal. */
const parserOf = ((type: number, format?: "text" | "binary") => {
  if (type === pg.types.builtins.INT8) return Number;
  if (type === pg.types.builtins.BYTEA) return (text: string) => new Uint8Array(Buffer.from(text.slice(2), "hex"));
  return pg.types.getTypeParser(type, format);
}) as typeof pg.types.getTypeParser;

const askBy =
  (client: Pick<pg.Client, "query">): Ask =>
  async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    (await passing(() => client.query<Row>(sql, [...values]))).rows;

/** Whoever asks by this connection next is told. */
const ignoreLoss = (): void => {};

const passing = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !isPassing(error)) throw error;
    const { code } = error as { readonly code?: string };
    throw unavailableError(code === undefined ? error.message : `${code}: ${error.message}`);
  }
};

/**
 * Of what the database says (SQLSTATE): 08 connection, 25006 it is a standby, 25P03 idle too long, 40 try again, 53 no
 * resources, 55P03 a lock is not free, 57 the operator steps in, 58 the system. All else comes from the wire.
 */
const isPassing = (error: Error): boolean =>
  !(error instanceof pg.DatabaseError) || /^((08|40|53|57|58)\w{3}|25006|25P03|55P03)$/.test(error.code ?? "");
