/**
 * The staff screen of a terminal: a badge opens it over whatever is shown, and every goal is two touches away: what to do,
 * and why. What is done is written down before it is done, and so is what was refused. It closes by itself, warned of
 * early enough to be put off.
 *
 * Upward is one person. What takes something genuine away asks for a second badge, of somebody else, one of the two a
 * supervisor's; and the citizen is told where to object.
 */

import { itemPattern } from "../../shared/messages.ts";
import { packOf } from "../../shared/policy.ts";
import type { OverrideReason } from "../../shared/staff-rules.ts";
import { needsTwo, noteOf, type OverrideEffect, type Role, reasonsOf } from "../../shared/staff-rules.ts";
import { createIdle } from "../idle.ts";
import type { Clock } from "../ports.ts";
import type { InForce } from "../reading.ts";
import type { WithReceipt } from "../receipts.ts";
import type { Press, StaffNotice, StaffScreen } from "../session.ts";
import { choicesOf, type Situation } from "./choices.ts";
import type { Badged, Done, Wish } from "./deeds.ts";

export type StaffDeskParts = {
  readonly clock: Clock;
  readonly programme: string;
  readonly inForce: () => InForce;
  readonly situation: () => Situation;
  /** Over what the terminal shows; null: no more. */
  readonly show: (screen: StaffScreen | null) => void;
  /** Judges the wish, writes it down and does it. `onKey`: a security key is about to be asked for. */
  /** Of what was permitted last. */
  readonly receipt: () => WithReceipt;
  readonly carryOut: (wish: Wish, onKey: () => void) => Promise<Done>;
  /** Makes a security key for whoever shows this badge, and writes it down; false where none was made. Null: cannot be. */
  readonly makeKey: ((badge: Badged) => Promise<boolean>) | null;
  readonly run: (task: () => Promise<void>) => void;
};

export type StaffDesk = {
  readonly isOpen: () => boolean;
  /** Why this badge is no help as the second of two; null where it is, or none is waited for. */
  readonly unfit: (badge: Omit<Badged, "ref">) => Unfit | null;
  /** A badge that is good by itself. */
  readonly greet: (badge: Badged, unfit: Unfit | null) => Promise<void>;
  /** Why a badge opens nothing, for a moment. */
  readonly tell: (fault: string) => void;
  /** True where the press was meant for this screen. */
  readonly press: (press: Press) => boolean;
  /** The item that is meant is to be scanned. */
  readonly waitsForItem: () => boolean;
  readonly takeItem: (text: string) => void;
  readonly close: () => void;
};

const faultSeconds = 8;

type Open = { readonly by: readonly [Badged, ...Badged[]]; readonly wish: Omit<Wish, "by"> | null };

export const createStaffDesk = (parts: StaffDeskParts): StaffDesk => {
  const { clock } = parts;
  let open: Open | null = null;
  let screen: StaffScreen | null = null;
  let stopTelling = (): void => {};

  const put = (next: StaffScreen | null): void => {
    stopTelling();
    screen = next;
    parts.show(next);
  };

  const close = (): void => {
    idle.stop();
    open = null;
    put(null);
  };

  const idle = createIdle(
    clock,
    (warning) => {
      if (screen !== null) put({ ...screen, warning });
    },
    close,
  );

  const menu = (notice: StaffNotice | null): void => {
    if (open === null) return;
    const [first] = open.by;
    open = { by: [first], wish: null };
    idle.touch();
    const situation = parts.situation();
    put({
      ...on,
      stage: "choices",
      role: first.role,
      refusal: situation.refusal?.answered.effect === "refer" ? situation.refusal.answered.reason : null,
      choices: choicesOf(first.role, first.staff, situation),
      things: "docks" in situation.profile ? "docks" : "items",
      looks: looksOf(first.role, parts.makeKey !== null),
      notice,
    });
  };

  const choose = (wish: Omit<Wish, "by">): void => {
    if (open === null) return;
    open = { ...open, wish };
    idle.touch();
    const { blocked, profile } = parts.situation();
    const isOfThing = wish.effect === "block" || wish.effect === "free";
    if (isOfThing && wish.dock === undefined && "docks" in profile) {
      const docks = profile.docks.filter((dock) => blocked.has(dock) === (wish.effect === "free"));
      put({ ...on, stage: "dock", effect: wish.effect === "free" ? "free" : "block", docks });
    } else if (isOfThing && wish.item === undefined && wish.dock === undefined) {
      put(
        wish.effect === "free"
          ? { ...on, stage: "blocked-items", items: [...blocked] }
          : { ...on, stage: "item", isOdd: false },
      );
    } else put({ ...on, stage: "reason", effect: wish.effect, reasons: reasonsHere(), canWrite: canWrite() });
  };

  const packHere = () => packOf(parts.inForce().bundle.policy, parts.programme);
  const reasonsHere = (): readonly OverrideReason[] => reasonsOf(packHere());
  const canWrite = (): boolean => packHere()?.overrides?.freeText === true;

  const giveReason = async (reason: string, written = ""): Promise<void> => {
    if (open?.wish == null || !reasonsHere().some(({ id }) => id === reason)) return;
    const note = canWrite() ? noteOf(written) : "";
    const wish = { ...open.wish, reason, ...(note === "" ? {} : { note }) };
    open = { ...open, wish };
    if (!needsTwo(wish.effect)) return carryOut(open.by, wish);
    idle.touch();
    put({ ...on, stage: "second", unfit: null });
  };

  const carryOut = async (by: Open["by"], wish: Omit<Wish, "by">): Promise<void> => {
    idle.stop();
    const done = await parts.carryOut({ ...wish, by }, () => put({ ...on, stage: "key" }));
    if (open === null) return;
    if (done.kind === "declined") return menu({ kind: "declined", cause: done.cause });
    if (done.kind === "failed") return menu({ kind: "failed" });
    if (!isPermit(wish.effect)) return menu({ kind: "done", effect: wish.effect });
    if (wish.effect === "permit") return close();
    idle.touch();
    const objection = packHere()?.objection ?? { zh: "", en: "" };
    put({ ...on, stage: "objection", objection, ...parts.receipt() });
  };

  const unfit: StaffDesk["unfit"] = (badge) =>
    screen?.stage === "second" && open !== null ? unfitFor(open.by[0], badge) : null;

  const makeKey = async (): Promise<void> => {
    if (open === null || parts.makeKey === null) return;
    idle.stop();
    put({ ...on, stage: "key" });
    const isMade = await parts.makeKey(open.by[0]);
    menu(isMade ? { kind: "offered" } : { kind: "declined", cause: "key-refused" });
  };

  const greet: StaffDesk["greet"] = async (badge, unfit) => {
    if (screen?.stage === "second" && open?.wish != null) {
      if (unfit === null) return carryOut([open.by[0], badge], open.wish);
      idle.touch();
      return put({ ...on, stage: "second", unfit });
    }
    open = { by: [badge], wish: null };
    menu(null);
  };

  const takeItem = (text: string): void => {
    if (screen?.stage !== "item" || open?.wish == null) return;
    if (itemPattern.test(text)) choose({ ...open.wish, item: text });
    else {
      idle.touch();
      put({ ...on, stage: "item", isOdd: true });
    }
  };

  const answer = async (press: Press): Promise<void> => {
    switch (press.kind) {
      case "staff-do":
        return choose({ effect: press.effect, reason: "" });
      case "staff-dock":
        return open?.wish == null ? undefined : choose({ ...open.wish, dock: press.dock });
      case "staff-item":
        return open?.wish == null ? undefined : choose({ ...open.wish, item: press.item });
      case "staff-reason":
        return giveReason(press.reason, press.note);
      case "staff-machine":
        idle.touch();
        return put({ ...on, stage: "machine", canSet: open?.by[0].role !== "assistant" });
      case "staff-key":
        return makeKey();
      case "staff-back":
        return menu(null);
      case "staff-close":
        return close();
      case "more-time":
        idle.touch();
        if (screen !== null) put({ ...screen, warning: null });
        return;
    }
  };

  return {
    isOpen: () => screen !== null,
    waitsForItem: () => screen?.stage === "item",
    takeItem,
    unfit,
    greet,
    tell: (fault) => {
      close();
      put({ ...on, stage: "refused", fault });
      stopTelling = clock.after(faultSeconds, close);
    },
    press: (press) => {
      if (screen === null) return false;
      // Entries are handed over at a desk of their own.
      if (press.kind === "hand-over") {
        close();
        return false;
      }
      parts.run(() => answer(press));
      return true;
    },
    close,
  };
};

const on = { name: "staff", warning: null } as const;

const isPermit = (effect: OverrideEffect): boolean => effect === "permit" || effect === "ordinary";

const looksOf = (role: Role, canMakeKey: boolean): readonly ("machine" | "key" | "hand-over")[] => [
  "machine",
  ...(canMakeKey ? (["key"] as const) : []),
  ...(role === "assistant" ? [] : (["hand-over"] as const)),
];

type Unfit = "same-person" | "not-a-supervisor";
type Person = Omit<Badged, "ref">;

const unfitFor = (first: Person, second: Person): Unfit | null => {
  if (first.staff === second.staff) return "same-person";
  const permitting = [first, second].filter(({ role }) => role !== "technician");
  return permitting.length === 2 && permitting.some(({ role }) => role === "supervisor") ? null : "not-a-supervisor";
};
