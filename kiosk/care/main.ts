/** Reading and sounding at this terminal, wired: the camera, tones and voice as staff have set them, and how long taps take. */

import type { Instant } from "../../shared/terms.ts";
import { browserClock as clock } from "../adapters/clock.ts";
import { postHealth } from "../adapters/health-post.ts";
import { settingsStore } from "../adapters/reader-settings.ts";
import { estimateRoom } from "../adapters/storage-room.ts";
import { hasVoice, speak } from "../adapters/voice.ts";
import type { DisplayParts } from "../display.tsx";
import { tellHealth } from "../health.ts";
import { createLatency, type LatencyWatch } from "../latency.ts";
import type { Identity, Scanner } from "../ports.ts";
import { createCarer } from "../reader-care.ts";
import type { InForce } from "../reading.ts";
import type { Screen, Status } from "../session.ts";
import { playTone } from "../ui/tones.ts";

export type Care = {
  readonly latency: LatencyWatch;
  readonly onScreen: Pick<DisplayParts, "care" | "onCare" | "sound">;
  /** Loads it first: the heavy part of a terminal. */
  readonly loadCamera: (host: HTMLElement, identity: Identity) => Promise<Scanner>;
  /** Tells the server how the terminal fares, from now on. */
  readonly watchHealth: (identity: Identity, now: () => Instant, shown: Shown, inForce: () => InForce | null) => void;
};

type Shown = () => { readonly screen: Screen; readonly status: Status };

export const wireCare = (slot: string, onChange: () => void): Care => {
  const latency = createLatency(clock.ticks);
  let changeCamera = (): void => {};
  const store = settingsStore(slot, localStorage);
  const carer = createCarer({ store, latency, hasVoice, onChosen: () => changeCamera(), onChange });

  const sound: DisplayParts["sound"] = (tone, words, tag) => {
    const { volume, voice } = carer.settings();
    playTone(tone, volume / 5);
    if (voice) speak(words, tag, volume / 5);
  };

  const loadCamera: Care["loadCamera"] = async (host, { profile }) => {
    const { cameraScanner } = await import("../adapters/scanner-camera.ts");
    const camera = cameraScanner({
      host,
      reads: profile.service === "library" ? "all" : "codes",
      recallCamera: () => carer.settings().camera,
      onCamera: carer.noteCamera,
    });
    changeCamera = camera.changeCamera;
    return {
      ...camera,
      start: (onScan, onState) =>
        camera.start(
          (scan) => {
            latency.sight(scan);
            return onScan(scan);
          },
          (state) => {
            carer.noteState(state);
            onState(state);
          },
        ),
    };
  };

  const watchHealth: Care["watchHealth"] = (identity, now, shown, inForce) =>
    tellHealth({
      ...{ clock, now },
      send: (report, at) => postHealth(identity, report, at),
      fares: async () => {
        const { usage, quota } = await estimateRoom();
        const { screen, status } = shown();
        const storage = quota > 0 ? usage / quota : null;
        return { screen: screen.name, status, inForce: inForce(), latency: latency.summary(), storage };
      },
    });

  return { latency, watchHealth, onScreen: { care: carer.current, onCare: carer.touch, sound }, loadCamera };
};
