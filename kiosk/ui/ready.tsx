/** Waiting for the next citizen. The reader stands beside it, with the camera's preview or a picture of what to do. */
import type { Screen } from "../session.ts";
import { headingOf, hintWords } from "./headings.ts";
import type { Language } from "./language.ts";
import { ReturnPicture } from "./pictures.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { readyNext, words } from "./words.ts";
import { returnLabels, taskLabels } from "./words-services.ts";

export type ReadyProps = {
  readonly screen: Extract<Screen, { readonly name: "ready" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const Ready = ({ screen, language, onPress }: ReadyProps) => (
  <Scene picture={null} title={headingOf(screen)[language]} actions={readyActions({ screen, language, onPress })}>
    {screen.hint === null ? (
      <>
        {screen.task !== null && <p class="lead">{readyNext[language]}</p>}
        <p class="quiet">{words.noCode[language]}</p>
      </>
    ) : (
      <p class="lead hint">{hintWords[screen.hint][language]}</p>
    )}
  </Scene>
);

export const readyActions = ({ screen, language, onPress }: ReadyProps) => {
  if (screen.task === null) {
    return screen.tasks?.map((task) => (
      <PressButton key={task} press={{ kind: "choose-task", action: task }} onPress={onPress} kind="secondary">
        {taskLabels[task][language]}
      </PressButton>
    ));
  }
  if (screen.task !== undefined || screen.wayOut === "asked") {
    return (
      <PressButton press={{ kind: "leave" }} onPress={onPress} kind="secondary">
        {words.leave[language]}
      </PressButton>
    );
  }
  const label = returnLabels[screen.service];
  const isGate = screen.action === "entry" || screen.action === "exit";
  return label === undefined || (isGate && screen.wayOut === undefined) ? undefined : (
    <PressButton press={{ kind: "start-return" }} onPress={onPress} kind="secondary">
      <ReturnPicture />
      {label[language]}
    </PressButton>
  );
};
