/**
 * The edges of a terminal. Everything with an effect comes in through one of these; the terminal's loop knows
 * nothing else of the world, so that tests, the demo and a real gate run the same code.
 */

/** One text read by a scanner. Nothing above a scanner knows which kind it was. */
export type Scan = {
  readonly text: string;
  /** `performance.now()` when what was read became available (the frame, the last key), for measuring. */
  readonly seenAt: number;
};

/** `broken` carries a short English cause for staff; the scanner keeps trying by itself. */
export type ScannerState =
  | { readonly kind: "starting" }
  | { readonly kind: "scanning" }
  | { readonly kind: "broken"; readonly cause: string };

/** Reads text. Several run at once; each reports every sighting, the loop above tells a tap from a bounce. */
export type Scanner = {
  readonly name: string;
  readonly start: (onScan: (scan: Scan) => void, onState: (state: ScannerState) => void) => Promise<void>;
  readonly stop: () => Promise<void>;
};
