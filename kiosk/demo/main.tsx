/** The demo page, wired: its frames, its server, its slots. */
import { render } from "preact";
import type { ServiceName } from "../../shared/terms.ts";
import { browserClock } from "../adapters/clock.ts";
import { keepInstalled } from "../adapters/register.ts";
import { passTrial } from "../adapters/trial.ts";
import { otherLanguage, tagOf } from "../ui/language.ts";
import { openLanguageChoice } from "../wallet/adapters/language-choice.ts";
import { makeTerminal } from "./adapters/city.ts";
import { listenToFrames, shrinkFrame, tellFrame } from "./adapters/frames.ts";
import { readSlots, slotOf, writeSlots } from "./adapters/slots.ts";
import {
  type Demo,
  type DemoTerminal,
  firstServices,
  hear,
  newDemo,
  replaceTerminal,
  switchAccount,
  switchNetwork,
  switchTurnstile,
} from "./demo.ts";
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
  const { chosen } = slotsNow();
  change({ ...newDemo, code: demo.code, learnt: demo.learnt });
  const opened = await Promise.all(chosen.map(openTerminal));
  const failed = opened.find((each) => "cause" in each);
  if (failed !== undefined) return change({ ...demo, city: { kind: "closed", cause: failed.cause } });
  const terminals = opened.flatMap((each) => ("cause" in each ? [] : [each]));
  change({ ...demo, city: { kind: "open" }, terminals });
};

const openTerminal = async (service: ServiceName): Promise<DemoTerminal | { readonly cause: string }> => {
  const { round, enrolled } = slotsNow();
  const slot = slotOf(service, round);
  const made = enrolled.includes(slot) ? null : await makeTerminal(service);
  return made?.kind === "failed" ? { cause: made.cause } : { service, slot, hash: made?.hash ?? "", news: null };
};

/** What stood there before goes on when it is chosen again: its log is still in its slot. */
const chooseService = async ({ slot }: DemoTerminal, service: ServiceName): Promise<void> => {
  const opened = await openTerminal(service);
  if ("cause" in opened) return change({ ...demo, city: { kind: "closed", cause: opened.cause }, terminals: [] });
  change(replaceTerminal(demo, slot, opened));
  writeSlots({ ...slotsNow(), chosen: demo.terminals.map((each) => each.service) });
};

const slotsNow = () => readSlots(firstServices);

const noteEnrolled = (slot: string): void => {
  const slots = slotsNow();
  if (!slots.enrolled.includes(slot)) writeSlots({ ...slots, enrolled: [...slots.enrolled, slot] });
};

const tellSwitches = (slot: string): void => {
  tellFrame(slot, { greenlane: "network", up: demo.isNetworkUp });
  tellFrame(slot, { greenlane: "turnstile", turns: demo.doesTurn });
  tellFrame(slot, { greenlane: "account", pays: demo.doesPay });
};

const actions: Actions = {
  switchLanguage: () => {
    language = otherLanguage(language);
    languages.write(language);
    draw();
  },
  startOver: () => {
    const { round, chosen } = slotsNow();
    writeSlots({ round: round + 1, enrolled: [], chosen });
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
  switchAccount: () => {
    change(switchAccount(demo));
    for (const { slot } of demo.terminals) tellSwitches(slot);
  },
  choose: (terminal, service) => void chooseService(terminal, service),
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
