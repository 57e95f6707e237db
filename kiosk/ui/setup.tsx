/** Before the terminal can serve: what it waits for. The cause, where there is one, is for staff and in English. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { TerminalPicture } from "./pictures.tsx";
import { Scene } from "./scene.tsx";
import { setupWords } from "./words.ts";

type SetupProps = { readonly screen: Extract<Screen, { readonly name: "setup" }>; readonly language: Language };

export const Setup = ({ screen, language }: SetupProps) => (
  <Scene picture={TerminalPicture} title={headingOf(screen)[language]}>
    <p class="lead">{setupWords[screen.stage].next[language]}</p>
    {screen.progress !== undefined && (
      <progress
        class="progress"
        max={screen.progress.total}
        value={screen.progress.bytes}
        aria-label={headingOf(screen)[language]}
      />
    )}
    {screen.cause !== "" && (
      <p class="cause" lang="en">
        {screen.cause}
      </p>
    )}
  </Scene>
);
