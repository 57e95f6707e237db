/** Sent to the ordinary way: what happened, what to do now, and whom to ask. No alarm, no blame. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { BookPicture, ClockPicture, type Picture, RefreshPicture, ShowCodePicture, StaffPicture } from "./pictures.tsx";
import type { OnPress } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { servicePictures } from "./service-pictures.ts";
import { ReceiptCode, WhyOnRequest } from "./why.tsx";
import { words } from "./words.ts";
import { referWordsOf, type Step, stepWords } from "./words-refer.ts";

type Referral = Extract<Screen, { readonly name: "refer" }>;

type ReferProps = { readonly screen: Referral; readonly language: Language; readonly onPress: OnPress };

export const Refer = ({ screen, language, onPress }: ReferProps) => {
  const { steps } = referWordsOf(screen.reason);
  const { receipt } = screen;
  return (
    <Scene
      picture={pictureOf(steps[0] ?? "staff", screen.service)}
      title={headingOf(screen)[language]}
      actions={
        receipt === undefined ? undefined : (
          <WhyOnRequest receipt={receipt} isReferred language={language} onPress={onPress} />
        )
      }
    >
      <ul class="steps">
        {steps.map((step) => {
          const Drawn = pictureOf(step, screen.service);
          return (
            <li key={step}>
              <Drawn />
              <span>{stepWords[step][screen.service][language]}</span>
            </li>
          );
        })}
      </ul>
      <p class="help">
        <strong>{words.help[language]}</strong> <span>{screen.help[language]}</span>
      </p>
      {receipt !== undefined && <ReceiptCode receipt={receipt} language={language} />}
    </Scene>
  );
};

const pictureOf = (step: Step, service: Referral["service"]): Picture =>
  step === "ordinary" ? servicePictures[service] : stepPictures[step];

const stepPictures: Readonly<Record<Exclude<Step, "ordinary">, Picture>> = {
  refresh: RefreshPicture,
  clock: ClockPicture,
  "own-code": ShowCodePicture,
  phone: ShowCodePicture,
  wait: ClockPicture,
  desk: BookPicture,
  staff: StaffPicture,
};
