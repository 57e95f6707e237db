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
  CarPicture,
  CounterPicture,
  DonePicture,
  EmptyDockPicture,
  GateClosedPicture,
  GoThroughPicture,
  type Picture,
  PowerBankPicture,
  ReturnPicture,
  StaffPicture,
  TicketPicture,
  UmbrellaPicture,
} from "./pictures.tsx";
import type { OnPress } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { ReceiptCode } from "./why.tsx";
import { dockNumber, words } from "./words.ts";
import { type Machine, machineOf, type ResultStage, resultWords } from "./words-result.ts";

type ResultProps = {
  readonly screen: Extract<Screen, { readonly name: "result" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const Result = ({ screen, language, onPress }: ResultProps) => {
  const machine = machineOf(screen.service, screen.action);
  const isGoingWell = screen.stage === "acting" || screen.stage === "done";
  const { receipt } = screen;
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
      {screen.ticket !== undefined && (
        <p class="dock-called">
          <span class="unseen">{words.ticket[language]} </span>
          {screen.ticket}
        </p>
      )}
      {screen.dock !== null && <p class="dock-called">{dockNumber[language](screen.dock)}</p>}
      <p class="lead">{resultWords[machine][screen.stage].next[language]}</p>
      {receipt !== undefined && isWhereOneStays(machine) && <ReceiptCode receipt={receipt} language={language} />}
    </Scene>
  );
};

/** Through a gate one walks on. */
const isWhereOneStays = (machine: Machine): boolean => !["gate", "board", "venue", "barrier"].includes(machine);

type Pictures = Readonly<Record<ResultStage, Picture>>;

const picturesOf = (acting: Picture, timedOut: Picture): Pictures => ({
  acting,
  done: DonePicture,
  "timed-out": timedOut,
  broken: StaffPicture,
});

const pictures: Readonly<Record<Machine, Pictures>> = {
  gate: picturesOf(GoThroughPicture, GateClosedPicture),
  board: picturesOf(GoThroughPicture, GateClosedPicture),
  venue: picturesOf(GoThroughPicture, GateClosedPicture),
  barrier: picturesOf(CarPicture, GateClosedPicture),
  unlock: picturesOf(BikePicture, EmptyDockPicture),
  lock: picturesOf(ReturnPicture, EmptyDockPicture),
  "umbrella-out": picturesOf(UmbrellaPicture, EmptyDockPicture),
  "umbrella-in": picturesOf(ReturnPicture, EmptyDockPicture),
  "power-bank-out": picturesOf(PowerBankPicture, EmptyDockPicture),
  "power-bank-in": picturesOf(ReturnPicture, EmptyDockPicture),
  desk: picturesOf(CounterPicture, CounterPicture),
  ticket: picturesOf(TicketPicture, TicketPicture),
  shift: picturesOf(CounterPicture, CounterPicture),
};
