/**
 * The bundle on disk: a `BundleStore` over the database. What is read is not believed here: the keeper checks it. An
 * artefact that cannot be read at all is one that is not there.
 */
import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import type { BundleStore } from "../ports.ts";
import { type BundleRows, changeTwice, type Database, type Reading } from "./database.ts";

export const bundleStore = (db: Database): BundleStore => ({
  read: async () => {
    const rows = await db.look(["bundle", "artefacts"], async (tx) => ({
      roots: await row(tx, "roots"),
      newestRoots: (await row(tx, "newestRoots")) ?? [],
      manifest: await row(tx, "manifest"),
      checkedAt: await row(tx, "checkedAt"),
      names: await tx.objectStore("artefacts").getAllKeys(),
    }));
    const { roots, newestRoots, manifest, checkedAt, names } = rows;
    if (roots === undefined || manifest === undefined || checkedAt === undefined) return null;
    const artefacts = names.length === 0 ? await readOldArtefacts(db) : await readArtefacts(db, names);
    return { roots, newestRoots, manifest, artefacts, checkedAt };
  },
  // A transaction of megabytes is torn easily.
  write: ({ roots, newestRoots, manifest, artefacts, checkedAt }) =>
    changeTwice(db, ["bundle", "artefacts", "parts"], async (tx) => {
      const bundle = tx.objectStore("bundle");
      await bundle.put(roots, "roots");
      await bundle.put(newestRoots, "newestRoots");
      await bundle.put(manifest, "manifest");
      await bundle.put(checkedAt, "checkedAt");
      await bundle.delete("artefacts");
      await tx.objectStore("artefacts").clear();
      for (const [name, bytes] of artefacts) await tx.objectStore("artefacts").put(bytes, name);
      await tx.objectStore("parts").clear();
    }),
  stamp: (checkedAt) =>
    db.change(["bundle"], async (tx) => {
      await tx.objectStore("bundle").put(checkedAt, "checkedAt");
    }),
  keepNewestRoots: (roots) =>
    db.change(["bundle"], async (tx) => {
      await tx.objectStore("bundle").put(roots, "newestRoots");
    }),
  readPart: (sha256) =>
    db.look(["parts"], async (tx) => {
      const pieces: Bytes[] = [];
      let end = 0;
      for await (const { key, value } of tx.objectStore("parts").iterate(partsOf(sha256))) {
        if (key[1] !== end) break;
        pieces.push(value);
        end += value.length;
      }
      return concatBytes(...pieces);
    }),
  addPart: (sha256, from, bytes) =>
    db.change(["parts"], async (tx) => {
      await tx.objectStore("parts").put(bytes, [sha256, from]);
    }),
  dropPart: (sha256) =>
    db.change(["parts"], async (tx) => {
      await tx.objectStore("parts").delete(partsOf(sha256));
    }),
  keepParts: (sha256s) =>
    db.change(["parts"], async (tx) => {
      const parts = tx.objectStore("parts");
      for (const key of await parts.getAllKeys()) if (!sha256s.includes(key[0])) await parts.delete(key);
    }),
});

const row = async <K extends keyof BundleRows>(
  tx: Reading<"bundle" | "artefacts">,
  key: K,
): Promise<BundleRows[K] | undefined> => (await tx.objectStore("bundle").get(key)) as BundleRows[K] | undefined;

/** Each in its own transaction, which a row that cannot be read would end. There is one writer, and it waits for this. */
const readArtefacts = async (db: Database, names: readonly string[]): Promise<ReadonlyMap<string, Bytes>> => {
  const artefacts = new Map<string, Bytes>();
  for (const name of names) {
    const bytes = await db.look(["artefacts"], (tx) => tx.objectStore("artefacts").get(name)).catch(() => undefined);
    if (bytes !== undefined) artefacts.set(name, bytes);
  }
  return artefacts;
};

const readOldArtefacts = async (db: Database): Promise<ReadonlyMap<string, Bytes>> => {
  const artefacts = await db
    .look(["bundle"], (tx) => tx.objectStore("bundle").get("artefacts") as Promise<BundleRows["artefacts"] | undefined>)
    .catch(() => undefined);
  return artefacts ?? new Map();
};

const partsOf = (sha256: string): IDBKeyRange => IDBKeyRange.bound([sha256, 0], [sha256, Number.POSITIVE_INFINITY]);
