/** What an open camera can be told: the size and sharpness that suit it, and its light. One that refuses goes on as it is. */
import type { OpenCamera } from "../ports.ts";

/** For a camera that cannot keep up at its size. */
const smallPicture = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
const framesPerSecondMin = 20;

/** What not every browser's types and cameras know. */
type Abilities = MediaTrackCapabilities & { readonly torch?: boolean; readonly focusMode?: readonly string[] };

const abilitiesOf = (track: MediaStreamTrack): Abilities => track.getCapabilities?.() ?? {};

/** Sets what helps this camera. */
export const suitCamera = async (track: MediaStreamTrack): Promise<void> => {
  const { frameRate = framesPerSecondMin } = track.getSettings();
  if (frameRate < framesPerSecondMin) await track.applyConstraints(smallPicture).catch(() => {});
  if (abilitiesOf(track).focusMode?.includes("continuous") === true)
    await setAdvanced(track, { focusMode: "continuous" });
};

/** All settings in one: of several that contradict each other a camera takes the first. What it cannot do it ignores. */
const setAdvanced = async (track: MediaStreamTrack, setting: Readonly<Record<string, unknown>>): Promise<void> => {
  const { advanced: [before] = [], ...others } = track.getConstraints();
  await track.applyConstraints({ ...others, advanced: [{ ...before, ...setting }] }).catch(() => {});
};

const isLit = (track: MediaStreamTrack): boolean => Reflect.get(track.getSettings(), "torch") === true;

/** Told at once, and each time that it was switched. Null where there is none. */
export const lightOf = (track: MediaStreamTrack, tell: (light: OpenCamera["light"]) => void): void => {
  const lightThatIs = (isOn: boolean): OpenCamera["light"] => ({
    isOn,
    // One that does not obey is not offered again.
    turn: async (isWanted) => {
      await setAdvanced(track, { torch: isWanted });
      if (track.readyState === "live") tell(isLit(track) === isWanted ? lightThatIs(isWanted) : null);
    },
  });
  tell(abilitiesOf(track).torch === true ? lightThatIs(isLit(track)) : null);
};
