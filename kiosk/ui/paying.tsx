/** A deposit is being held, or a price paid. */
import type { Language } from "./language.ts";
import { AccountPicture } from "./pictures.tsx";
import { Scene } from "./scene.tsx";
import { words } from "./words.ts";

export const Paying = ({ language }: { readonly language: Language }) => (
  <Scene picture={AccountPicture} title={words.payingTitle[language]}>
    <p class="lead">{words.payingNext[language]}</p>
  </Scene>
);
