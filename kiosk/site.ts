/** What the other terminals of this site have seen, as far as the server has heard of it. Null where nobody answers in time. */
import type { Places, SpentCode, Stay } from "../shared/messages.ts";

export type Site = {
  /** Somebody waits for it: not for long. */
  readonly stayOf: (pseudonym: string) => Promise<Stay | null>;
  readonly places: () => Promise<Places | null>;
  /** Hears of codes that are used up there, for as long as this page lives and the server can be reached. */
  readonly listen: (hear: (spent: SpentCode) => void) => void;
};
