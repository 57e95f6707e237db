/** Nobody is asked for anything: the way is open. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { GoThroughPicture } from "./pictures.tsx";
import { Scene } from "./scene.tsx";
import { passageWords } from "./words-headings.ts";

type PassageProps = {
  readonly screen: Extract<Screen, { readonly name: "passage" }>;
  readonly language: Language;
};

export const Passage = ({ screen, language }: PassageProps) => (
  <Scene picture={GoThroughPicture} title={headingOf(screen)[language]}>
    <p class="lead">{passageWords[screen.cause].next[language]}</p>
  </Scene>
);
