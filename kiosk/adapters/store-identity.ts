/** Who this terminal is, on disk: an `IdentityStore` over the database. */
import { fromBase64url } from "../../shared/bytes.ts";
import { signingKeyOf } from "../../shared/keys.ts";
import { importPseudonymKey } from "../../shared/log.ts";
import type { IdentityStore } from "../ports.ts";
import { changeTwice, type Database, type IdentityRow } from "./database.ts";

export const identityStore = (db: Database): IdentityStore => ({
  read: async () => {
    const row = (await db.look(["meta"], (tx) => tx.objectStore("meta").get("identity"))) as IdentityRow | undefined;
    if (row === undefined) return null;
    const { pair, ...identity } = row;
    return { ...identity, key: await signingKeyOf(pair) };
  },
  write: async ({ root, operatorKey, ...answer }, rootHash, pair) => {
    const [firstRoot, secret] = [fromBase64url(root), fromBase64url(operatorKey)];
    if (firstRoot === null || secret === null) throw new TypeError("an enrolment answer is in base64url");
    const row: IdentityRow = {
      ...answer,
      pair,
      firstRoot,
      rootHash,
      operatorKey: await importPseudonymKey(secret),
    };
    // The link that made it is used up.
    await changeTwice(db, ["meta"], (tx) => tx.objectStore("meta").put(row, "identity"));
  },
});
