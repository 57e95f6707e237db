/** The reference phone without a browser: its store, issuer and clock made up, its keys and codes real. */
import { beforeEach, describe, expect, it } from "vitest";
import { isCodeOver, renewalAt, retrySeconds } from "../kiosk/wallet/life.ts";
import type { Answer, Explainer, Issuer, Person, WalletClock, WalletStore } from "../kiosk/wallet/ports.ts";
import type { WalletState } from "../kiosk/wallet/state.ts";
import { createWallet, type Wallet } from "../kiosk/wallet/wallet.ts";
import { type Bytes, fromBase64url, sha256 } from "../shared/bytes.ts";
import { decodeCredential, issueCredential, readCode } from "../shared/credential.ts";
import { importPublicKey, type SigningKey } from "../shared/keys.ts";
import type { OrderAnswer, OrderRequest } from "../shared/messages.ts";
import { openOwnReceipt } from "../shared/own-receipt.ts";
import { openProof, type Proof } from "../shared/proof.ts";
import {
  formatRecoveryCode,
  type Loss,
  openLoss,
  openRecovery,
  type Recovery,
  recoveryCodeBytes,
} from "../shared/recovery.ts";
import { openTrust, type Trust } from "../shared/trust.ts";
import { verify } from "../shared/verify.ts";
import type { WhyAnswer } from "../shared/why.ts";
import { drawKey, now } from "./sample.ts";

const week = 7 * 86_400;
const linYue = { handle: "lin-yue", name: { zh: "林悦", en: "Lin Yue" }, about: { zh: "720 分", en: "720 points" } };

let key: SigningKey;
let trust: Trust;
let clock: WalletClock & { readonly move: (seconds: number) => void };
let isUp: boolean;
let refuses: boolean;
let storeFails: boolean;
let idsMade: number;
let proofs: Proof[];
let people: Map<string, Person>;
let chosen: string | null;
let onReturn: () => void;
let state: WalletState;
let wallet: Wallet;
let recoveries: Recovery[];
let losses: Loss[];
let orders: OrderRequest[];
let answerOrder: (asked: OrderRequest) => Promise<Answer<OrderAnswer>>;
let asked: { readonly code: string; readonly own: string; readonly text?: string }[];

beforeEach(async () => {
  key = await drawKey();
  const opened = await openTrust([{ kid: key.kid, use: "citizen", jwk: key.jwk, programme: "here", lists: ["a"] }]);
  if (opened.kind === "invalid") throw new Error(opened.error);
  trust = opened.value;
  clock = createClock();
  [isUp, refuses, storeFails] = [true, false, false];
  [proofs, people, chosen, idsMade] = [[], new Map(), null, 0];
  [recoveries, losses, orders, asked] = [[], [], [], []];
  wallet = open();
  await wallet.start();
});

const open = (): Wallet =>
  createWallet(
    {
      store,
      issuer,
      explainer,
      clock,
      makeKeys: async () =>
        (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair,
      makeId: () => `${++idsMade}`,
      random: { bytes: (length) => new Uint8Array(length).fill(7) },
    },
    (next) => {
      state = next;
    },
  );

const createClock = (): typeof clock => {
  let at = now;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => at,
    after: (seconds, callback) => {
      const timer = { at: at + seconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    move: (seconds) => {
      at += seconds;
      for (const timer of [...timers]) if (timer.at <= at && timers.delete(timer)) timer.callback();
    },
  };
};

const store: WalletStore = {
  read: async () => ({ people: [...people.values()], chosen }),
  write: async (person) => {
    if (storeFails) throw new Error("the disk is full");
    people.set(person.id, person);
  },
  choose: async (id) => {
    // A disk takes longer than a signature.
    await new Promise((resolve) => setTimeout(resolve, 5));
    chosen = id;
  },
};

const why: WhyAnswer = {
  ...{ code: "7KQM-3F2-9XT4", hour: 0, service: "metro", policy: "ab", manifest: 1, confirmedAt: null },
  ...{ rules: null, own: null },
};
const explainer: Explainer = {
  why: async (each) => {
    asked.push(each);
    if (!isUp) return { kind: "unreachable", cause: "no network" };
    return refuses ? { kind: "rejected", status: 403, problem: null } : { kind: "answered", value: why };
  },
  object: async (each) => {
    asked.push(each);
    if (!isUp) return { kind: "unreachable", cause: "no network" };
    return { kind: "answered", value: { secret: "AAAA-BBBB" } };
  },
};

const issuer: Issuer = {
  citizens: async () => ({ kind: "answered", value: { programme: "here", citizens: [linYue] } }),
  sendProof: async (bytes): Promise<Answer<Bytes>> => {
    if (!isUp) return { kind: "unreachable", cause: "no network" };
    const proof = await openProof(bytes);
    if (proof === null || refuses) return { kind: "rejected", status: 403, problem: null };
    proofs.push(proof);
    const [iat, exp] = [clock.now(), clock.now() + week];
    const holder = proof.form === "card" ? {} : { holder: proof.key.jwk };
    return {
      kind: "answered",
      value: await issueCredential({ sub: "subject-1", iat, exp, status: { uri: "a", index: 3 }, ...holder }, key),
    };
  },
  sendOrder: async (asked) => {
    orders.push(asked);
    return answerOrder(asked);
  },
  sendRecovery: async (bytes) => {
    const recovery = openRecovery(bytes);
    if (!isUp) return { kind: "unreachable", cause: "no network" };
    if (recovery === null || refuses) return { kind: "rejected", status: 403, problem: null };
    recoveries.push(recovery);
    return { kind: "answered", value: "registered" };
  },
  sendLoss: async (bytes): Promise<Answer<Bytes>> => {
    const loss = await openLoss(bytes);
    if (loss === null || refuses) return { kind: "rejected", status: 403, problem: null };
    losses.push(loss);
    if (!isUp) return { kind: "unreachable", cause: "the answer was lost" };
    if (loss.wanted !== "replace") return { kind: "answered", value: new Uint8Array() };
    const [iat, exp, holder] = [clock.now(), clock.now() + week, loss.key.jwk];
    const claims = { sub: "subject-1", iat, exp, status: { uri: "a", index: 4 }, holder };
    return { kind: "answered", value: await issueCredential(claims, key) };
  },
  onReturn: (callback) => {
    onReturn = callback;
    return () => {};
  },
};

/** Lets time pass in steps of the wallet's own second, and everything that this starts come to its end. */
const pass = async (seconds: number): Promise<void> => {
  clock.move(seconds);
  await settle();
  clock.move(1);
  await settle();
};
/** As long as a longer chain of the same kind takes: a key, a signature, the disk, one after another. */
const settle = async () => {
  for (let step = 0; step < 12; step++) {
    await drawKey();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

const shown = () => verify(state.code?.text ?? "", trust, clock.now());

describe("a phone that may get lost", () => {
  const text = formatRecoveryCode(new Uint8Array(recoveryCodeBytes).fill(7));

  it("shows a recovery code once the issuer has it, and forgets it", async () => {
    await wallet.join(linYue);
    await expect.poll(() => state.code).not.toBeNull();
    const credential = [...people.values()][0]?.credential;
    isUp = false;
    await wallet.makeRecoveryCode();
    expect(state.recovery).toMatchObject({ kind: "failed", cause: "unreachable" });
    isUp = true;
    await wallet.makeRecoveryCode();
    expect(state.recovery).toEqual({ kind: "ready", text });
    expect(recoveries).toMatchObject([
      { credential, recovery: await sha256(new Uint8Array(recoveryCodeBytes).fill(7)) },
    ]);
    wallet.dropLoss();
    expect(state.recovery).toBeNull();
    expect(JSON.stringify([...people.values()])).not.toContain(text);
  });

  it("is suspended and taken back from another one, which stays nobody's", async () => {
    for (const wanted of ["suspend", "resume"] as const) {
      await wallet.reportLoss(text.toLowerCase(), wanted);
      expect(state.loss).toEqual({ kind: "done", wanted });
    }
    expect(losses.map(({ wanted }) => wanted)).toEqual(["suspend", "resume"]);
    expect([people.size, state.chosen]).toEqual([0, null]);
  });

  it("is replaced by another one, by one key, however often it is asked", async () => {
    isUp = false;
    await wallet.reportLoss(text, "replace");
    expect(state.loss).toMatchObject({ kind: "failed", cause: "unreachable" });
    expect(people.size).toBe(0);
    isUp = true;
    await wallet.reportLoss(text, "replace");
    await expect.poll(() => state.code).not.toBeNull();
    expect(state.loss).toEqual({ kind: "done", wanted: "replace" });
    expect(new Set(losses.map(({ key: { kid } }) => kid)).size).toBe(1);
    expect(await shown()).toMatchObject({ kind: "verified", presentation: { sub: "subject-1", statusIndex: 4 } });
    expect(proofs).toEqual([]);
  });

  it("is told what is wrong with the code, and what the issuer says", async () => {
    await wallet.reportLoss(text.slice(1), "replace");
    expect(state.loss).toEqual({ kind: "mistyped" });
    expect(losses).toEqual([]);
    refuses = true;
    await wallet.reportLoss(text, "replace");
    expect(state.loss).toMatchObject({ kind: "failed", cause: "refused" });
    expect(people.size).toBe(0);
  });
});

describe("a code", () => {
  it("verifies, and is that of the citizen's credential", async () => {
    await wallet.join(linYue);
    await settle();
    expect(await shown()).toMatchObject({ kind: "verified", presentation: { sub: "subject-1", form: "presentation" } });
    expect(proofs).toMatchObject([{ citizen: "lin-yue", credential: null, form: "phone" }]);
  });

  it("is replaced after 30 s, not before", async () => {
    await wallet.join(linYue);
    await settle();
    const first = state.code?.text;
    await pass(27);
    expect(state.code?.text).toBe(first);
    await pass(2);
    expect(state.code?.text).not.toBe(first);
    expect(await shown()).toMatchObject({ kind: "verified" });
  });

  it("is replaced at once for whoever asks, also within the second", async () => {
    await wallet.join(linYue);
    await settle();
    const texts = [state.code?.text];
    for (let i = 0; i < 3; i++) {
      await wallet.refreshCode();
      texts.push(state.code?.text);
      expect(await shown()).toMatchObject({ kind: "verified" });
    }
    // Nor does one come back.
    await pass(0);
    texts.push(state.code?.text);
    expect(texts.indexOf(state.code?.text)).toBe(3);
    expect(new Set(texts).size).toBe(4);
  });

  it("is never made further ahead of time than terminals take", async () => {
    await wallet.join(linYue);
    await settle();
    for (let i = 0; i < 40; i++) await wallet.refreshCode();
    expect(await shown()).toMatchObject({ kind: "verified" });
  });

  it.each([
    [29, false],
    [30, true],
    [-20, false],
    [-21, true],
  ])("%i s after it was made is over: %s", (seconds, isOver) => {
    expect(isCodeOver({ text: "", madeAt: now, nextAt: now + 30 }, now + seconds)).toBe(isOver);
  });

  it("is that of the person chosen last", async () => {
    await wallet.join(linYue);
    await wallet.join(null);
    await settle();
    expect(state.people).toHaveLength(2);
    const own = readCode(state.code?.text ?? "");
    await wallet.choose(state.people[0]?.id ?? "");
    await settle();
    const hers = readCode(state.code?.text ?? "");
    expect(own.kind === "presentation" && hers.kind === "presentation" && own.holder.x !== hers.holder.x).toBe(true);
  });
});

describe("a code that was still being signed", () => {
  it("is not shown as another person's", async () => {
    await wallet.join(linYue);
    await settle();
    await wallet.join(null);
    await settle();
    const late = wallet.refreshCode();
    await wallet.choose("1");
    await late;
    await settle();
    const code = readCode(state.code?.text ?? "");
    expect(code.kind === "presentation" && code.holder).toEqual(proofs[0]?.key.jwk);
  });
});

describe("a credential", () => {
  it("is renewed at half its life, and not before", async () => {
    await wallet.join(linYue);
    await settle();
    await pass(week / 2 - 5);
    expect(proofs).toHaveLength(1);
    await pass(5);
    expect(proofs).toHaveLength(2);
    expect(state.chosen?.life?.exp).toBeGreaterThan(now + 1.4 * week);
    expect(people.get("1")?.credential).not.toBeNull();
  });

  it("is renewed by the earlier one where only the key is known", async () => {
    await wallet.join(null);
    await settle();
    const first = people.get("1")?.credential;
    await pass(week / 2);
    expect(proofs[0]).toMatchObject({ citizen: null, credential: null });
    expect(proofs[1]?.citizen).toBeNull();
    expect(proofs[1]?.credential).toEqual(first);
  });

  it("that cannot be renewed works to its end, is asked for with back-off, then is over", async () => {
    await wallet.join(linYue);
    await settle();
    isUp = false;
    await pass(week / 2);
    expect(state.chosen?.contact).toMatchObject({ kind: "waiting", cause: "unreachable", failures: 1 });
    expect(await shown()).toMatchObject({ kind: "verified" });
    await pass(5);
    expect(state.chosen?.contact).toMatchObject({ kind: "waiting", failures: 2 });
    await pass(week / 2);
    expect(state.code).toBeNull();
    expect(state.chosen?.life?.exp).toBe(now + week);
    isUp = true;
    onReturn();
    await settle();
    expect(await shown()).toMatchObject({ kind: "verified" });
  });

  it("that the issuer refuses says so", async () => {
    refuses = true;
    await wallet.join(linYue);
    await settle();
    expect(state.chosen?.contact).toMatchObject({ kind: "waiting", cause: "refused", detail: "HTTP 403" });
    expect(state.code).toBeNull();
  });

  it("for another key than ours is not taken", async () => {
    const send = issuer.sendProof;
    const other = await issueCredential(
      { sub: "subject-2", iat: now, exp: now + week, holder: (await drawKey()).jwk, status: { uri: "a", index: 1 } },
      key,
    );
    Object.assign(issuer, { sendProof: async () => ({ kind: "answered", value: other }) });
    await wallet.join(linYue);
    await settle();
    Object.assign(issuer, { sendProof: send });
    expect(state.chosen?.contact).toMatchObject({ kind: "waiting", cause: "senseless" });
    expect(people.get("1")?.credential).toBeNull();
  });

  it.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [7, 320],
    [8, 600],
    [50, 600],
  ])("after %i failures is asked for again in %i s", (failures, seconds) => {
    expect(retrySeconds(failures)).toBe(seconds);
  });

  it("of an odd life is due at the second after its half at the latest", () => {
    expect(renewalAt({ iat: now, exp: now + 11 })).toBe(now + 5);
  });
});

describe("a phone", () => {
  it("knows its people and its code after a restart without a server", async () => {
    await wallet.join(linYue);
    await settle();
    isUp = false;
    wallet = open();
    await wallet.start();
    expect(state.chosen?.handle).toBe("lin-yue");
    expect(await shown()).toMatchObject({ kind: "verified" });
  });

  it("that cannot keep a key makes no person of it, and says why", async () => {
    storeFails = true;
    await wallet.join(linYue);
    await settle();
    expect(state).toMatchObject({ people: [], chosen: null, trouble: "Error: the disk is full" });
    expect(proofs).toEqual([]);
  });

  it("makes one person of a citizen who is asked for twice", async () => {
    await Promise.all([wallet.join(linYue), wallet.join(linYue)]);
    await wallet.join(linYue);
    await settle();
    expect(state.people).toHaveLength(1);
  });
});

describe("a card", () => {
  it("is a bearer code, asked for with the phone's credential, and never stored", async () => {
    await wallet.join(linYue);
    await settle();
    const before = JSON.stringify([...people.values()].map(({ credential }) => credential?.length));
    await wallet.orderCard();
    expect(proofs[1]).toMatchObject({ form: "card", credential: people.get("1")?.credential });
    if (state.card?.kind !== "ready") throw new Error("no card");
    expect(await verify(state.card.text, trust, clock.now())).toMatchObject({
      kind: "verified",
      presentation: { form: "bearer", sub: "subject-1" },
    });
    expect(JSON.stringify([...people.values()].map(({ credential }) => credential?.length))).toBe(before);
    wallet.dropCard();
    expect(state.card).toBeNull();
  });

  it("that does not come says why", async () => {
    await wallet.join(linYue);
    await settle();
    isUp = false;
    await wallet.orderCard();
    expect(state.card).toMatchObject({ kind: "failed", cause: "unreachable" });
  });

  it("that was put away meanwhile does not come back", async () => {
    await wallet.join(linYue);
    await settle();
    const ordered = wallet.orderCard();
    wallet.dropCard();
    await ordered;
    expect(state.card).toBeNull();
  });
});

describe("books to the door", () => {
  const fee = { fee: 300, currency: "CNY" };
  const due: Answer<OrderAnswer> = { kind: "answered", value: { kind: "due", ...fee } };
  const ordered: Answer<OrderAnswer> = { kind: "answered", value: { kind: "ordered", ...fee } };
  const away: Answer<OrderAnswer> = { kind: "unreachable", cause: "no network" };
  beforeEach(async () => {
    answerOrder = async (asked) => (asked.fee === null ? due : ordered);
    await wallet.join(linYue);
    await expect.poll(() => state.code).not.toBeNull();
  });
  const codes = () => orders.map(({ code }) => code);

  it("are paid for by who has seen the fee, each time by a code that no reader sees", async () => {
    const shown = state.code?.text;
    await wallet.order(["BOOK-1", "BOOK-2"], null);
    expect(state.order).toEqual({ kind: "due", items: ["BOOK-1", "BOOK-2"], ...fee });
    await wallet.order(["BOOK-1", "BOOK-2"], 300);
    expect(state.order).toMatchObject({ kind: "ordered" });
    expect(orders.map((asked) => asked.fee)).toEqual([null, 300]);
    expect(new Set([shown, ...codes(), state.code?.text]).size).toBe(4);
    for (const code of codes()) expect(await verify(code, trust, now)).toMatchObject({ kind: "verified" });
  });

  it("are ordered once, however often no answer comes, and by no code that is too old", async () => {
    answerOrder = async () => away;
    await wallet.order(["BOOK-1"], 300);
    expect(state.order).toMatchObject({ kind: "unsure", cause: "unreachable" });
    await wallet.orderAgain();
    answerOrder = async () => ({ kind: "rejected", status: 503, problem: null });
    await wallet.orderAgain();
    expect(state.order).toMatchObject({ kind: "unsure" });
    expect(new Set(codes()).size).toBe(1);
    clock.move(120);
    await wallet.orderAgain();
    expect(orders).toHaveLength(3);
  });

  it("are ordered in the end, when the answer comes", async () => {
    answerOrder = async () => away;
    await wallet.order(["BOOK-1"], 300);
    answerOrder = async () => ordered;
    await wallet.orderAgain();
    expect(state.order).toMatchObject({ kind: "ordered", items: ["BOOK-1"] });
    await wallet.orderAgain();
    expect(orders).toHaveLength(2);
  });

  it("cost nothing to ask about, also where no answer comes", async () => {
    answerOrder = async () => away;
    await wallet.order(["BOOK-1"], null);
    expect(state.order).toMatchObject({ kind: "failed", cause: "unreachable" });
    answerOrder = async () => ({ kind: "answered", value: { kind: "refused", reason: "too-many", itemsMax: 5 } });
    await wallet.order(["BOOK-1"], null);
    expect(state.order).toEqual({ kind: "refused", reason: "too-many", itemsMax: 5 });
  });

  it("that were put away meanwhile come back to nobody's screen", async () => {
    let answer = (_: Answer<OrderAnswer>): void => {};
    answerOrder = () => new Promise((resolve) => (answer = resolve));
    const asked = wallet.order(["BOOK-1"], null);
    await expect.poll(() => state.order).toEqual({ kind: "asking" });
    wallet.dropOrder();
    answer(due);
    await asked;
    expect(state.order).toBeNull();
  });
});

describe("a receipt", () => {
  const code = "7KQM-3F2-9XT4";
  beforeEach(async () => {
    await wallet.join(linYue);
    await settle();
  });

  it("is asked about with the phone's own signature, for this code and this moment", async () => {
    await wallet.askReceipt(code);
    expect(state.receipt).toEqual({ kind: "told", why, sent: null });
    const own = openOwnReceipt(fromBase64url(asked[0]?.own ?? "") ?? new Uint8Array(0));
    expect(own).toMatchObject({ code, at: clock.now(), credential: people.get("1")?.credential });
    const holder = decodeCredential(own?.credential ?? new Uint8Array(0))?.claims.holder;
    const phone = await importPublicKey(holder);
    expect(phone !== null && (await own?.isSignedBy(phone))).toBe(true);
  });

  it("that is mistyped asks nobody; one that is somebody else's, or no answer, says so", async () => {
    await wallet.askReceipt("7KQM");
    expect([state.receipt, asked]).toEqual([{ kind: "mistyped" }, []]);
    refuses = true;
    await wallet.askReceipt(code);
    expect(state.receipt).toMatchObject({ kind: "failed", cause: "refused" });
    isUp = false;
    await wallet.askReceipt(code);
    expect(state.receipt).toMatchObject({ kind: "failed", cause: "unreachable" });
  });

  it("is objected to by the same signature, once, and the secret is on no disk", async () => {
    await wallet.askReceipt(code);
    isUp = false;
    await wallet.object("why?");
    expect(state.receipt).toMatchObject({ kind: "told", sent: { kind: "failed", cause: "unreachable" } });
    isUp = true;
    await wallet.object("why?");
    expect(state.receipt).toMatchObject({ sent: { kind: "opened", secret: "AAAA-BBBB" } });
    await wallet.object("again");
    expect(asked.map(({ text }) => text)).toEqual([undefined, "why?", "why?"]);
    expect(openOwnReceipt(fromBase64url(asked[2]?.own ?? "") ?? new Uint8Array(0))).toMatchObject({ code });
    expect(JSON.stringify([...people.values()])).not.toContain("AAAA-BBBB");
    wallet.dropReceipt();
    expect(state.receipt).toBeNull();
  });

  it("that was put away meanwhile does not come back", async () => {
    const asking = wallet.askReceipt(code);
    wallet.dropReceipt();
    await asking;
    expect(state.receipt).toBeNull();
  });
});
