/**
 * The phone's staff badge in IndexedDB, database `greenlane-badge`, apart from the citizen's keys: to remove one touches
 * nothing of the other. Keys lie there as CryptoKey objects, never as bytes. A write has reached the disk when it resolves
 * (`durability: "strict"`), and rejects otherwise.
 */
import type { AskedBadge, BadgeStore, HeldBadge } from "../badge.ts";
import { completionOf, resultOf } from "./requests.ts";

export const createBadgeStore = (): BadgeStore => {
  let opened: Promise<IDBDatabase> | null = null;
  const open = (): Promise<IDBDatabase> => {
    opened ??= openDatabase();
    return opened;
  };
  const put = async (place: "held" | "asked", badge: HeldBadge | AskedBadge | null): Promise<void> => {
    const transaction = (await open()).transaction(store, "readwrite", { durability: "strict" });
    const places = transaction.objectStore(store);
    if (badge === null) places.delete(place);
    else places.put(badge, place);
    await completionOf(transaction);
  };
  return {
    read: async () => {
      const places = (await open()).transaction(store, "readonly").objectStore(store);
      const held = resultOf<HeldBadge | undefined>(places.get("held"));
      const asked = resultOf<AskedBadge | undefined>(places.get("asked"));
      return { held: (await held) ?? null, asked: (await asked) ?? null };
    },
    putHeld: (held) => put("held", held),
    putAsked: (asked) => put("asked", asked),
  };
};

const store = "badge";

const openDatabase = (): Promise<IDBDatabase> => {
  const request = indexedDB.open("greenlane-badge", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(store);
  };
  return resultOf(request);
};
