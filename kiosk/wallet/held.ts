/** A person as the wallet holds them while it runs: with the key ready to sign, and where renewal stands. */
import { type SigningKey, signingKeyOf } from "../../shared/keys.ts";
import type { Instant } from "../../shared/terms.ts";
import { type Life, readPhoneCredential, renewalAt } from "./life.ts";
import type { Person } from "./ports.ts";
import type { Contact, Shown } from "./state.ts";

export type Held = Person & { readonly key: SigningKey; readonly life: Life | null; readonly contact: Contact };

export const isRenewalDue = ({ life, contact }: Pick<Held, "life" | "contact">, now: Instant): boolean => {
  if (contact.kind === "asking") return false;
  if (contact.kind === "waiting") return now >= contact.retryAt;
  return life === null || now >= renewalAt(life);
};

export const heldOf = async (person: Person): Promise<Held> => {
  const key = await signingKeyOf(person.keys);
  const life = person.credential === null ? null : readPhoneCredential(person.credential, key);
  return { ...person, key, life, contact: { kind: "idle" } };
};

/** What is stored. */
export const personOf = ({ id, handle, name, about, keys, credential }: Held): Person => ({
  id,
  handle,
  name,
  about,
  keys,
  credential,
});

/** What is shown. */
export const shownOf = ({ id, handle, name, about, key, life, contact }: Held): Shown => ({
  id,
  handle,
  name,
  about,
  kid: key.kid,
  life,
  contact,
});
