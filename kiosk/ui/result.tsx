/**
 * Let through. The same picture, words and colour for everyone, whatever the terms: they are on `<main>` for tests and
 * support, and drawn nowhere. What it costs appears when the citizen touches for it.
 */
import type { Screen } from "../session.ts";
import { CostOnRequest } from "./cost.tsx";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import {
  BikePicture,
  BookPicture,
  DonePicture,
  EmptyDockPicture,
  GateClosedPicture,
  GoThroughPicture,
  type Picture,
  ReturnPicture,
  StaffPicture,
} from "./pictures.tsx";
import type { OnPress } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { dockNumber } from "./words.ts";
import { type Machine, machineOf, type ResultStage, resultWords } from "./words-result.ts";

type ResultProps = {
  readonly screen: Extract<Screen, { readonly name: "result" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const Result = ({ screen, language, onPress }: ResultProps) => {
  const machine = machineOf[screen.action];
  const isGoingWell = screen.stage === "acting" || screen.stage === "done";
  return (
    <Scene
      picture={pictures[machine][screen.stage]}
      title={headingOf(screen)[language]}
      actions={
        isGoingWell && screen.cost !== null ? (
          <CostOnRequest cost={screen.cost} stage={screen.stage} language={language} onPress={onPress} />
        ) : undefined
      }
    >
      {screen.dock !== null && <p class="dock-called">{dockNumber[language](screen.dock)}</p>}
      <p class="lead">{resultWords[machine][screen.stage].next[language]}</p>
    </Scene>
  );
};

const pictures: Readonly<Record<Machine, Readonly<Record<ResultStage, Picture>>>> = {
  gate: { acting: GoThroughPicture, done: DonePicture, "timed-out": GateClosedPicture, broken: StaffPicture },
  unlock: { acting: BikePicture, done: DonePicture, "timed-out": EmptyDockPicture, broken: StaffPicture },
  lock: { acting: ReturnPicture, done: DonePicture, "timed-out": EmptyDockPicture, broken: StaffPicture },
  desk: { acting: BookPicture, done: DonePicture, "timed-out": BookPicture, broken: StaffPicture },
};
