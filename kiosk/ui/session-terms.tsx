/** Terms to confirm before anything is taken. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { OfferList } from "./offer.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { servicePictures } from "./service-pictures.ts";
import { words } from "./words.ts";

type SessionTermsProps = {
  readonly screen: Extract<Screen, { readonly name: "session"; readonly stage: "terms" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const SessionTerms = ({ screen, language, onPress }: SessionTermsProps) => (
  <Scene
    picture={servicePictures[screen.service]}
    title={headingOf(screen)[language]}
    actions={
      <>
        <PressButton press={{ kind: "agree" }} onPress={onPress} kind="primary">
          {words.agree[language]}
        </PressButton>
        <PressButton press={{ kind: "decline" }} onPress={onPress} kind="secondary">
          {words.decline[language]}
        </PressButton>
      </>
    }
  >
    <OfferList offer={screen.offer} service={screen.service} dock={screen.dock} language={language} />
  </Scene>
);
