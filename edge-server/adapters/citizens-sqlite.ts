/** The issuer's records on SQLite, in a file of their own. */
import type { Citizen, Citizens } from "../citizens.ts";
import { atomically, openSqlite } from "./sqlite.ts";

export const createSqliteCitizens = (path: string): Citizens => {
  const database = openSqlite(path, migrations);
  const selectShown = database.prepare("SELECT * FROM citizens WHERE shown IS NOT NULL ORDER BY id");
  const selectByHandle = database.prepare("SELECT * FROM citizens WHERE handle = ?");
  const selectBySub = database.prepare("SELECT * FROM citizens WHERE sub = ?");
  const selectByHolder = database.prepare("SELECT * FROM citizens WHERE holder_kid = ?");
  const selectNext = database.prepare("SELECT coalesce(max(place) + 1, 0) AS next FROM citizens WHERE list = ?");
  const insert = database.prepare(
    "INSERT INTO citizens (handle, sub, list, place, shown, holder_kid) VALUES (?, ?, ?, ?, ?, ?)",
  );

  const selectByRecovery = database.prepare(
    "SELECT citizens.* FROM citizens JOIN recoveries ON recoveries.citizen = citizens.id WHERE recoveries.hash = ?",
  );
  const countRecoveries = database.prepare(
    "SELECT count(*) AS many FROM recoveries JOIN citizens ON citizens.id = recoveries.citizen WHERE citizens.handle = ?",
  );
  const insertRecovery = database.prepare(
    "INSERT OR IGNORE INTO recoveries (hash, citizen) SELECT ?, id FROM citizens WHERE handle = ?",
  );
  const endLater = database.prepare(
    `DELETE FROM recoveries WHERE citizen = (SELECT citizen FROM recoveries WHERE hash = ?1)
     AND number > (SELECT number FROM recoveries WHERE hash = ?1)`,
  );
  const updatePlace = database.prepare("UPDATE citizens SET place = ?, holder_kid = ? WHERE handle = ? RETURNING *");

  const nextPlace = (list: string): number => Number(selectNext.get(list)?.next);
  const put = (citizen: Citizen): void => {
    const shown = citizen.shown === null ? null : JSON.stringify(citizen.shown);
    insert.run(citizen.handle, citizen.sub, citizen.list, citizen.index, shown, citizen.holderKid);
  };
  const one = (row: Row | undefined): Citizen | null => (row === undefined ? null : citizenOf(row));

  return {
    shown: () => selectShown.all().map(citizenOf),
    byHandle: (handle) => one(selectByHandle.get(handle)),
    bySub: (sub) => one(selectBySub.get(sub)),
    byHolder: (kid) => one(selectByHolder.get(kid)),
    enrol: (newcomer, entries) =>
      atomically(database, () => {
        const index = nextPlace(newcomer.list);
        if (index >= entries) return null;
        const citizen = { ...newcomer, index };
        put(citizen);
        return citizen;
      }),
    nextPlace,
    byRecovery: (hash) => one(selectByRecovery.get(hash)),
    addRecovery: (handle, hash, max) =>
      atomically(database, () => {
        if (Number(countRecoveries.get(handle)?.many) >= max) return false;
        insertRecovery.run(hash, handle);
        return true;
      }),
    endLaterRecoveries: (recovery) => void endLater.run(recovery),
    move: (handle, { index, holderKid }) => {
      const row = updatePlace.get(index, holderKid, handle);
      if (row === undefined) throw new TypeError("nobody by that handle");
      return citizenOf(row);
    },
    replaceAll: (citizens) =>
      atomically(database, () => {
        database.exec("DELETE FROM citizens");
        for (const citizen of citizens) put(citizen);
      }),
    close: () => database.close(),
  };
};

const migrations = [
  `CREATE TABLE citizens (
     id INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE, sub TEXT NOT NULL UNIQUE, list TEXT NOT NULL,
     place INTEGER NOT NULL, shown TEXT, holder_kid TEXT UNIQUE, UNIQUE (list, place)) STRICT`,
  `CREATE TABLE recoveries (
     number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE,
     citizen INTEGER NOT NULL REFERENCES citizens (id) ON DELETE CASCADE) STRICT`,
] as const;

type Row = { readonly [column: string]: unknown };

const citizenOf = (row: Row): Citizen => ({
  handle: String(row.handle),
  sub: String(row.sub),
  list: String(row.list),
  index: Number(row.place),
  shown: row.shown === null ? null : (JSON.parse(String(row.shown)) as Citizen["shown"]),
  holderKid: row.holder_kid === null ? null : String(row.holder_kid),
});
