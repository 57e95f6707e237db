/**
 * Joins the pieces of taps as entries stream by, each log in its order. A decision waits for what became of it among the
 * next thousands of entries, where nearly all of it stands; what is said elsewhere or later (staff at
 * another terminal, a log that was lost and told again) is kept beside, and added by `complete`.
 */
import { addPiece, type Piece, type Ref, type Tap } from "./tap.ts";

export type TapJoin = {
  /** Those that wait no longer. */
  readonly add: (piece: Piece) => readonly Tap[];
  /** Nothing more comes. */
  readonly end: () => readonly Tap[];
  /** With what was said elsewhere. Only after the end. */
  readonly complete: (tap: Tap) => Tap;
};

export const createTapJoin = (waitingMax = 50_000): TapJoin => {
  /** Two halves: when the younger is full, the older waits no longer. */
  let younger = new Map<Ref, Tap>();
  let older = new Map<Ref, Tap>();
  /** By what they answer: the outcome of an override is that of the decision. */
  const overridesOf = new Map<Ref, readonly Ref[]>();
  const elsewhere = new Map<Ref, readonly Piece[]>();

  const addTo = (of: Ref, piece: Piece): void => {
    const half = younger.has(of) ? younger : older;
    const tap = half.get(of);
    if (tap !== undefined) half.set(of, addPiece(tap, piece));
    else elsewhere.set(of, [...(elsewhere.get(of) ?? []), piece]);
  };

  return {
    add: (piece) => {
      if (piece.kind === "tap") {
        if (!older.has(piece.tap.ref) && !younger.has(piece.tap.ref)) younger.set(piece.tap.ref, piece.tap);
      } else {
        if (piece.kind === "override") {
          overridesOf.set(piece.of, [...(overridesOf.get(piece.of) ?? []), piece.ref]);
        }
        addTo(piece.of, piece);
      }
      if (younger.size < waitingMax / 2) return nothing;
      const out = [...older.values()];
      [older, younger] = [younger, new Map()];
      return out;
    },
    end: () => {
      const all = [...older.values(), ...younger.values()];
      [older, younger] = [new Map(), new Map()];
      return all;
    },
    complete: (tap) => {
      if (elsewhere.size === 0) return tap;
      const named = [tap.ref, ...(overridesOf.get(tap.ref) ?? [])];
      return named.flatMap((ref) => elsewhere.get(ref) ?? []).reduce(addPiece, tap);
    },
  };
};

const nothing: readonly Tap[] = [];
