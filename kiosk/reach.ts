/** Whether the server could be reached when it was last asked: an uplink that remembers. */
import type { Answer, Uplink } from "./ports.ts";

export type Reach = {
  readonly uplink: Uplink;
  readonly isOnline: () => boolean;
  readonly onChange: (callback: () => void) => void;
};

export const watchReach = (uplink: Uplink): Reach => {
  const listeners: (() => void)[] = [];
  let isOnline = false;

  const note = async <T>(asked: Promise<Answer<T>>): Promise<Answer<T>> => {
    const answer = await asked;
    const was = isOnline;
    isOnline = answer.kind !== "unreachable";
    if (isOnline !== was) for (const listener of listeners) listener();
    return answer;
  };

  return {
    uplink: {
      enrol: (code, publicJwk) => note(uplink.enrol(code, publicJwk)),
      fetchManifest: (identity) => note(uplink.fetchManifest(identity)),
      fetchArtefact: (encoded, from) => note(uplink.fetchArtefact(encoded, from)),
      packBatch: uplink.packBatch,
      sendBatch: (identity, packed) => note(uplink.sendBatch(identity, packed)),
      sendRescue: (identity, sealed) => note(uplink.sendRescue(identity, sealed)),
      onReturn: uplink.onReturn,
    },
    isOnline: () => isOnline,
    onChange: (callback) => {
      listeners.push(callback);
    },
  };
};
