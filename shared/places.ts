/**
 * How the gates of one place count together into which only so many fit, and each of them also by itself. Days begin at four
 * in the morning, China's time, when such places are empty.
 *
 * Each gate that lets people in has a share of the capacity for the day. Whom it lets in it counts against that, who goes
 * out by it counts for it. Where it has much more left than another it gives some away: an entry of its own log (`gave`),
 * which counts against it at once, and for the other as soon as the ledger tells of it. So all of them together never let
 * in more than there is room for, whoever can reach whom, and a gate by itself goes on with what it has.
 */
import type { Instant } from "./terms.ts";

/**
 * What the ledger knows of a gate and this day: how many more went in by it than out, and what it gave to others. A gate
 * that came only today has no share, and lives on what it is given.
 */
export type Gate = {
  readonly terminal: string;
  readonly letsIn: boolean;
  readonly hasShare: boolean;
  readonly inside: number;
  readonly given: Readonly<Record<string, number>>;
};

/** The entry that says so. */
export type Gave = { readonly kind: "gave"; readonly to: string; readonly places: number };
/** What a gate goes by from now on: its share, of how many gates in all. */
export type Share = { readonly kind: "share"; readonly places: number; readonly gates: number };

export const dayStartOf = (at: Instant): Instant => at - ((at + 4 * 3600) % 86_400);

/** Of all gates together it is the capacity, to the last place. */
export const shareOf = (terminal: string, gates: readonly Gate[], capacity: number): number => {
  const sharing = gates.flatMap((gate) => (gate.hasShare ? [gate.terminal] : [])).sort();
  const index = sharing.indexOf(terminal);
  if (index < 0) return 0;
  return Math.floor(capacity / sharing.length) + (index < capacity % sharing.length ? 1 : 0);
};

export const givenTo = (terminal: string, gates: readonly Gate[]): number =>
  gates.reduce((sum, gate) => sum + (gate.terminal === terminal ? 0 : (gate.given[terminal] ?? 0)), 0);

/** How many more may go in by it. */
export const leftOf = (gate: Gate, gates: readonly Gate[], capacity: number): number =>
  shareOf(gate.terminal, gates, capacity) - gate.inside - sumOf(gate.given) + givenTo(gate.terminal, gates);

/**
 * What this gate gives now, and to which: half of what it has more than the poorest, once that one has less than half as
 * much; all, where nobody comes in by it. Null: nothing. Somebody who stands in this gate keeps a place.
 */
export const giftFrom = (from: Gate, gates: readonly Gate[], capacity: number): Omit<Gave, "kind"> | null => {
  const all = gates.map((gate) => (gate.terminal === from.terminal ? from : gate));
  const left = leftOf(from, all, capacity);
  const others = all
    .filter((gate) => gate.letsIn && gate.terminal !== from.terminal)
    .map((gate) => ({ to: gate.terminal, left: leftOf(gate, all, capacity) }))
    .sort((a, b) => a.left - b.left || (a.to < b.to ? -1 : 1));
  const [poorest] = others;
  if (poorest === undefined) return null;
  const places = from.letsIn ? Math.floor((left - Math.max(0, poorest.left)) / 2) : left;
  const isWorthIt = !from.letsIn || poorest.left < left / 2;
  return isWorthIt && places > 0 ? { to: poorest.to, places } : null;
};

const sumOf = (given: Gate["given"]): number => Object.values(given).reduce((sum, each) => sum + each, 0);
