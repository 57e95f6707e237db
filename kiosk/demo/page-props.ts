/** What every part of the demo's page is drawn from, and what it can ask for. */
import type { Language } from "../ui/language.ts";
import type { Demo, DemoTerminal } from "./demo.ts";

export type Actions = {
  readonly switchLanguage: () => void;
  readonly startOver: () => void;
  readonly open: () => void;
  readonly switchNetwork: () => void;
  readonly switchTurnstile: () => void;
  /** A terminal's page has opened in its frame. */
  readonly shrink: (terminal: DemoTerminal) => void;
  readonly showCode: (terminal: DemoTerminal) => void;
  readonly showBook: (terminal: DemoTerminal, barcode: string) => void;
};

export type PageProps = {
  readonly demo: Demo;
  readonly language: Language;
  readonly actions: Actions;
};
