/** Every policy that was ever published, by the SHA-256 (hex) under which terminals write it down. */
import { type Bytes, sha256, toHex } from "../shared/bytes.ts";
import type { Policy } from "../shared/policy.ts";
import type { PublishedStore } from "./published.ts";

export type PolicyShelf = (hash: string) => Promise<Policy | null>;

/** `open` gives null for what no publisher of ours has signed. */
export const createPolicyShelf = (
  store: Pick<PublishedStore, "history" | "version">,
  open: (signed: Bytes) => Promise<Policy | null>,
): PolicyShelf => {
  const opened = new Map<string, Policy | null>();
  let readVersion = -1;
  return async (hash) => {
    if (!opened.has(hash) && store.version() !== readVersion) {
      readVersion = store.version();
      for (const { signed } of store.history()) {
        const name = signed === null ? null : toHex(await sha256(signed));
        if (signed !== null && name !== null && !opened.has(name)) opened.set(name, await open(signed));
      }
    }
    return opened.get(hash) ?? null;
  };
};
