/** The reference phone, wired: its people in IndexedDB, the issuer over HTTP, keys from WebCrypto, the page. */
import { render } from "preact";
import { readBadgeLink } from "../../shared/badge-proof.ts";
import { browserClock } from "../adapters/clock.ts";
import { makeKeyPair } from "../adapters/key-pair.ts";
import { leaveOldLogFile } from "../adapters/old-log-file.ts";
import { browserRandom } from "../adapters/random.ts";
import { keepInstalled } from "../adapters/register.ts";
import { passTrial } from "../adapters/trial.ts";
import { otherLanguage, tagOf } from "../ui/language.ts";
import { createBadgeStore } from "./adapters/badge-store.ts";
import { createBadgeIssuer, createExplainer, createIssuer } from "./adapters/issuer-http.ts";
import { openLanguageChoice } from "./adapters/language-choice.ts";
import { joinParentFrame } from "./adapters/parent-frame.ts";
import { drawQr } from "./adapters/qr.ts";
import { createWalletStore } from "./adapters/wallet-store.ts";
import { createStaffBadge } from "./badge.ts";
import { Phone } from "./phone.tsx";
import type { BadgeState, WalletState } from "./state.ts";
import type { Actions, View } from "./view.ts";
import { createWallet } from "./wallet.ts";

const app = document.getElementById("app") ?? document.body;
const languages = openLanguageChoice();
const { hash } = location;
const link = readBadgeLink(hash);
const isForBadge = link !== null || hash === "#badge";
/** No code stays in an address; which page is open does. */
const putAddress = (page: View["page"]): void =>
  history.replaceState(null, "", page === "badge" ? "#badge" : location.pathname + location.search);
if (isForBadge) putAddress("badge");

let view: View = { page: isForBadge ? "badge" : "code", isLarge: false, language: languages.read() };
let state: WalletState | null = null;
let badge: BadgeState | null = null;

const draw = (): void => {
  if (state === null || badge === null) return;
  document.documentElement.lang = tagOf[view.language];
  render(<Phone state={state} badge={badge} view={view} actions={actions} drawQr={drawQr} />, app);
  frame.tellCode(shownText(state, badge));
};

const shownText = ({ card, code }: WalletState, { code: ofBadge }: BadgeState): string | null => {
  if (view.page === "badge") return ofBadge?.text ?? null;
  return (view.page === "card" && card?.kind === "ready" ? card.text : code?.text) ?? null;
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

const staffBadge = createStaffBadge(
  { store: createBadgeStore(), issuer: createBadgeIssuer(), clock: browserClock, makeKeys: makeKeyPair },
  (next) => {
    badge = next;
    draw();
  },
);

const actions: Actions = {
  open: (page) => {
    putAddress(page);
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
  badge: staffBadge,
};

// A link that is opened where the phone is open already.
addEventListener("hashchange", () => {
  if (readBadgeLink(location.hash) !== null) location.reload();
});
languages.onChange((language) => change({ language }));
keepInstalled({
  clock: browserClock,
  isIdle: () => (view.page === "code" || view.page === "badge") && !view.isLarge,
  isInFlight: () => false,
  beforeReload: async () => {},
}).catch((cause: unknown) => console.warn("not installed:", cause));
await leaveOldLogFile("wallet");
await Promise.all([wallet.start(), staffBadge.start(link)]);
passTrial();
await wallet.loadCitizens();
