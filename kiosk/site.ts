/** What the other terminals of this site have seen, as far as the server has heard of it. */
import type { Stay } from "../shared/messages.ts";

export type Site = {
  /** Null where nobody answers in time: nobody waits long for that. */
  readonly stayOf: (pseudonym: string) => Promise<Stay | null>;
};
