/** The reference phone, wired: its people in IndexedDB, the issuer over HTTP, keys from WebCrypto, the page. */
import { render } from "preact";
import { browserClock } from "../adapters/clock.ts";
import { makeKeyPair } from "../adapters/key-pair.ts";
import { leaveOldLogFile } from "../adapters/old-log-file.ts";
import { browserRandom } from "../adapters/random.ts";
import { keepInstalled } from "../adapters/register.ts";
import { passTrial } from "../adapters/trial.ts";
import { otherLanguage, tagOf } from "../ui/language.ts";
import { createExplainer, createIssuer } from "./adapters/issuer-http.ts";
import { openLanguageChoice } from "./adapters/language-choice.ts";
import { joinParentFrame } from "./adapters/parent-frame.ts";
import { drawQr } from "./adapters/qr.ts";
import { createWalletStore } from "./adapters/wallet-store.ts";
import { Phone } from "./phone.tsx";
import type { WalletState } from "./state.ts";
import type { Actions, View } from "./view.ts";
import { createWallet } from "./wallet.ts";

const app = document.getElementById("app") ?? document.body;
const languages = openLanguageChoice();
let view: View = { page: "code", isLarge: false, language: languages.read() };
let state: WalletState | null = null;

const draw = (): void => {
  if (state === null) return;
  document.documentElement.lang = tagOf[view.language];
  render(<Phone state={state} view={view} actions={actions} drawQr={drawQr} />, app);
  frame.tellCode((view.page === "card" && state.card?.kind === "ready" ? state.card.text : state.code?.text) ?? null);
};

const change = (part: Partial<View>): void => {
  view = { ...view, ...part };
  draw();
};

const frame = joinParentFrame((wish) => {
  if (wish === "new-code") void wallet.refreshCode();
  else void wallet.renewNow();
});

const wallet = createWallet(
  {
    store: createWalletStore(),
    issuer: createIssuer(),
    explainer: createExplainer(),
    clock: browserClock,
    makeKeys: makeKeyPair,
    random: browserRandom,
    makeId: () => `${Date.now()}`, // in order of arrival, as the store lists them
  },
  (next) => {
    state = next;
    draw();
  },
);

const actions: Actions = {
  open: (page) => {
    change({ page, isLarge: false });
    wallet.dropCard();
    wallet.dropLoss();
    wallet.dropOrder();
    wallet.dropReceipt();
    if (page === "recovery") void wallet.makeRecoveryCode();
    if (page === "card") void wallet.orderCard();
    if (page === "people") void wallet.loadCitizens();
    scrollTo(0, 0);
  },
  enlarge: (isLarge) => change({ isLarge }),
  switchLanguage: () => {
    change({ language: otherLanguage(view.language) });
    languages.write(view.language);
  },
  // The page opens once the code on it is the chosen one's.
  choose: (id) => void wallet.choose(id).then(() => change({ page: "code" })),
  join: (citizen) => void wallet.join(citizen).then(() => change({ page: "code" })),
  loadCitizens: () => void wallet.loadCitizens(),
  newCode: () => void wallet.refreshCode(),
  renewNow: () => void wallet.renewNow(),
  reportLoss: (typed, wanted) => void wallet.reportLoss(typed, wanted),
  order: (items, fee) => void wallet.order(items, fee),
  orderAgain: () => void wallet.orderAgain(),
  dropOrder: () => wallet.dropOrder(),
  askReceipt: (typed) => void wallet.askReceipt(typed),
  object: (text) => void wallet.object(text),
  print: () => print(),
};

languages.onChange((language) => change({ language }));
keepInstalled({
  clock: browserClock,
  isIdle: () => view.page === "code" && !view.isLarge,
  isInFlight: () => false,
  beforeReload: async () => {},
}).catch((cause: unknown) => console.warn("not installed:", cause));
await leaveOldLogFile("wallet");
await wallet.start();
passTrial();
await wallet.loadCitizens();
