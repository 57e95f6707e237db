/**
 * The reference phone: people, their credentials and the code that the chosen one shows.
 *
 * Once a second it looks what is due: a new code every 30 s, a new credential at half the life of the old one. A
 * renewal that fails is tried again with back-off, and at once when the network returns; until then the old one works
 * to its end. Nothing here needs the network but getting a credential. It never learns a score or a band.
 *
 * A printed card is asked for, shown and forgotten: whoever has its text has the card, so the phone keeps no copy.
 */
import type { Bytes } from "../../shared/bytes.ts";
import { toleranceSeconds } from "../../shared/credential.ts";
import { type ProofRequest, signProof } from "../../shared/proof.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Random } from "../ports.ts";
import { type Held, heldOf, isRenewalDue, personOf, shownOf } from "./held.ts";
import { keepBy } from "./keeping.ts";
import {
  isCodeOver,
  isExpired,
  makeCode,
  readCard,
  readPhoneCredential,
  retrySeconds,
  type ShownCode,
} from "./life.ts";
import { createLostPhone, type LostPhone } from "./lost-phone.ts";
import { createOrdering, type Ordering } from "./ordering.ts";
import type { Answer, Explainer, Form, Issuer, MakeKeys, Person, WalletClock, WalletStore } from "./ports.ts";
import { createReceipts } from "./receipts.ts";
import { type Card, type Citizens, type DemoCitizen, failureOf, type WalletState } from "./state.ts";

export type Wallet = {
  /** Reads who is on this phone and begins to look, once a second. */
  readonly start: () => Promise<void>;
  /** Asks the issuer's demo city who lives there. */
  readonly loadCitizens: () => Promise<void>;
  readonly choose: (id: string) => Promise<void>;
  /** Makes a key and asks for a credential: as that citizen, or with null as somebody new. */
  readonly join: (citizen: DemoCitizen | null) => Promise<void>;
  /** A code that was shown counts once: the next terminal wants another. */
  readonly refreshCode: () => Promise<void>;
  readonly renewNow: () => Promise<void>;
  readonly orderCard: () => Promise<void>;
  readonly dropCard: () => void;
  /** For the chosen one. */
  readonly makeRecoveryCode: () => Promise<void>;
  readonly reportLoss: LostPhone["report"];
  readonly dropLoss: () => void;
  readonly order: Ordering["order"];
  readonly orderAgain: Ordering["orderAgain"];
  readonly dropOrder: () => void;
  /** Of the chosen one. */
  readonly askReceipt: (typed: string) => Promise<void>;
  readonly object: (text: string) => Promise<void>;
  readonly dropReceipt: () => void;
};

export type Edges = {
  readonly store: WalletStore;
  readonly issuer: Issuer;
  readonly explainer: Explainer;
  readonly clock: WalletClock;
  readonly makeKeys: MakeKeys;
  readonly makeId: () => string;
  readonly random: Random;
};

export const createWallet = (edges: Edges, onChange: (state: WalletState) => void): Wallet => {
  const { store, issuer, explainer, clock, makeKeys, makeId, random } = edges;
  const people = new Map<string, Held>();
  let chosen: string | null = null;
  let code: ShownCode | null = null;
  let citizens: Citizens = { kind: "asking" };
  let card: Card | null = null;
  let trouble: string | null = null;
  let isJoining = false;

  const emit = (): void => {
    const shown = [...people.values()].map(shownOf);
    onChange({
      ...{ now: clock.now(), people: shown, code, citizens, card, trouble },
      chosen: shown.find(({ id }) => id === chosen) ?? null,
      ...lostPhone.shown(),
      ...{ order: ordering.shown(), receipt: receipts.shown() },
    });
  };

  const lostPhone = createLostPhone({
    ...{ issuer, clock, random, makeKeys, makeId },
    onChange: () => emit(),
    adopt: async (person) => {
      await keep(() => store.write(person));
      people.set(person.id, await heldOf(person));
      await chooseHeld(await heldOf(person));
    },
  });

  const refreshCode = async (): Promise<void> => {
    const held = chosen === null ? undefined : people.get(chosen);
    if (held === undefined || code === null) return;
    const now = clock.now();
    // The moment is all that tells two codes apart.
    const madeAt = Math.max(now, code.madeAt + 1);
    if (madeAt <= now + toleranceSeconds / 2) await showCode(held, madeAt);
  };

  const ordering = createOrdering({
    ...{ issuer, clock },
    onChange: () => emit(),
    freshCode: async () => {
      const before = code;
      await refreshCode();
      const made = code;
      // What a reader sees next is another one.
      if (made !== before) await refreshCode();
      return made === before ? null : made;
    },
  });
  const receipts = createReceipts({ explainer, clock, onChange: () => emit() });

  /** Changes what is known of a person; gone meanwhile is impossible, since nobody is ever taken out. */
  const change = (id: string, part: Partial<Held>): void => {
    const held = people.get(id);
    if (held !== undefined) people.set(id, { ...held, ...part });
    emit();
  };

  const keep = keepBy((cause) => {
    trouble = cause;
  });

  /** The demo city knows its citizens by name; anybody else, and whoever wants a card, by the credential they have. */
  const ask = async ({ key, handle, credential }: Held, form: Form): Promise<Answer<Bytes>> => {
    const earlier = handle === null || form === "card" ? credential : null;
    const request: ProofRequest = { key: key.jwk, citizen: handle, credential: earlier, form, at: clock.now() };
    return issuer.sendProof(await signProof(request, key));
  };

  const renew = async (held: Held): Promise<void> => {
    const { id, key, contact } = held;
    if (people.get(id)?.contact.kind === "asking") return;
    change(id, { contact: { kind: "asking" } });
    const answer = await ask(held, "phone");
    const life = answer.kind === "answered" ? readPhoneCredential(answer.value, key) : null;
    if (answer.kind !== "answered" || life === null) {
      const failures = contact.kind === "waiting" ? contact.failures + 1 : 1;
      const retryAt = clock.now() + retrySeconds(failures);
      change(id, { contact: { kind: "waiting", ...failureOf(answer), failures, retryAt } });
      return;
    }
    await keep(() => store.write(personOf({ ...held, credential: answer.value })));
    change(id, { credential: answer.value, life, contact: { kind: "idle" } });
    if (chosen === id) code = null;
    await look();
  };

  const showCode = async (held: Held, madeAt: Instant): Promise<void> => {
    if (held.credential === null) return;
    const made = await makeCode(held.credential, held.key, madeAt);
    if (chosen !== held.id) return;
    code = made;
    emit();
  };

  /** Everything that is due now. */
  const look = async (): Promise<void> => {
    const now = clock.now();
    for (const held of people.values()) if (isRenewalDue(held, now)) void renew(held);
    const held = chosen === null ? undefined : people.get(chosen);
    if (held === undefined || held.life === null || isExpired(held.life, now)) code = null;
    else if (code === null || isCodeOver(code, now)) await showCode(held, now);
    emit();
  };

  const tick = async (): Promise<void> => {
    try {
      await look();
    } finally {
      clock.after(1, () => void tick());
    }
  };

  const chooseHeld = async (held: Held): Promise<void> => {
    chosen = held.id;
    code = null;
    card = null;
    await keep(() => store.choose(held.id));
    await look();
  };

  return {
    start: async () => {
      await keep(async () => {
        const stored = await store.read();
        for (const person of stored.people) people.set(person.id, await heldOf(person));
        chosen = stored.chosen;
      });
      issuer.onReturn(() => {
        for (const held of people.values()) if (held.contact.kind === "waiting") void renew(held);
      });
      await tick();
    },
    loadCitizens: async () => {
      citizens = { kind: "asking" };
      emit();
      const answer = await issuer.citizens();
      citizens =
        answer.kind === "answered"
          ? { kind: "known", list: answer.value.citizens }
          : { kind: "failed", ...failureOf(answer) };
      emit();
    },
    choose: async (id) => {
      const held = people.get(id);
      if (held !== undefined) await chooseHeld(held);
    },
    join: async (citizen) => {
      const known = [...people.values()].find(({ handle }) => citizen !== null && handle === citizen.handle);
      if (known !== undefined) {
        // Asked for by name: the city may have been started anew since.
        void renew(known);
        return chooseHeld(known);
      }
      if (isJoining) return;
      isJoining = true;
      const person: Person = {
        id: makeId(),
        handle: citizen?.handle ?? null,
        name: citizen?.name ?? null,
        about: citizen?.about ?? null,
        keys: await makeKeys(),
        credential: null,
      };
      const held = await heldOf(person);
      // A key that is not kept would be lost with the page, and the credential with it.
      const isKept = await keep(() => store.write(person));
      isJoining = false;
      if (!isKept) return emit();
      people.set(person.id, held);
      await chooseHeld(held);
    },
    refreshCode,
    renewNow: async () => {
      const held = chosen === null ? undefined : people.get(chosen);
      if (held !== undefined) await renew(held);
    },
    orderCard: async () => {
      const held = chosen === null ? undefined : people.get(chosen);
      if (held === undefined) return;
      card = { kind: "asking" };
      emit();
      const answer = await ask(held, "card");
      const read = answer.kind === "answered" ? readCard(answer.value) : null;
      // Put away meanwhile.
      if (card === null) return;
      card =
        read === null
          ? { kind: "failed", ...failureOf(answer) }
          : { kind: "ready", text: read.text, exp: read.claims.exp };
      emit();
    },
    dropCard: () => {
      card = null;
      emit();
    },
    makeRecoveryCode: async () => {
      const held = chosen === null ? undefined : people.get(chosen);
      if (held !== undefined) await lostPhone.makeCode(held);
    },
    reportLoss: lostPhone.report,
    order: ordering.order,
    orderAgain: ordering.orderAgain,
    dropOrder: () => {
      ordering.drop();
      emit();
    },
    dropLoss: () => {
      lostPhone.drop();
      emit();
    },
    askReceipt: async (typed) => {
      const held = chosen === null ? undefined : people.get(chosen);
      if (held !== undefined) await receipts.ask(held, typed);
    },
    object: async (text) => {
      const held = chosen === null ? undefined : people.get(chosen);
      if (held !== undefined) await receipts.object(held, text);
    },
    dropReceipt: () => {
      receipts.drop();
      emit();
    },
  };
};
