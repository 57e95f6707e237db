/** The page as a place to show things on: the newest screen and status, in the language that was last asked for. */
import { render } from "preact";
import type { CareTouch, Connectable, HandOver, Press, ReaderCare, Screen, StaffScreen, Status } from "./session.ts";
import { toneFor } from "./tone-for.ts";
import { announcementOf } from "./ui/headings.ts";
import { type Language, tagOf } from "./ui/language.ts";
import { TerminalScreen } from "./ui/terminal-screen.tsx";
import type { ToneKind } from "./ui/tones.ts";

export type Display = {
  readonly show: (screen: Screen) => void;
  /** Over the screen, until null; what `show` gave stands behind it. */
  readonly showOver: (screen: HandOver | null) => void;
  /** Over everything, until null. */
  readonly showStaff: (screen: StaffScreen | null) => void;
  /** From now on the foot leads to it. */
  readonly offerHandOver: () => void;
  /** With the next screen, or right after what is going on: a gate is told before it is drawn. */
  readonly showStatus: (status: Status) => void;
  readonly shown: () => { readonly screen: Screen; readonly status: Status };
};

export type DisplayParts = {
  readonly host: Element;
  readonly cameraHost: HTMLElement | null;
  readonly screen: Screen;
  readonly status: Status;
  /** Until somebody chooses another. */
  readonly language: Language;
  readonly onPress: (press: Press) => void;
  /** Each new screen. */
  readonly onShow: (screen: Screen) => void;
  /** What staff see and set, in the language of this tag (BCP 47). */
  readonly care: (tag: string) => ReaderCare;
  readonly onCare: (touch: CareTouch) => void;
  /** The tone of a change of screens, and the new one in words. */
  readonly sound: (kind: ToneKind, words: string, tag: string) => void;
  /** Empty where there is nothing to connect. */
  readonly connectables: readonly Connectable[];
  /** Called while the touch is being answered. */
  readonly onConnect: (wanted: Connectable) => void;
};

export const createDisplay = (parts: DisplayParts): Display => {
  let { screen, status, language } = parts;
  let over: HandOver | null = null;
  let staff: StaffScreen | null = null;
  let canHandOver = false;
  let later: number | null = null;

  const draw = (): void => {
    if (later !== null) clearTimeout(later);
    later = null;
    render(
      <TerminalScreen
        screen={staff ?? over ?? screen}
        status={status}
        language={language}
        onPress={parts.onPress}
        onLanguage={(chosen) => {
          language = chosen;
          draw();
        }}
        canHandOver={canHandOver}
        cameraHost={parts.cameraHost}
        care={parts.care(tagOf[language])}
        onCare={parts.onCare}
        connectables={parts.connectables}
        onConnect={parts.onConnect}
      />,
      parts.host,
    );
  };
  draw();

  return {
    show: (next) => {
      const tone = toneFor(screen, next);
      screen = next;
      parts.onShow(next);
      draw();
      if (tone !== null) parts.sound(tone, announcementOf(next, language), tagOf[language]);
    },
    showOver: (next) => {
      over = next;
      draw();
    },
    showStaff: (next) => {
      staff = next;
      draw();
    },
    offerHandOver: () => {
      canHandOver = true;
      draw();
    },
    showStatus: (next) => {
      status = next;
      later ??= setTimeout(draw);
    },
    shown: () => ({ screen, status }),
  };
};
