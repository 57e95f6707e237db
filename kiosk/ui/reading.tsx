/** A moment, usually too short to be seen. */
import type { Language } from "./language.ts";
import { ShowCodePicture } from "./pictures.tsx";
import { Scene } from "./scene.tsx";
import { words } from "./words.ts";

export const Reading = ({ language }: { readonly language: Language }) => (
  <Scene picture={ShowCodePicture} title={words.reading[language]} />
);
