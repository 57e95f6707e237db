/** What the other terminals of this site have seen, as far as the server has heard of it. Null where nobody answers in time. */
import type { Places, Stay } from "../shared/messages.ts";

export type Site = {
  /** Somebody waits for it: not for long. */
  readonly stayOf: (pseudonym: string) => Promise<Stay | null>;
  readonly places: () => Promise<Places | null>;
};
