/** The heading of each screen, and what is said of it to those who listen rather than look. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Screen } from "../session.ts";
import type { Language } from "./language.ts";
import { readyNext, setupWords, words } from "./words.ts";
import { handOverTitles, passageWords, staffTitles } from "./words-headings.ts";
import { tierWords } from "./words-library.ts";
import { referWordsOf, stepWords } from "./words-refer.ts";
import { machineOf, resultWords } from "./words-result.ts";
import { dockWords, leavingTitle, serviceWords, taskTitles } from "./words-services.ts";

export const headingOf = (screen: Screen): Bilingual => {
  switch (screen.name) {
    case "setup":
      return setupWords[screen.stage].title;
    case "ready":
      return readyHeadingOf(screen);
    case "reading":
      return words.reading;
    case "paying":
      return words.payingTitle;
    case "result":
      return resultWords[machineOf(screen.service, screen.action)][screen.stage].title;
    case "refer":
      return referWordsOf(screen.reason).happened;
    case "session":
      return sessionHeadingOf(screen);
    case "out-of-service":
      return words.outTitle;
    case "hand-over":
      return handOverTitles[screen.stage];
    case "staff":
      return staffTitles[screen.stage];
    case "passage":
      return passageWords[screen.cause].title;
  }
};

/** The whole message of a screen in one breath. */
export const announcementOf = (screen: Screen, language: Language): string =>
  [headingOf(screen), ...moreOf(screen)].map((text) => text[language]).join(language === "zh" ? "。" : ". ");

type DockScreen = Extract<Screen, { readonly name: "session"; readonly stage: "dock" }>;

/** A bike to take, or an empty dock to return one to. */
export const isChoice = (screen: DockScreen, { vehicle }: DockScreen["docks"][number]): boolean =>
  (vehicle !== null) === (screen.action === "trip_start");

export const hasChoice = (screen: DockScreen): boolean => screen.docks.some((dock) => isChoice(screen, dock));

type ReadyScreen = Extract<Screen, { readonly name: "ready" }>;

const readyHeadingOf = (screen: ReadyScreen): Bilingual => {
  if (screen.task != null) return taskTitles[screen.task];
  return screen.wayOut === "asked" ? leavingTitle : serviceWords[screen.service].ready;
};

type Session = Extract<Screen, { readonly name: "session" }>;

const sessionHeadingOf = (screen: Session): Bilingual => {
  switch (screen.stage) {
    case "terms":
      return words.termsTitle;
    case "tiers":
      return tierWords.title;
    case "items":
      return words[`${screen.action}Title`];
    case "returns":
      return words.returnsTitle;
    case "receipt":
      if (screen.items.length === 0) return words.receiptEmpty;
      return screen.granted === null ? words.receiptReturned : words.receiptBorrowed;
    case "dock":
      return dockHeadingOf(screen);
    case "perks":
      return words.perksTitle;
  }
};

const dockHeadingOf = (screen: DockScreen): Bilingual => {
  const { choose, none } = dockWords[screen.service];
  if (screen.action === "trip_start") return hasChoice(screen) ? choose : none;
  return hasChoice(screen) ? words.chooseEmptyDock : words.noDockTitle;
};

const moreOf = (screen: Screen): readonly Bilingual[] => {
  if (screen.name === "ready") return [screen.hint === null ? readyNext : hintWords[screen.hint]];
  if (screen.name === "paying") return [words.payingNext];
  if (screen.name === "result") {
    const { next } = resultWords[machineOf(screen.service, screen.action)][screen.stage];
    return screen.ticket === undefined ? [next] : [numberDrawn(screen.ticket), next];
  }
  if (screen.name === "out-of-service") return [words.outNext];
  if (screen.name === "passage") return [passageWords[screen.cause].next];
  if (screen.name !== "refer") return [];
  return [...referWordsOf(screen.reason).steps.map((step) => stepWords[step][screen.service]), screen.help];
};

const numberDrawn = (ticket: string): Bilingual => ({
  zh: `${words.ticket.zh} ${ticket}`,
  en: `${words.ticket.en} ${ticket}`,
});

export const hintWords: Readonly<Record<"item-first" | "task-first", Bilingual>> = {
  "item-first": words.itemFirst,
  "task-first": words.taskFirst,
};
