/**
 * Carries other terminals' rescues to the server: each is stored before anybody is told that it was taken over, sent when
 * the network is there, and kept until every batch in it was acknowledged by a signed ack of its very terminal, epoch, seq
 * and hash. Taking the same over twice changes nothing.
 *
 *     acked     dropped once all of its batches are
 *     refused   kept, with an alarm: staff have to know, and the ledger may see it otherwise after a repair
 *     others    again after a pause of 2 to 600 s, twice as long each time; at once on `nudge` and when the network returns
 */
import { type Bytes, equalBytes, fromBase64url } from "../../shared/bytes.ts";
import type { PublicKey } from "../../shared/keys.ts";
import type { RescueAnswer } from "../../shared/messages.ts";
import {
  entriesIn,
  type Gunzip,
  openRescue,
  type Rescue,
  type RescueFault,
  splitRescues,
} from "../../shared/rescue.ts";
import { rescueNameOf } from "../../shared/rescue-frames.ts";
import { readStatement } from "../../shared/sync.ts";
import type { Carried, CarriedStore, Clock, Identity, Random, Uplink } from "../ports.ts";
import { operatorKeyOf } from "./gather.ts";

export type CarrierParts = {
  readonly store: CarriedStore;
  readonly identity: Identity;
  readonly uplink: Uplink;
  /** The keys whose acks are good now; none while there is no bundle, and nothing is sent then. */
  readonly edgeKeys: () => readonly PublicKey[];
  readonly gunzip: Gunzip;
  readonly clock: Pick<Clock, "after">;
  readonly random: Random;
};

/** `entries` that are in safe hands now; `refused`: why nothing of it, or not all of it, is. */
export type TakenOver = { readonly entries: number; readonly refused: RescueFault | null };

export type Carrier = {
  /** Of a file, or put together from a moving code. Resolves once it is durable; rejects where the disk does not take it. */
  readonly take: (file: Bytes) => Promise<TakenOver>;
  /** Entries that are still to be sent. */
  readonly pending: () => number;
  /** For staff, in English; empty when all is well. */
  readonly alarms: () => readonly string[];
  readonly onChange: (callback: () => void) => void;
  readonly start: () => Promise<void>;
  readonly nudge: () => void;
};

const pauseSeconds = { first: 2, max: 600 };

export const createCarrier = (parts: CarrierParts): Carrier => {
  const { store, identity, uplink, gunzip, clock, random } = parts;
  const operator = operatorKeyOf(identity);
  const listeners: (() => void)[] = [];
  const carried = new Map<string, Carried>();
  const refusals = new Map<string, string>();
  let failures = 0;
  let isRunning = false;
  /** Meanwhile there was reason to begin anew. */
  let isAsked = false;
  let cancelPause = (): void => {};

  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const run = async (): Promise<void> => {
    isAsked = isRunning;
    if (isRunning || carried.size === 0) return;
    cancelPause();
    if (parts.edgeKeys().length === 0) return again();
    isRunning = true;
    let isLeft = false;
    for (const each of [...carried.values()]) {
      try {
        isLeft = !(await sendOne(each)) || isLeft;
      } catch (reason) {
        isLeft = true;
        refusals.set(each.id, String(reason));
      }
      tell();
    }
    isRunning = false;
    failures = isLeft ? failures + 1 : 0;
    if (isAsked) return run();
    if (carried.size > 0) again();
  };

  const again = (): void => {
    cancelPause = clock.after(pauseOf(failures, random), () => void run());
  };

  /** True where it is in the ledger, and not here any more. */
  const sendOne = async ({ id, sealed }: Carried): Promise<boolean> => {
    const opened = await openRescue(sealed, operator, gunzip);
    if (opened.kind === "refused") return refuse(id, opened.fault);
    const answer = await uplink.sendRescue(identity, sealed);
    if (answer.kind === "unreachable") return false;
    if (answer.kind === "rejected")
      return refuse(id, answer.problem?.detail ?? answer.problem?.title ?? `${answer.status}`);
    const cause = await findUnacked(opened.rescue, answer.value, parts.edgeKeys());
    if (cause !== null) return refuse(id, cause);
    await store.drop(id);
    carried.delete(id);
    refusals.delete(id);
    return true;
  };

  const refuse = (id: string, cause: string): false => {
    refusals.set(id, cause);
    return false;
  };

  const takeOne = async (sealed: Bytes): Promise<TakenOver> => {
    const opened = await openRescue(sealed, operator, gunzip);
    if (opened.kind === "refused") return { entries: 0, refused: opened.fault };
    const entries = entriesIn(opened.rescue);
    const taken: Carried = { id: await rescueNameOf(sealed), terminal: opened.rescue.terminal, entries, sealed };
    await store.put(taken);
    carried.set(taken.id, taken);
    return { entries, refused: null };
  };

  return {
    take: async (file) => {
      let [entries, refused]: [number, RescueFault | null] = [0, file.length === 0 ? "not-a-rescue" : null];
      for (const sealed of splitRescues(file)) {
        const taken = await takeOne(sealed);
        entries += taken.entries;
        refused ??= taken.refused;
      }
      failures = 0;
      tell();
      void run();
      return { entries, refused };
    },
    pending: () => [...carried.values()].reduce((sum, { entries }) => sum + entries, 0),
    alarms: () =>
      [...refusals].map(
        ([id, cause]) => `entries taken over from ${carried.get(id)?.terminal}: not in the ledger: ${cause}`,
      ),
    onChange: (callback) => {
      listeners.push(callback);
    },
    start: async () => {
      for (const each of await store.list()) carried.set(each.id, each);
      uplink.onReturn(() => void run());
      tell();
      void run();
    },
    nudge: () => void run(),
  };
};

/** Why the answer does not say that all of it is in the ledger; null where it does. */
const findUnacked = async (
  { batches }: Rescue,
  answer: RescueAnswer,
  edgeKeys: readonly PublicKey[],
): Promise<string | null> => {
  for (const [at, { terminal, epoch, head }] of batches.entries()) {
    const said = answer.batches[at];
    if (said === undefined) return "the answer is not whole";
    if (said.kind === "refused") return said.problem.title;
    const ack = await readStatement("ack", fromBase64url(said.ack) ?? new Uint8Array(0), edgeKeys);
    if (ack === null) return "an ack that no edge key signed";
    const isOfThis = ack.terminal === terminal && ack.seq === head.seq && equalBytes(ack.epoch, epoch);
    if (!isOfThis || !equalBytes(ack.hash, head.hash)) return "an ack of something else";
  }
  return null;
};

/** Half of it is left to chance. */
const pauseOf = (failures: number, random: Random): number => {
  const longest = Math.min(pauseSeconds.max, pauseSeconds.first * 2 ** Math.min(failures, 10));
  return longest * (0.5 + (random.bytes(1)[0] ?? 0) / 512);
};
