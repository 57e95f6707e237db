/**
 * What the pages of the phone get: the wallet's state, what the screen alone knows (`View`), and where touches go
 * (`Actions`).
 */
import type { LossWish } from "../../shared/recovery.ts";
import type { Instant } from "../../shared/terms.ts";
import { type Language, localeOf } from "../ui/language.ts";
import type { StaffBadge } from "./badge.ts";
import type { BadgeState, DemoCitizen, Shown, WalletState } from "./state.ts";
import { ownName } from "./words.ts";

export type View = {
  readonly page: "code" | "people" | "card" | "order" | "receipt" | "recovery" | "lost" | "badge";
  readonly isLarge: boolean;
  readonly language: Language;
};

export type Actions = {
  readonly open: (page: View["page"]) => void;
  readonly enlarge: (isLarge: boolean) => void;
  readonly switchLanguage: () => void;
  readonly choose: (id: string) => void;
  readonly join: (citizen: DemoCitizen | null) => void;
  readonly loadCitizens: () => void;
  readonly newCode: () => void;
  readonly renewNow: () => void;
  readonly reportLoss: (typed: string, wanted: LossWish) => void;
  /** `fee` null: what would it cost? */
  readonly order: (items: readonly string[], fee: number | null) => void;
  readonly orderAgain: () => void;
  readonly dropOrder: () => void;
  readonly askReceipt: (typed: string) => void;
  /** To the receipt that was explained. */
  readonly object: (text: string) => void;
  readonly print: () => void;
  /** Of the staff badge. */
  readonly badge: Pick<StaffBadge, "refreshCode" | "renewNow" | "askAgain" | "remove">;
};

/** The path of a QR code in units of one module, quiet zone included. */
export type DrawQr = (text: string, level: "M" | "Q") => { readonly size: number; readonly path: string };

export type PageProps = {
  readonly state: WalletState;
  readonly badge: BadgeState;
  readonly view: View;
  readonly actions: Actions;
  readonly drawQr: DrawQr;
};

export const nameOf = ({ name, kid }: Shown, language: Language): string =>
  name === null ? ownName[language](kid) : name[language];

export const formatInstant = (at: Instant, language: Language): string =>
  new Intl.DateTimeFormat(localeOf[language], { dateStyle: "long", timeStyle: "short" }).format(at * 1000);

/** With its seconds, which a picture of a screen has not. */
export const formatClock = (at: Instant, language: Language): string =>
  new Intl.DateTimeFormat(localeOf[language], { timeStyle: "medium" }).format(at * 1000);
