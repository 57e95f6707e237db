/** What this terminal carries for others, on disk: a `CarriedStore` over the database; and what is left of its own lost logs. */
import type { CarriedStore, FoundCopy } from "../ports.ts";
import { changeTwice, type Database } from "./database.ts";

export const carriedStore = (db: Database): CarriedStore => ({
  list: () => db.look(["carried"], (tx) => tx.objectStore("carried").getAll()),
  // Whoever hands it over may go, and take the terminal that it was on.
  put: (carried) => changeTwice(db, ["carried"], (tx) => tx.objectStore("carried").put(carried)),
  drop: (id) => db.change(["carried"], (tx) => tx.objectStore("carried").delete(id)),
});

/** Each of the remains as a copy of the log that it was of. */
export const findRemains = async (db: Database): Promise<readonly FoundCopy[]> => {
  const remains = await db.look(["remains"], (tx) => tx.objectStore("remains").getAll());
  return remains.map(({ chain, head, ackedSeq, entries }) => ({
    chain,
    head,
    ackedSeq,
    isTorn: true,
    floorAt: 0,
    read: async (seq, max) => entries.filter((entry) => entry.seq >= seq).slice(0, max),
  }));
};
