/**
 * What a terminal shows: one `Screen` at a time, and the small honest `Status` beside it. Screens are drawn from these
 * values and from nothing else; what a person touches comes back as a `Press`.
 *
 * Dignity: a result says neither band nor amount. `Offer` is shown where everyone must confirm one, `cost` when asked.
 */
import type { DeskTask } from "../shared/messages.ts";
import type { Bilingual } from "../shared/policy.ts";
import type { Receipt } from "../shared/receipt.ts";
import type { RescueFault } from "../shared/rescue.ts";
import type { OverrideEffect } from "../shared/staff-rules.ts";
import type { Action, ServiceName, Terms } from "../shared/terms.ts";
import type { Dock } from "./ports.ts";
import type { ItemAction, LibraryStage } from "./session-library.ts";
import type { Cost, Granted, Offer } from "./session-offer.ts";
import type { StaffNotice, StaffScreen } from "./staff/screen.ts";

export type { StaffNotice, StaffScreen };

export type DockService = "bike" | "umbrella" | "power-bank";

/** What a code gives at one service: its terms beside the ordinary ones; `perk` names the rule, null where there is none. */
export type PerkLine = {
  readonly service: ServiceName;
  readonly perk: string | null;
  readonly terms: Terms;
  readonly ordinary: Terms;
  readonly ours: boolean;
};

/** `warning`: seconds until the session ends by itself, once that is near; null before. */
type InSession = { readonly name: "session"; readonly warning: number | null; readonly receipt?: Receipt };

/** Of a long fetch: bytes here so far, and in all. */
export type Progress = { readonly bytes: number; readonly total: number };

export type Screen =
  | {
      readonly name: "setup";
      /** `loading`: enrolled, waiting for the first bundle. `refused`: the link or the bundle was; `cause` says why. */
      readonly stage: "not-enrolled" | "enrolling" | "no-server" | "loading" | "refused";
      readonly cause: string;
      readonly progress?: Progress;
    }
  | {
      readonly name: "ready";
      readonly service: ServiceName;
      readonly action: Action;
      readonly hint: "item-first" | "task-first" | null;
      /** Of a gate where people come out as well: nobody wants to just now, or somebody does. */
      readonly wayOut?: "closed" | "asked";
      /** Of a service desk: what was chosen, for which a code is to be shown; null before. */
      readonly task?: DeskTask | null;
      /** Of a service desk: what there is to choose from. */
      readonly tasks?: readonly DeskTask[];
    }
  | { readonly name: "reading" }
  /** A deposit is being held, or a price paid. */
  | { readonly name: "paying"; readonly service: ServiceName }
  | {
      readonly name: "result";
      readonly service: ServiceName;
      readonly action: Action;
      readonly granted: Granted;
      /** `timed-out`: nobody passed, nothing is charged. `broken`: the gate or lock did not work. */
      readonly stage: "acting" | "done" | "timed-out" | "broken";
      readonly dock: string | null;
      readonly cost: Cost | null;
      /** The number that was drawn. */
      readonly ticket?: string;
      readonly receipt?: Receipt;
    }
  | {
      readonly name: "refer";
      readonly service: ServiceName;
      readonly reason: string;
      readonly help: Bilingual;
      readonly receipt?: Receipt;
    }
  | (InSession & {
      readonly service: ServiceName;
      readonly stage: "terms";
      readonly granted: Granted;
      readonly offer: Offer;
      readonly dock: string | null;
    })
  | (InSession & LibraryStage)
  | (InSession & {
      readonly service: DockService;
      readonly stage: "dock";
      readonly action: "trip_start" | "trip_end";
      readonly granted: Granted | null;
      readonly docks: readonly Dock[];
    })
  | (InSession & {
      readonly service: "inquiry";
      readonly stage: "perks";
      readonly granted: Granted;
      readonly currency: string;
      readonly programme: { readonly name: Bilingual; readonly version: number; readonly objection: Bilingual };
      readonly lines: readonly PerkLine[];
    })
  | { readonly name: "out-of-service"; readonly cause: OutOfService; readonly detail: string }
  /** Nobody is asked for anything: staff wished it so, or a fire alarm did. */
  | { readonly name: "passage"; readonly service: ServiceName; readonly cause: "free" | "alarm" }
  | HandOver
  | StaffScreen;

/** Staff take entries off a terminal, or bring those of another one (rescue/desk.ts). Over whatever else is shown. */
export type HandOver = { readonly name: "hand-over"; readonly warning: number | null } & (
  | {
      readonly stage: "menu";
      /** Entries that were never acknowledged; null while they are counted. */
      readonly unsent: number | null;
      /** Whether they are few enough to be shown as a moving code. */
      readonly canMove: boolean;
      /** Whether another terminal's can be taken over here, and how many of those are still to be sent. */
      readonly canTake: boolean;
      readonly carried: number;
      readonly notice: HandOverNotice | null;
    }
  | {
      readonly stage: "moving";
      /** The QR code of one frame as a path, in modules. */
      readonly code: { readonly text: string; readonly size: number; readonly path: string };
      /** Counted from 1. */
      readonly frame: number;
      readonly frames: number;
      readonly isPaused: boolean;
      readonly isSlow: boolean;
    }
  | { readonly stage: "taking"; readonly read: number; readonly total: number | null }
);

/** `failed`: `detail` says why, in English. */
export type HandOverNotice =
  | { readonly kind: "saved" | "taken"; readonly entries: number }
  | { readonly kind: "refused"; readonly fault: RescueFault }
  | { readonly kind: "failed"; readonly detail: string };

/** What staff see and set of reading and sounding here (reader-care.ts). Null: there is none. */
export type ReaderCare = {
  readonly cameras: readonly { readonly id: string; readonly label: string }[];
  readonly camera: string | null;
  /** Of the camera: whether it is on. */
  readonly light: boolean | null;
  /** From 1 to 5. */
  readonly volume: number;
  readonly voice: boolean | null;
  /** Milliseconds of the newest taps, stage by stage (latency.ts). */
  readonly latency: readonly ({ readonly stage: Stage } & Readonly<Record<"p50" | "p95" | "p99", number>>)[];
  /** The camera does not come back by itself, and codes on phones cannot be read. */
  readonly isCameraOut: boolean;
};

export type Stage = "frame" | "decode" | "verify" | "decide" | "append" | "act" | "all";

export type CareTouch =
  | { readonly kind: "camera"; readonly id: string }
  | { readonly kind: "light"; readonly isOn: boolean }
  | { readonly kind: "volume"; readonly volume: number }
  | { readonly kind: "voice"; readonly isOn: boolean };

export type OutOfService = "storage" | "second-tab" | "revoked" | "gate" | "closed";

export type Press =
  | { readonly kind: "agree" | "decline" | "finish" | "more-time" | "read-why" | "start-return" | "leave" }
  | { readonly kind: "switch-to"; readonly action: ItemAction }
  /** Null: none of the deposits. */
  | { readonly kind: "choose-tier"; readonly tier: string | null }
  | { readonly kind: "choose-task"; readonly action: DeskTask }
  | { readonly kind: "choose-dock"; readonly dock: string }
  /** Staff have looked after the gate, or the desk. */
  | { readonly kind: "try-again" }
  | { readonly kind: "staff-do"; readonly effect: OverrideEffect }
  | { readonly kind: "staff-dock"; readonly dock: string }
  | { readonly kind: "staff-item"; readonly item: string }
  | { readonly kind: "staff-reason"; readonly reason: string; readonly note?: string }
  | { readonly kind: "staff-machine" | "staff-key" | "staff-back" | "staff-close" }
  | { readonly kind: "hand-over" | "save-file" | "show-moving" | "take-over" | "open-file" }
  | { readonly kind: "pause" | "slow" | "back" };

/** What staff may let the terminal use, where the browser asks a person first. */
export type Connectable = "serial" | "hid";

/**
 * `ageing`: not confirmed for longer than the policy calls fresh. `stale`: the manifest has expired, and everything goes on
 * within the policy's grace. `expired`: past the grace, ordinary terms, and what is missed is owed. `never`: not here.
 */
export type Freshness = "fresh" | "ageing" | "stale" | "expired" | "never";

/**
 * `ordinaryInSeconds`: until everybody has ordinary terms because we could not confirm what we know; 0 once that is so,
 * null while it is far. `download`: of a long fetch. `alarms`: for staff, in English, empty when all is well. `version`: of
 * this app, by the name of its build.
 */
export type Status = {
  readonly version: string;
  readonly pending: number;
  readonly isOnline: boolean;
  readonly artefacts: readonly {
    readonly name: "trust" | "policy" | "list" | "staff";
    readonly ageSeconds: number | null;
    readonly freshness: Freshness;
  }[];
  readonly ordinaryInSeconds: number | null;
  readonly download: Progress | null;
  /** What staff do here takes a badge: there are badges. */
  readonly isBadgeNeeded: boolean;
  readonly alarms: readonly string[];
};
