/**
 * Between terminals and the server: slow, often not there, and not to be believed. What a terminal sends may be lost, come
 * twice, come late or altered; so may the answer, and what answers may be somebody else.
 */
import type { Sender } from "../../edge-server/auth.ts";
import type { Answer } from "../../kiosk/ports.ts";
import { decodeBatch } from "../../shared/batch.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { PublicKey } from "../../shared/keys.ts";
import { readStatement, signStatement } from "../../shared/sync.ts";
import { keyOf } from "./crypto.ts";
import type { Dice } from "./dice.ts";
import type { FaultAt, Faults } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import { problemAnswer, type Server } from "./server.ts";

export type Network = {
  readonly send: (sender: Sender, batch: Bytes) => Promise<Answer<Bytes>>;
  readonly isUp: () => boolean;
  readonly goDown: (milliseconds: number) => void;
  readonly makeWell: () => void;
  readonly onReturn: (callback: () => void) => () => void;
  /** `faulted`: those that met a fault here or at the server. */
  readonly counts: () => { readonly deliveries: number; readonly faulted: number };
};

/** As the uplink waits. */
const answerMilliseconds = 10_000;

export const createNetwork = (scheduler: Scheduler, dice: Dice, faults: Faults, server: Server): Network => {
  const listeners = new Set<() => void>();
  const earlier = new Map<string, Bytes>();
  let downUntil = 0;
  let deliveries = 0;
  let faulted = 0;

  const isUp = (): boolean => scheduler.now() >= downUntil;
  const goDown = (milliseconds: number): void => {
    downUntil = Math.max(downUntil, scheduler.now() + milliseconds);
    scheduler.after(downUntil - scheduler.now(), () => {
      if (isUp()) for (const listener of [...listeners]) listener();
    });
  };

  const earlierOf = (terminal: string, isOwn: boolean): Bytes | undefined =>
    [...earlier].find(([name]) => (name === terminal) === isOwn)?.[1];

  const answerOf = (fault: FaultAt<"delivery"> | null, terminal: string, answer: Answer<Bytes>): Answer<Bytes> => {
    const bytes = answer.kind === "answered" ? answer.value : new Uint8Array(0);
    const given = (value: Bytes | undefined): Answer<Bytes> =>
      value === undefined ? answer : { kind: "answered", value };
    switch (fault) {
      case "500-after-commit":
        return problemAnswer("internal");
      case "garbage":
        return given(dice.bytes(1 + dice.below(200)));
      case "empty-200":
        return given(new Uint8Array(0));
      case "cut-answer":
        return given(bytes.slice(0, dice.below(bytes.length + 1)));
      case "old-answer":
        return given(earlierOf(terminal, true));
      case "others-answer":
        return given(earlierOf(terminal, false));
      case "altered-answer":
        return given(altered(bytes, dice));
      case "problem-by-a-stranger":
        return dice.pick([
          { kind: "rejected", status: 511, problem: null },
          problemAnswer("gap", { next: 1 + dice.below(40) }),
          problemAnswer("altered"),
        ]);
      default:
        return answer;
    }
  };

  const send = (sender: Sender, batch: Bytes): Promise<Answer<Bytes>> =>
    new Promise((resolve) => {
      deliveries += 1;
      const metBefore = server.faultsMet();
      const terminal = sender.terminal.id;
      const fault = isUp() ? faults.at("delivery") : null;
      if (fault === "offline") goDown(dice.waiting(20 * 60_000));
      let isOver = false;
      const give = (answer: Answer<Bytes>): void => {
        if (isOver) return;
        isOver = true;
        if (fault !== null || server.faultsMet() !== metBefore) faulted += 1;
        resolve(answer);
      };
      scheduler.after(answerMilliseconds, () => give({ kind: "unreachable", cause: "no answer" }));
      if (!isUp() || fault === "lost-request") return;
      if (fault === "forged-ack") {
        void forgeAck(terminal, batch, sender.key).then((ack) => give({ kind: "answered", value: ack }));
        return;
      }

      const arrive = (milliseconds: number, answer: (answer: Answer<Bytes>) => void): void => {
        const arriving = fault === "altered-request" ? altered(batch, dice) : batch;
        scheduler.after(milliseconds, () => server.take(sender, arriving, answer));
      };
      const travel = (): number => dice.between(100, 4000);
      const answered = (answer: Answer<Bytes>): void => {
        const given = answerOf(fault, terminal, answer);
        if (answer.kind === "answered") earlier.set(terminal, answer.value);
        if (fault === "lost-answer") return;
        scheduler.after(fault === "slow" ? dice.between(5000, 15_000) : travel(), () => give(given));
      };
      arrive(travel(), answered);
      if (fault === "duplicate") arrive(travel(), answered);
      if (fault === "late-duplicate") arrive(dice.between(10_000, 600_000), () => {});
    });

  return {
    send,
    isUp,
    goDown,
    makeWell: () => {
      downUntil = 0;
      for (const listener of [...listeners]) listener();
    },
    onReturn: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    counts: () => ({ deliveries, faulted }),
  };
};

/** By somebody who reads everything and knows the name of our key: the very ack that is waited for, but for its key. */
const forgeAck = async (terminal: string, bytes: Bytes, key: PublicKey): Promise<Bytes> => {
  const batch = decodeBatch(bytes);
  const said = batch === null ? null : await readStatement("checkpoint", batch.checkpoint, [key]);
  const [edge, stranger] = [await keyOf("edge"), await keyOf("stranger")];
  if (said === null) return new Uint8Array(0);
  return signStatement("ack", { ...said, terminal }, { ...edge, sign: stranger.sign });
};

const altered = (bytes: Bytes, dice: Dice): Bytes => {
  const other = bytes.slice();
  if (bytes.length > 0) other[dice.below(bytes.length)] = dice.below(256);
  return other;
};
