/**
 * What the demo page knows, and how it changes: a value and pure steps from one to the next. Three real terminals, of the
 * services that the visitor chooses, and a real phone run in frames; this page only shows codes to them, cuts their network, and watches.
 *
 * A terminal tells its `TerminalNews` whenever something changed. From these alone the five lessons are ticked off.
 */
import type { ServiceName } from "../../shared/terms.ts";
import type { Screen, Status } from "../session.ts";
import type { Granted } from "../session-offer.ts";

/** Before anybody chooses. */
export const firstServices: readonly ServiceName[] = ["metro", "library", "bike"];

/** One entry of a terminal's log, as its frame tells it. Of what was acted, `reason` is the outcome. */
export type LogLine = {
  readonly seq: number;
  readonly kind: string;
  readonly effect: string | null;
  readonly reason: string | null;
  readonly acked: boolean;
};

export type TerminalNews = {
  readonly slot: string;
  readonly screen: Screen;
  readonly status: Status;
  readonly entries: readonly LogLine[];
};

/** `hash` enrols it once; empty for one that is enrolled. `news` null until it spoke. */
export type DemoTerminal = {
  readonly service: ServiceName;
  readonly slot: string;
  readonly hash: string;
  readonly news: TerminalNews | null;
};

export const lessons = ["perk", "ordinary", "offline", "drained", "not-turned"] as const;
export type Lesson = (typeof lessons)[number];

export type Demo = {
  readonly city:
    | { readonly kind: "asking" }
    | { readonly kind: "open" }
    | { readonly kind: "closed"; readonly cause: string };
  readonly terminals: readonly DemoTerminal[];
  /** What the phone shows. */
  readonly code: string | null;
  readonly isNetworkUp: boolean;
  readonly doesTurn: boolean;
  /** Whether the simulated accounts pay. */
  readonly doesPay: boolean;
  readonly learnt: readonly Lesson[];
};

export const newDemo: Demo = {
  city: { kind: "asking" },
  terminals: [],
  code: null,
  isNetworkUp: true,
  doesTurn: true,
  doesPay: true,
  learnt: [],
};

export const hear = (demo: Demo, news: TerminalNews): Demo => {
  const before = demo.terminals.find(({ slot }) => slot === news.slot);
  if (before === undefined) return demo;
  const terminals = demo.terminals.map((each) => (each === before ? { ...each, news } : each));
  return learn({ ...demo, terminals }, before.news?.screen ?? null, news.screen);
};

export const switchNetwork = (demo: Demo): Demo => learn({ ...demo, isNetworkUp: !demo.isNetworkUp }, null, null);

export const switchTurnstile = (demo: Demo): Demo => ({ ...demo, doesTurn: !demo.doesTurn });

export const switchAccount = (demo: Demo): Demo => ({ ...demo, doesPay: !demo.doesPay });

/** Another service stands where `slot` was. */
export const replaceTerminal = (demo: Demo, slot: string, terminal: DemoTerminal): Demo => ({
  ...demo,
  terminals: demo.terminals.map((each) => (each.slot === slot ? terminal : each)),
});

/** Entries that the server has not acknowledged. */
export const pendingOf = ({ news }: DemoTerminal): number => news?.status.pending ?? 0;

const learn = (demo: Demo, before: Screen | null, now: Screen | null): Demo => {
  const granted = now === null || (before !== null && grantedBy(before) !== null) ? null : grantedBy(now);
  const hasPassedOffline = demo.learnt.includes("offline");
  const found: Readonly<Record<Lesson, boolean>> = {
    perk: granted?.terms === "perk",
    ordinary: granted?.terms === "ordinary",
    offline: granted !== null && !demo.isNetworkUp,
    drained: hasPassedOffline && demo.isNetworkUp && demo.terminals.every((each) => pendingOf(each) === 0),
    "not-turned": now?.name === "result" && now.stage === "timed-out",
  };
  const learnt = lessons.filter((lesson) => found[lesson] || demo.learnt.includes(lesson));
  return learnt.length === demo.learnt.length ? demo : { ...demo, learnt };
};

const grantedBy = (screen: Screen): Granted | null => ("granted" in screen ? screen.granted : null);
