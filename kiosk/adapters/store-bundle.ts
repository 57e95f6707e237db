/** The bundle on disk: a `BundleStore` over the database. What is read is not believed here: the keeper checks it. */
import type { BundleStore } from "../ports.ts";
import type { BundleRows, Database, Reading } from "./database.ts";

export const bundleStore = (db: Database): BundleStore => ({
  read: () =>
    db.look(["bundle"], async (tx) => {
      const roots = await row(tx, "roots");
      const manifest = await row(tx, "manifest");
      const artefacts = await row(tx, "artefacts");
      const checkedAt = await row(tx, "checkedAt");
      const isWhole = roots !== undefined && manifest !== undefined && artefacts !== undefined;
      return isWhole && checkedAt !== undefined ? { roots, manifest, artefacts, checkedAt } : null;
    }),
  write: ({ roots, manifest, artefacts, checkedAt }) =>
    db.change(["bundle"], async (tx) => {
      const store = tx.objectStore("bundle");
      await store.put(roots, "roots");
      await store.put(manifest, "manifest");
      await store.put(artefacts, "artefacts");
      await store.put(checkedAt, "checkedAt");
    }),
  stamp: (checkedAt) =>
    db.change(["bundle"], async (tx) => {
      await tx.objectStore("bundle").put(checkedAt, "checkedAt");
    }),
});

const row = async <K extends keyof BundleRows>(tx: Reading<"bundle">, key: K): Promise<BundleRows[K] | undefined> =>
  (await tx.objectStore("bundle").get(key)) as BundleRows[K] | undefined;
