/**
 * What staff see and set of reading and sounding at this terminal: which camera and its light, how loud, with or without a
 * voice; and how long a tap takes. Kept for the terminal (adapters/reader-settings.ts).
 */
import type { LatencyWatch } from "./latency.ts";
import type { OpenCamera, ReaderSettings, ScannerState, SettingsStore } from "./ports.ts";
import type { CareTouch, ReaderCare } from "./session.ts";

export type Carer = {
  readonly current: (languageTag: string) => ReaderCare;
  readonly settings: () => ReaderSettings;
  readonly noteCamera: (open: OpenCamera | null) => void;
  readonly noteState: (camera: ScannerState) => void;
  readonly touch: (touch: CareTouch) => void;
};

export type CarerParts = {
  readonly store: SettingsStore;
  readonly latency: LatencyWatch;
  readonly hasVoice: (tag: string) => boolean;
  /** Another camera was chosen. */
  readonly onChosen: () => void;
  readonly onChange: () => void;
};

export const createCarer = ({ store, latency, hasVoice, onChosen, onChange }: CarerParts): Carer => {
  let settings = store.read();
  let open: OpenCamera | null = null;
  let isCameraOut = false;

  const set = (change: Partial<ReaderSettings>): void => {
    settings = { ...settings, ...change };
    store.write(settings);
  };

  const choose = (id: string): void => {
    const camera = open?.cameras.find((each) => each.id === id);
    if (camera === undefined) return;
    set({ camera });
    onChosen();
  };

  const apply = (touch: CareTouch): void => {
    if (touch.kind === "camera") choose(touch.id);
    else if (touch.kind === "light") void open?.light?.turn(touch.isOn);
    else if (touch.kind === "volume") set({ volume: touch.volume });
    else set({ voice: touch.isOn });
  };

  return {
    current: (tag) => ({
      cameras: open?.cameras ?? [],
      camera: open?.id ?? null,
      light: open?.light?.isOn ?? null,
      volume: settings.volume,
      voice: hasVoice(tag) ? settings.voice : null,
      latency: latency.summary(),
      isCameraOut,
    }),
    settings: () => settings,
    noteCamera: (now) => {
      open = now;
      onChange();
    },
    noteState: (state) => {
      isCameraOut = state.kind === "broken" && (isCameraOut || state.isLasting === true);
    },
    touch: (touch) => {
      apply(touch);
      onChange();
    },
  };
};
