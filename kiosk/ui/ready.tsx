/** Waiting for the next citizen. The reader stands beside it, with the camera's preview or a picture of what to do. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { ReturnPicture } from "./pictures.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { readyNext, returnLabels, words } from "./words.ts";

export type ReadyProps = {
  readonly screen: Extract<Screen, { readonly name: "ready" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const Ready = ({ screen, language, onPress }: ReadyProps) => (
  <Scene picture={null} title={headingOf(screen)[language]} actions={returnButton({ screen, language, onPress })}>
    {screen.hint === null ? (
      <>
        <p class="lead">{readyNext[language]}</p>
        <p class="quiet">{words.noCode[language]}</p>
      </>
    ) : (
      <p class="lead hint">{words.itemFirst[language]}</p>
    )}
  </Scene>
);

export const returnButton = ({ screen, language, onPress }: ReadyProps) => {
  const label = returnLabels[screen.service];
  return label === undefined ? undefined : (
    <PressButton press={{ kind: "start-return" }} onPress={onPress} kind="secondary">
      <ReturnPicture />
      {label[language]}
    </PressButton>
  );
};
