/** Which credit events a programme has taken, on SQLite: what it has is not sent again. */
import type { Delivered } from "../event-delivery.ts";
import { atomically, openSqlite } from "./sqlite.ts";

export const createSqliteDelivered = (path: string): Delivered & { readonly close: () => void } => {
  const database = openSqlite(path, migrations);
  const select = database.prepare("SELECT 1 FROM delivered WHERE programme = ? AND id = ?");
  const insert = database.prepare("INSERT INTO delivered VALUES (?, ?) ON CONFLICT DO NOTHING");
  return {
    has: (programme, id) => select.get(programme, id) !== undefined,
    add: (programme, ids) =>
      atomically(database, () => {
        for (const id of ids) insert.run(programme, id);
      }),
    close: () => database.close(),
  };
};

const migrations = [
  "CREATE TABLE delivered (programme TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (programme, id)) STRICT, WITHOUT ROWID",
] as const;
