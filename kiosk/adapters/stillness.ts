/**
 * Whether a camera shows an old picture over and over while frames keep coming. The noise of a sensor makes every picture
 * differ from the last; one that did so and no longer does is frozen. A source without noise (a film, darkness from the
 * first moment) is never taken for frozen.
 */
export type Stillness = {
  /** Of the next picture, its sample, seen `at` milliseconds. */
  readonly isFrozen: (sample: number, at: number) => boolean;
};

export const livelyPictures = 30;
export const stillMillisecondsMax = 1_500;

/** A prime, so that no column of the picture is the only one looked at. */
const stride = 499;

export const createStillness = (): Stillness => {
  let last = -1;
  let changes = 0;
  let isLively = false;
  let changedAt = 0;
  return {
    isFrozen: (sample, at) => {
      const isSame = sample === last;
      last = sample;
      if (isSame) {
        changes = 0;
        return isLively && at - changedAt > stillMillisecondsMax;
      }
      changes += 1;
      changedAt = at;
      if (changes >= livelyPictures) isLively = true;
      return false;
    },
  };
};

/** Of a picture's bytes: FNV-1a over those looked at. */
export const sampleOf = (bytes: Uint8Array): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at += stride) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
};
