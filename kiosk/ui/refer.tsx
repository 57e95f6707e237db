/** Sent to the ordinary way: what happened, what to do now, and whom to ask. No alarm, no blame. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { BookPicture, ClockPicture, type Picture, RefreshPicture, ShowCodePicture, StaffPicture } from "./pictures.tsx";
import { Scene } from "./scene.tsx";
import { servicePictures } from "./service-pictures.ts";
import { words } from "./words.ts";
import { referWordsOf, type Step, stepWords } from "./words-refer.ts";

type Referral = Extract<Screen, { readonly name: "refer" }>;

export const Refer = ({ screen, language }: { readonly screen: Referral; readonly language: Language }) => {
  const { steps } = referWordsOf(screen.reason);
  return (
    <Scene picture={pictureOf(steps[0] ?? "staff", screen.service)} title={headingOf(screen)[language]}>
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
