/**
 * Two tones, made on the spot: one for everyone let through, whatever the terms, and another that calls for a look at the
 * screen. Both last `toneSeconds`.
 *
 * A browser that allows no sound before somebody has touched the page stays silent until then; a tone that could not
 * be played at its moment is not played later.
 */
export type ToneKind = "permit" | "refer";

export const toneSeconds = 0.32;

let output: AudioContext | null = null;

/** `loudness` from 0 to 1. */
export const playTone = (kind: ToneKind, loudness: number): void => {
  const context = output ?? new AudioContext({ latencyHint: "interactive" });
  output = context;
  const askedAt = performance.now();
  const play = () => {
    if (performance.now() - askedAt <= lateMillisecondsMax) writeTone(context, kind, context.currentTime, loudness);
  };
  context.resume().then(play, (cause: unknown) => console.warn("no tone:", cause));
};

/** Writes the tone into any audio context, from `at` in its own seconds. */
export const writeTone = (context: BaseAudioContext, kind: ToneKind, at: number, loudness = 1): void =>
  notes[kind].forEach((hertz, index) => {
    writeNote(context, hertz, at + (index * toneSeconds) / 2, volume * loudness);
  });

const lateMillisecondsMax = 150;

/** Up a fifth: go on. Down a third, lower: have a look. */
const notes: Readonly<Record<ToneKind, readonly [number, number]>> = { permit: [659.3, 987.8], refer: [392, 329.6] };

/** At its loudest. */
const volume = 0.5;
const rampSeconds = 0.012;

const writeNote = (context: BaseAudioContext, hertz: number, from: number, peak: number): void => {
  const until = from + toneSeconds / 2;
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, from);
  loudness.gain.linearRampToValueAtTime(peak, from + rampSeconds);
  loudness.gain.setValueAtTime(peak, until - 4 * rampSeconds);
  loudness.gain.linearRampToValueAtTime(0, until);
  const oscillator = new OscillatorNode(context, { type: "sine", frequency: hertz });
  oscillator.connect(loudness).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(until);
};
