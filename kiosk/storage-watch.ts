/**
 * Whether this terminal's disk has room, judged by what the browser says of it, and by writing: an alarm from 80 % of what
 * we may use, out of service from 95 %, while what is still being served can be written down, and at once where a write
 * that should always work does not.
 */
import type { Clock } from "./ports.ts";

/** In bytes, as `navigator.storage.estimate()` says it; 0 where it does not say. */
export type Room = { readonly usage: number; readonly quota: number };

export type RoomJudgement = {
  readonly kind: "roomy" | "short" | "full";
  /** For staff, in English; empty where there is room. */
  readonly cause: string;
};

export type StorageWatchParts = {
  readonly estimate: () => Promise<Room>;
  /** Writes something small, durably. */
  readonly beat: () => Promise<void>;
  readonly clock: Pick<Clock, "after">;
  readonly onJudged: (judgement: RoomJudgement) => void;
};

const shortFrom = 0.8;
const fullFrom = 0.95;
const everySeconds = 180;

export const judgeRoom = ({ usage, quota }: Room): RoomJudgement => {
  const share = quota > 0 ? usage / quota : 0;
  if (share < shortFrom) return { kind: "roomy", cause: "" };
  const cause = `storage: ${Math.floor(share * 100)} % of ${Math.floor(quota / 1e6)} MB are used`;
  return { kind: share < fullFrom ? "short" : "full", cause };
};

/** Looks now, and every three minutes. */
export const watchStorage = (parts: StorageWatchParts): void => {
  const look = async (): Promise<RoomJudgement> => {
    try {
      await parts.beat();
    } catch (reason) {
      return { kind: "full", cause: `storage: the disk takes nothing: ${reason}` };
    }
    try {
      return judgeRoom(await parts.estimate());
    } catch (reason) {
      return { kind: "short", cause: `storage: nobody knows how much is left: ${reason}` };
    }
  };
  const lookAgain = async (): Promise<void> => {
    parts.onJudged(await look());
    parts.clock.after(everySeconds, () => void lookAgain());
  };
  void lookAgain();
};
