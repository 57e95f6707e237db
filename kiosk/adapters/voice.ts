/** Says what the screen says, by a voice installed on the device: nothing goes out to have it spoken. */

const voiceFor = (tag: string): SpeechSynthesisVoice | undefined =>
  "speechSynthesis" in globalThis
    ? speechSynthesis.getVoices().find(({ lang, localService }) => localService && lang.startsWith(tag.slice(0, 2)))
    : undefined;

export const hasVoice = (tag: string): boolean => voiceFor(tag) !== undefined;

/** `loudness` from 0 to 1. What was being said gives way: the newest matters. */
export const speak = (text: string, tag: string, loudness: number): void => {
  const voice = voiceFor(tag);
  if (voice === undefined) return;
  speechSynthesis.cancel();
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  utterance.volume = loudness;
  speechSynthesis.speak(utterance);
};
