/**
 * How a version of the app proves itself, and gives way to the next one: on trial it looks at itself (self-check.ts) before
 * anybody is served, and its worker hears what it found.
 */
import { checkSelf, type HandOver, handOverOf, type SelfCheckParts, type Started } from "./self-check.ts";

export type Trial = {
  readonly isOn: boolean;
  /** That a newer version failed, for staff, in English; null where none did. */
  readonly failure: string | null;
};

/** What a version leaves for the next one. */
export type HandOverStore = {
  readonly read: () => HandOver | null;
  readonly write: (handOver: HandOver) => void;
  readonly drop: () => void;
};

export type ProofParts = Pick<SelfCheckParts, "loadRest" | "decode"> & {
  readonly askTrial: () => Promise<Trial>;
  readonly passTrial: () => void;
  /** This page is opened again, in the version before. */
  readonly failTrial: (cause: string) => void;
  readonly handOver: HandOverStore;
  /** Writes down what is open. */
  readonly finish: () => Promise<void>;
};

export type Proof = {
  /**
   * Resolves once this version may serve, with what staff should know. Where it is not well it never does: the page goes.
   * `started` null where this is no terminal yet.
   */
  readonly prove: (started: Started | null, beat: () => Promise<void>) => Promise<string | null>;
  /** It did not even start. */
  readonly giveUp: (cause: unknown) => Promise<void>;
  /** Writes down what is open, and leaves word of it for the version that follows. */
  readonly giveWay: (started: Started | null) => Promise<void>;
};

export const createProof = (parts: ProofParts): Proof => {
  const { handOver, finish, loadRest, decode } = parts;

  const leave = async (cause: string): Promise<never> => {
    // It could not be relied on to write down more than it has.
    await finish().catch(() => {});
    parts.failTrial(cause);
    return new Promise(() => {});
  };

  return {
    prove: async (started, beat) => {
      const { isOn, failure } = await parts.askTrial();
      if (isOn) {
        const cause = await checkSelf({ left: handOver.read(), started, loadRest, decode, beat });
        if (cause !== null) return leave(cause);
        parts.passTrial();
      }
      handOver.drop();
      // What failed before a version that is well is of no more concern.
      return isOn ? null : failure;
    },
    giveUp: async (cause) => {
      if ((await parts.askTrial()).isOn) parts.failTrial(`start: ${cause}`);
    },
    giveWay: async (started) => {
      await finish();
      if (started !== null) handOver.write(handOverOf(started));
    },
  };
};
