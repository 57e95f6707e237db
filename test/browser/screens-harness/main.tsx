/** A page that draws the screen it is given, for screens.test.ts; what is touched is kept in `window.screens`. */
import { render } from "preact";
import "../../../kiosk/ui/tokens.css";
import "../../../kiosk/ui/terminal.css";
import type { CareTouch, Press, ReaderCare, Screen, Status } from "../../../kiosk/session.ts";
import type { Language } from "../../../kiosk/ui/language.ts";
import { loadScreens } from "../../../kiosk/ui/later-screens.ts";
import { TerminalScreen } from "../../../kiosk/ui/terminal-screen.tsx";
import { type ToneKind, toneSeconds, writeTone } from "../../../kiosk/ui/tones.ts";

const root = document.querySelector("#root");
if (root === null) throw new Error("no root");

const host = document.createElement("div");

const show = (screen: Screen, status: Status, language: Language): void =>
  render(
    <TerminalScreen
      screen={screen}
      status={status}
      language={language}
      onPress={(press) => page.presses.push(press)}
      onLanguage={(chosen) => show(screen, status, chosen)}
      canHandOver
      cameraHost={host}
      care={page.care}
      onCare={(touch) => page.cared.push(touch)}
    />,
    root,
  );

/** The loudest sample of each hundredth of a second, and how often the wave crosses zero. */
const renderTone = async (kind: ToneKind, loudness = 1) => {
  const rate = 48_000;
  const context = new OfflineAudioContext(1, rate, rate);
  writeTone(context, kind, 0, loudness);
  const samples = (await context.startRendering()).getChannelData(0);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 0.001);
  const crossings = samples.filter((sample, index) => sample >= 0 !== (samples[index - 1] ?? 0) >= 0).length;
  return { seconds: last / rate, loudest: samples.reduce((a, b) => Math.max(a, Math.abs(b)), 0), crossings };
};

const page = {
  show,
  renderTone,
  toneSeconds,
  host,
  presses: [] as Press[],
  care: null as ReaderCare | null,
  cared: [] as CareTouch[],
};

declare global {
  var screens: typeof page;
}
globalThis.screens = page;
await loadScreens();
document.body.dataset.ready = "yes";
