/** The demo page, wired: its frames, its server, its slots. */
import { render } from "preact";
import { browserClock } from "../adapters/clock.ts";
import { keepInstalled } from "../adapters/register.ts";
import { passTrial } from "../adapters/trial.ts";
import { otherLanguage, tagOf } from "../ui/language.ts";
import { openLanguageChoice } from "../wallet/adapters/language-choice.ts";
import { makeTerminals } from "./adapters/city.ts";
import { listenToFrames, shrinkFrame, tellFrame } from "./adapters/frames.ts";
import { readSlots, slotOf, writeSlots } from "./adapters/slots.ts";
import { type Demo, type DemoTerminal, hear, newDemo, services, switchNetwork, switchTurnstile } from "./demo.ts";
import { Page } from "./page.tsx";
import type { Actions } from "./page-props.ts";

const app = document.getElementById("app") ?? document.body;
const languages = openLanguageChoice();
let language = languages.read();
let demo: Demo = newDemo;

const draw = (): void => {
  document.documentElement.lang = tagOf[language];
  render(<Page demo={demo} language={language} actions={actions} />, app);
};

const change = (next: Demo): void => {
  demo = next;
  draw();
};

/** Fresh links only for what is not enrolled yet: each enrols once. */
const openCity = async (): Promise<void> => {
  const { round, enrolled } = readSlots();
  const slots = services.map((service) => ({ service, slot: slotOf(service, round) }));
  const isEnrolled = slots.every(({ slot }) => enrolled.includes(slot));
  change({ ...newDemo, code: demo.code, learnt: demo.learnt });
  const made = isEnrolled ? null : await makeTerminals();
  if (made?.kind === "failed") return change({ ...demo, city: { kind: "closed", cause: made.cause } });
  const terminals = slots.map(({ service, slot }): DemoTerminal => {
    const hash = enrolled.includes(slot) ? "" : (made?.hashes[service] ?? "");
    return { service, slot, hash, news: null };
  });
  change({ ...demo, city: { kind: "open" }, terminals });
};

const noteEnrolled = (slot: string): void => {
  const slots = readSlots();
  if (!slots.enrolled.includes(slot)) writeSlots({ ...slots, enrolled: [...slots.enrolled, slot] });
};

const tellSwitches = (slot: string): void => {
  tellFrame(slot, { greenlane: "network", up: demo.isNetworkUp });
  tellFrame(slot, { greenlane: "turnstile", turns: demo.doesTurn });
};

const actions: Actions = {
  switchLanguage: () => {
    language = otherLanguage(language);
    languages.write(language);
    draw();
  },
  startOver: () => {
    writeSlots({ round: readSlots().round + 1, enrolled: [] });
    demo = { ...newDemo, code: demo.code };
    tellFrame("phone", { greenlane: "renew" });
    void openCity();
  },
  open: () => void openCity(),
  switchNetwork: () => {
    change(switchNetwork(demo));
    for (const { slot } of demo.terminals) tellSwitches(slot);
  },
  switchTurnstile: () => {
    change(switchTurnstile(demo));
    for (const { slot } of demo.terminals) tellSwitches(slot);
  },
  shrink: ({ slot }) => shrinkFrame(slot),
  showCode: ({ slot }) => {
    if (demo.code === null) return;
    tellFrame(slot, { greenlane: "scan", text: demo.code });
    // A code is good once: the phone goes on to the next one.
    tellFrame("phone", { greenlane: "new-code" });
  },
  showBook: ({ slot }, barcode) => tellFrame(slot, { greenlane: "scan", text: barcode }),
};

listenToFrames({
  onCode: (code) => change({ ...demo, code }),
  onNews: (news) => {
    const before = demo.terminals.find(({ slot }) => slot === news.slot);
    if (before?.news === null) tellSwitches(news.slot);
    if (news.screen.name !== "setup") noteEnrolled(news.slot);
    change(hear(demo, news));
  },
});
languages.onChange((chosen) => {
  language = chosen;
  draw();
});
keepInstalled({
  clock: browserClock,
  isIdle: () => document.hidden,
  isInFlight: () => false,
  beforeReload: async () => {},
}).catch((cause: unknown) => console.warn("not installed:", cause));
passTrial();
await openCity();
