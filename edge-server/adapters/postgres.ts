/**
 * A PostgreSQL database as the ledger uses it: few connections, every wait bounded, committed means on disk
 * (`synchronous_commit`), and errors told apart: those that pass, and the others.
 */
import postgres, { type ISql, type Sql } from "postgres";
import type { Bytes } from "../../shared/bytes.ts";

export type Query = ISql<{ readonly bigint: number }>;
export type Pool = Sql<{ readonly bigint: number }>;

export const connectionsMax = 8;
const connectSeconds = 5;
const statementSeconds = 10;

/** Connects when first asked. `onLost` hears of each connection that ends. */
export const connectPostgres = (url: string, connections = connectionsMax, onLost = (): void => {}): Pool =>
  postgres(url, {
    max: connections,
    connect_timeout: connectSeconds,
    backoff: () => 0.2,
    fetch_types: false,
    onnotice: () => {},
    onclose: onLost,
    types: {
      bigint: { to: 20, from: [20], serialize: String, parse: Number }, // none here is above 2^53
      bytea: { to: 17, from: [17], serialize: byteaOf, parse: bytesOf },
    },
    connection: {
      application_name: "greenlane",
      synchronous_commit: "on",
      statement_timeout: statementSeconds * 1000,
      lock_timeout: statementSeconds * 1000,
      idle_in_transaction_session_timeout: statementSeconds * 1000,
    },
  });

/** An array for `unnest`, as text. What is null or a number needs no quotes, and bytes no escape but their own. */
export const arrayOf = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? "NULL").join(",")}}`;
export const byteaArrayOf = (values: readonly Bytes[]): string =>
  `{${values.map((value) => `"\\${byteaOf(value)}"`).join(",")}}`;
export const textArrayOf = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? "NULL" : `"${value.replaceAll(/["\\]/g, "\\$&")}"`)).join(",")}}`;

/** Why the database cannot answer at the moment; null where it could, and something else is wrong. */
export const explainUnavailable = (error: unknown): string | null => {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return passing.test(error.code) ? `${error.code}: ${error.message}` : null;
};

/**
 * Node's and the client's words for a connection that is not there, and SQLSTATE: 08 connection, 25006 a standby, 25P03
 * idle too long, 40 asked to try again, 53 no resources, 55P03 lock not free, 57 the operator steps in, 58 the system.
 */
const passing = /^(E[A-Z]{3,}|CONNECT\w*|(08|40|53|57|58)\w{3}|25006|25P03|55P03)$/;

const byteaOf = (bytes: Bytes): string =>
  `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
const bytesOf = (text: string): Bytes => new Uint8Array(Buffer.from(text.slice(2), "hex"));
