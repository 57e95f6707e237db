/** What every part of the demo's page is drawn from, and what it can ask for. */
import type { ServiceName } from "../../shared/terms.ts";
import type { Language } from "../ui/language.ts";
import type { Demo, DemoTerminal } from "./demo.ts";

export type Actions = {
  readonly switchLanguage: () => void;
  readonly startOver: () => void;
  readonly open: () => void;
  readonly switchNetwork: () => void;
  readonly switchTurnstile: () => void;
  readonly switchAccount: () => void;
  /** Another service in this one's place. */
  readonly choose: (terminal: DemoTerminal, service: ServiceName) => void;
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
