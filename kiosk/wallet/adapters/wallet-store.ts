/**
 * The phone's people and their keys in IndexedDB, database `greenlane-wallet`. Keys lie there as CryptoKey objects,
 * never as bytes. A write has reached the disk when it resolves (`durability: "strict"`), and rejects otherwise.
 */
import type { Person, WalletStore } from "../ports.ts";
import { completionOf, resultOf } from "./requests.ts";

export const createWalletStore = (): WalletStore => {
  let opened: Promise<IDBDatabase> | null = null;
  const open = (): Promise<IDBDatabase> => {
    opened ??= openDatabase();
    return opened;
  };
  const write = async (store: Name, put: (to: IDBObjectStore) => void): Promise<void> => {
    const transaction = (await open()).transaction(store, "readwrite", { durability: "strict" });
    put(transaction.objectStore(store));
    await completionOf(transaction);
  };
  return {
    read: async () => {
      const transaction = (await open()).transaction(names, "readonly");
      const people = resultOf<Person[]>(transaction.objectStore("people").getAll());
      const chosen = resultOf<string | undefined>(transaction.objectStore("choice").get(onlyChoice));
      return { people: await people, chosen: (await chosen) ?? null };
    },
    write: (person) => write("people", (to) => to.put(person)),
    choose: (id) => write("choice", (to) => to.put(id, onlyChoice)),
  };
};

const names = ["people", "choice"] as const;
type Name = (typeof names)[number];
const onlyChoice = "chosen";

const openDatabase = (): Promise<IDBDatabase> => {
  const request = indexedDB.open("greenlane-wallet", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("people", { keyPath: "id" });
    request.result.createObjectStore("choice");
  };
  return resultOf(request);
};
