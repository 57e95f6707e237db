/** Nothing can be done here: said plainly to the citizen, and why to staff. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { PausePicture } from "./pictures.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { outOfServiceCauses, words } from "./words.ts";

type OutOfServiceProps = {
  readonly screen: Extract<Screen, { readonly name: "out-of-service" }>;
  readonly language: Language;
  readonly onPress: OnPress;
  readonly isBadgeNeeded: boolean;
};

export const OutOfService = ({ screen, language, onPress, isBadgeNeeded }: OutOfServiceProps) => (
  <Scene picture={PausePicture} title={headingOf(screen)[language]}>
    <p class="lead">{words.outNext[language]}</p>
    <div class="cause">
      <strong>{words.forStaff[language]}</strong>
      <p>{outOfServiceCauses[screen.cause][language]}</p>
      {screen.detail !== "" && <p lang="en">{screen.detail}</p>}
      {screen.cause === "gate" && !isBadgeNeeded && (
        <PressButton press={{ kind: "try-again" }} onPress={onPress} kind="secondary">
          {words.tryAgain[language]}
        </PressButton>
      )}
    </div>
  </Scene>
);
