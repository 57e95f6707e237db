/** Updates of the terminal's app, wired: who takes a new version over, when, and how it shows what it is worth. */
import { browserClock as clock } from "../adapters/clock.ts";
import type { Database } from "../adapters/database.ts";
import { decodeOnce } from "../adapters/decoder.ts";
import { handOverStore } from "../adapters/hand-over.ts";
import { keepInstalled } from "../adapters/register.ts";
import { beatOn } from "../adapters/storage-room.ts";
import { askTrial, failTrial, passTrial } from "../adapters/trial.ts";
import { loadScreens } from "../ui/later-screens.ts";
import { createProof } from "./proof.ts";
import type { Started } from "./self-check.ts";

export type UpdateParts = {
  readonly slot: string;
  /** What staff should know, by what it is about. */
  readonly notices: Map<string, string>;
  readonly isIdle: () => boolean;
  readonly isInFlight: () => boolean;
  /** Null before the terminal has started. */
  readonly started: () => Started | null;
  readonly finish: () => Promise<void>;
};

export const wireUpdates = ({ slot, notices, isIdle, isInFlight, started, finish }: UpdateParts) => {
  const proof = createProof({
    ...{ askTrial, passTrial, failTrial, finish },
    decode: decodeOnce,
    loadRest: () => Promise.all([import("../adapters/scanner-camera.ts"), loadScreens()]),
    handOver: handOverStore(slot, localStorage),
  });
  return {
    install: (): void => {
      if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
      keepInstalled({ clock, isIdle, isInFlight, beforeReload: () => proof.giveWay(started()) }).catch(
        (cause: unknown) => notices.set("offline", `this page will not open without a network: ${cause}`),
      );
    },
    /** Resolves once this version may serve. */
    prove: async (database: Database): Promise<void> => {
      const failure = await proof.prove(started(), beatOn(database));
      if (failure !== null) notices.set("version", failure);
    },
    giveUp: proof.giveUp,
  };
};
