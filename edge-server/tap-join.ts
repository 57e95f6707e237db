/**
 * Joins the pieces of taps as entries stream by, log after log, each in its order. A decision waits for what became of it
 * among the next thousands of its own log, where nearly all of it stands; what is said elsewhere or later (staff at
 * another terminal, a log that was lost and told again) is kept beside, and added by `complete`.
 */
import { addPiece, type Piece, type Ref, type Tap } from "./tap.ts";

export type TapJoin = {
  /** Those that wait no longer. */
  readonly add: (piece: Piece) => readonly Tap[];
  /** The log is over. */
  readonly endLog: () => readonly Tap[];
  /** With what was said elsewhere. Only when every log is over. */
  readonly complete: (tap: Tap) => Tap;
};

export const createTapJoin = (waitingMax = 20_000): TapJoin => {
  let waiting = new Map<Ref, Tap>();
  /** Overrides by what they answer, and back: the outcome of one is that of the decision. */
  const overridesOf = new Map<Ref, readonly Ref[]>();
  const answeredBy = new Map<Ref, Ref>();
  const elsewhere = new Map<Ref, readonly Piece[]>();

  const addTo = (of: Ref, piece: Piece): void => {
    const tap = waiting.get(of);
    if (tap !== undefined) waiting.set(of, addPiece(tap, piece));
    else elsewhere.set(of, [...(elsewhere.get(of) ?? []), piece]);
  };

  return {
    add: (piece) => {
      if (piece.kind === "tap") {
        if (!waiting.has(piece.tap.ref)) waiting.set(piece.tap.ref, piece.tap);
      } else {
        if (piece.kind === "override" && !answeredBy.has(piece.ref)) {
          answeredBy.set(piece.ref, piece.of);
          overridesOf.set(piece.of, [...(overridesOf.get(piece.of) ?? []), piece.ref]);
        }
        addTo(answeredBy.get(piece.of) ?? piece.of, piece);
      }
      const [oldest] = waiting.size > waitingMax ? waiting.values() : [];
      if (oldest === undefined) return [];
      waiting.delete(oldest.ref);
      return [oldest];
    },
    endLog: () => {
      const all = [...waiting.values()];
      waiting = new Map();
      return all;
    },
    complete: (tap) => {
      if (elsewhere.size === 0) return tap;
      const named = [tap.ref, ...(overridesOf.get(tap.ref) ?? [])];
      return named.flatMap((ref) => elsewhere.get(ref) ?? []).reduce(addPiece, tap);
    },
  };
};
