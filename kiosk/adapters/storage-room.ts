/** What the browser says of the room that this origin has, and a write that shows whether the disk still takes one. */
import type { Room } from "../storage-watch.ts";
import type { Database } from "./database.ts";

export const estimateRoom = async (): Promise<Room> => {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { usage, quota };
};

export const beatOn = (db: Database) => async (): Promise<void> => {
  await db.change(["meta"], (tx) => tx.objectStore("meta").put(Date.now(), "beatAt"));
};
