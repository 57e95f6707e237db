/**
 * The staff badge on a phone, without a browser: its store and clock made up, its keys and codes real, and the operator's
 * own server answering.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerBadgeProof } from "../edge-server/phone-badge.ts";
import { badgeLinkSeconds, makePhoneBadge, type StaffRow } from "../edge-server/staff-book.ts";
import {
  type AskedBadge,
  type BadgeIssuer,
  type BadgeStore,
  createStaffBadge,
  type HeldBadge,
  type StaffBadge,
} from "../kiosk/wallet/badge.ts";
import type { Answer, WalletClock } from "../kiosk/wallet/ports.ts";
import type { BadgeState } from "../kiosk/wallet/state.ts";
import { type BadgeProof, openBadgeProof } from "../shared/badge-proof.ts";
import type { Bytes } from "../shared/bytes.ts";
import { issueCredential, usualLifeSeconds } from "../shared/credential.ts";
import { importPublicKey, signingKeyOf } from "../shared/keys.ts";
import { openTrust } from "../shared/trust.ts";
import { verify } from "../shared/verify.ts";
import { type OperatorWorld, openOperatorWorld } from "./operator-world.ts";

const about = { name: "Wu", role: "supervisor", sites: ["hall-1"], keys: [] } as const;

let world: OperatorWorld;
let clock: WalletClock & { readonly move: (seconds: number) => Promise<void> };
let isUp: boolean;
/** The answer is given, and does not arrive. */
let isLost: boolean;
let storeFails: boolean;
let held: HeldBadge | null;
let asked: AskedBadge | null;
let proofs: BadgeProof[];
let onReturn: () => void;
let state: BadgeState;
let badge: StaffBadge;

beforeEach(async () => {
  world = await openOperatorWorld();
  const issuer = await world.keys.makeStaffIssuer();
  world.registry.putIssuer({ kid: issuer.kid, use: "staff", jwk: issuer.jwk, name: "Badges" });
  clock = createClock();
  [isUp, isLost, storeFails] = [true, false, false];
  [held, asked, proofs] = [null, null, []];
  badge = open();
});
afterEach(() => world.close());

const open = (): StaffBadge =>
  createStaffBadge({ store, issuer, clock, makeKeys }, (next) => {
    state = next;
  });

const makeKeys = async () =>
  (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair;

const createClock = (): typeof clock => {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => world.clock.now,
    after: (seconds, callback) => {
      const timer = { at: world.clock.now + seconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    move: async (seconds) => {
      world.clock.now += seconds;
      for (const timer of [...timers]) if (timer.at <= world.clock.now && timers.delete(timer)) timer.callback();
      await vi.waitFor(() => expect(state.now).toBe(world.clock.now));
    },
  };
};

const store: BadgeStore = {
  read: async () => ({ held, asked }),
  putHeld: async (next) => {
    if (storeFails) throw new Error("the disk is full");
    held = next;
  },
  putAsked: async (next) => {
    if (storeFails) throw new Error("the disk is full");
    asked = next;
  },
};

const issuer: BadgeIssuer = {
  sendBadgeProof: async (bytes): Promise<Answer<Bytes>> => {
    if (!isUp) return { kind: "unreachable", cause: "no network" };
    const proof = await openBadgeProof(bytes);
    if (proof !== null) proofs.push(proof);
    const issued = await answerBadgeProof(world, bytes, world.clock.now);
    if (isLost) return { kind: "unreachable", cause: "cut off" };
    if (issued.kind === "issued") return { kind: "answered", value: issued.credential };
    const problem = { type: "urn:x", title: "No", status: 403, detail: issued.detail };
    return { kind: "rejected", status: 403, problem };
  },
  onReturn: (callback) => {
    onReturn = callback;
    return () => {};
  },
};

const makeLink = async (): Promise<Bytes> => {
  const { row, code } = await makePhoneBadge(about, world.keys.operator, world.clock.now);
  world.registry.putStaff(row);
  return code;
};
const change = (part: Partial<StaffRow>): void => {
  for (const row of world.registry.staff()) world.registry.putStaff({ ...row, ...part });
};

const isShown = () => vi.waitFor(() => expect(state.code).not.toBeNull());
const failed = () => vi.waitFor(() => expect(state.link).toMatchObject({ kind: "failed" }));
const readShown = async () => {
  const trust = await openTrust(world.registry.issuers());
  return trust.kind === "valid" ? verify(state.code?.text ?? "", trust.value, world.clock.now) : trust;
};

describe("a link", () => {
  it("gives this phone a badge that a terminal believes, by a key that nobody can read out, and is forgotten", async () => {
    await badge.start(await makeLink());
    await isShown();
    expect(state.badge).toMatchObject({ role: "supervisor", sites: ["hall-1"] });
    expect(state.link).toBeNull();
    expect(await readShown()).toMatchObject({ kind: "verified", presentation: { use: "staff", form: "presentation" } });
    expect(held?.keys.privateKey.extractable).toBe(false);
    expect(asked).toBeNull();
  });

  it("keeps its key and its code until it is answered, also over a restart, and asks by the same key", async () => {
    isLost = true;
    await badge.start(await makeLink());
    await failed();
    expect(state.link).toMatchObject({ cause: "unreachable", canAsk: true });
    expect([held, asked]).toEqual([null, expect.objectContaining({ code: expect.any(Uint8Array) })]);
    isLost = false;
    badge = open();
    await badge.start(null);
    await isShown();
    expect(new Set(proofs.map(({ key }) => key.kid)).size).toBe(1);
    expect(proofs).toHaveLength(2);
  });

  it("that nobody answered is asked again by a touch, or when the network returns", async () => {
    isUp = false;
    await badge.start(await makeLink());
    await failed();
    await badge.askAgain();
    expect(state.link).toMatchObject({ kind: "failed", canAsk: true });
    isUp = true;
    onReturn();
    await isShown();
  });

  it("that is opened twice on this phone is one key's", async () => {
    isLost = true;
    const link = await makeLink();
    await badge.start(link);
    await failed();
    isLost = false;
    badge = open();
    await badge.start(link);
    await isShown();
    expect(new Set(proofs.map(({ key }) => key.kid)).size).toBe(1);
  });

  it("that another phone used, or that is too old, says so, is forgotten, and leaves the badge of before", async () => {
    await badge.start(await makeLink());
    await isShown();
    const used = await makeLink();
    const other = await signingKeyOf(await makeKeys());
    change({ phone: { linkUntil: world.clock.now + badgeLinkSeconds, holder: other.kid } });
    badge = open();
    await badge.start(used);
    await failed();
    expect(state.link).toMatchObject({
      cause: "refused",
      canAsk: false,
      detail: expect.stringContaining("another phone"),
    });
    expect(asked).toBeNull();
    expect(state.badge).not.toBeNull();

    world.clock.now += badgeLinkSeconds;
    const old = await makeLink();
    world.clock.now += badgeLinkSeconds;
    badge = open();
    await badge.start(old);
    await failed();
    expect(state.link).toMatchObject({ detail: expect.stringContaining("too old") });
  });

  it("that is not whole asks nobody", async () => {
    await badge.start("malformed");
    expect(state).toMatchObject({ link: { kind: "malformed" }, badge: null, code: null });
    expect([proofs, asked]).toEqual([[], null]);
  });

  it("is not used where the key cannot be kept", async () => {
    storeFails = true;
    await badge.start(await makeLink());
    expect(state).toMatchObject({ badge: null, trouble: "Error: the disk is full" });
    expect(proofs).toEqual([]);
  });

  it("answered by a citizen's credential, or by another key's badge, is no badge", async () => {
    const issuerKey = await world.keys.makeStaffIssuer();
    const life = { sub: "subject-1", iat: world.clock.now, exp: world.clock.now + 1000 };
    const real = issuer.sendBadgeProof;
    const answers = [
      (proof: BadgeProof) => ({ ...life, holder: proof.key.jwk, status: { uri: "a", index: 1 } }),
      () => ({ ...life, holder: issuerKey.jwk, staff: { role: "supervisor", sites: ["hall-1"] } }),
    ];
    for (const answer of answers) {
      Object.assign(issuer, {
        sendBadgeProof: async (bytes: Bytes) => {
          const proof = await openBadgeProof(bytes);
          if (proof === null) throw new Error("no proof");
          return { kind: "answered", value: await issueCredential(answer(proof), issuerKey) };
        },
      });
      badge = open();
      await badge.start(await makeLink());
      await failed();
      expect(state).toMatchObject({ badge: null, link: { cause: "senseless" } });
    }
    Object.assign(issuer, { sendBadgeProof: real });
  });
});

describe("a badge", () => {
  beforeEach(async () => {
    await badge.start(await makeLink());
    await isShown();
  });

  it("shows a new code every 30 s, and at once for whoever asks, each believed", async () => {
    const texts = [state.code?.text];
    await clock.move(29);
    expect(state.code?.text).toBe(texts[0]);
    await clock.move(1);
    await vi.waitFor(() => expect(state.code?.text).not.toBe(texts[0]));
    texts.push(state.code?.text);
    await badge.refreshCode();
    texts.push(state.code?.text);
    expect(new Set(texts).size).toBe(3);
    expect(await readShown()).toMatchObject({ kind: "verified" });
  });

  it("is there after a restart without a network", async () => {
    isUp = false;
    badge = open();
    await badge.start(null);
    expect(state.badge).toMatchObject({ role: "supervisor" });
    expect(await readShown()).toMatchObject({ kind: "verified" });
  });

  it("renews by itself at half its life, by the badge and the same key", async () => {
    const before = state.badge?.life.exp ?? 0;
    await clock.move(usualLifeSeconds / 2);
    await vi.waitFor(() => expect(state.badge?.life.exp).toBeGreaterThan(before));
    await isShown();
    expect(proofs.map(({ claim }) => claim.by)).toEqual(["code", "credential"]);
    expect(await readShown()).toMatchObject({ kind: "verified" });
    expect(held?.credential).toEqual(expect.any(Uint8Array));
  });

  it("that cannot be renewed works to its end, then shows no code, and is back with the network", async () => {
    isUp = false;
    await clock.move(usualLifeSeconds / 2);
    await vi.waitFor(() => expect(state.badge?.contact).toMatchObject({ kind: "waiting", cause: "unreachable" }));
    await vi.waitFor(async () => expect(await readShown()).toMatchObject({ kind: "verified" }));
    await clock.move(usualLifeSeconds / 2);
    expect(state.code).toBeNull();
    isUp = true;
    onReturn();
    await isShown();
  });

  it("that the operator took back says so when it is to be renewed", async () => {
    change({ revokedAt: world.clock.now });
    await badge.renewNow();
    expect(state.badge?.contact).toMatchObject({ kind: "waiting", cause: "refused", detail: "the badge was revoked" });
  });

  it("is removed for good: no key, no credential, no code, also while it is being renewed", async () => {
    const renewing = badge.renewNow();
    await badge.remove();
    await renewing;
    expect([held, asked]).toEqual([null, null]);
    expect(state).toMatchObject({ badge: null, code: null, link: null });
    badge = open();
    await badge.start(null);
    expect(state).toMatchObject({ badge: null, code: null });
  });

  it("that cannot be removed from the disk is still shown, and says why", async () => {
    storeFails = true;
    await badge.remove();
    expect(state).toMatchObject({ badge: { role: "supervisor" }, trouble: "Error: the disk is full" });
  });

  it("gives way to that of another link, of another person with another key", async () => {
    const first = held?.keys;
    const before = await importPublicKey(first === undefined ? null : (await signingKeyOf(first)).jwk);
    badge = open();
    await badge.start(await makeLink());
    await vi.waitFor(() => expect(held?.keys).not.toBe(first));
    const after = held === null ? null : await signingKeyOf(held.keys);
    expect(after?.kid).not.toBe(before?.kid);
  });
});
