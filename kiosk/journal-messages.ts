/**
 * What is said between whoever keeps the second copy of a log (journal-copy.ts) and the thread that has its files
 * (journal-files.ts). Each request gets exactly one answer with its `id`, in order.
 */
import type { Chain, Entry, Head } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";

export type JournalRequest =
  /** Opens what lies there; an answer `found`. A single journal is then the one that is written on. */
  | { readonly kind: "find"; readonly slot: string }
  /** Of one of those; an answer `entries`. */
  | { readonly kind: "read"; readonly file: string; readonly seq: number; readonly max: number }
  /** A new journal beside the old, which takes its place, and that of all others, with `finish`. */
  | { readonly kind: "start"; readonly slot: string; readonly chain: Chain }
  | { readonly kind: "fill"; readonly entries: readonly Entry[] }
  | { readonly kind: "finish"; readonly ackedSeq: number; readonly floorAt: Instant }
  | { readonly kind: "append"; readonly after: Head; readonly entries: readonly Entry[] }
  | { readonly kind: "acknowledge"; readonly seq: number; readonly floorAt: Instant }
  | { readonly kind: "drop-before"; readonly seq: number };

export type FoundFile = {
  readonly file: string;
  readonly chain: Chain | null;
  readonly head: Head | null;
  readonly isTorn: boolean;
  readonly ackedSeq: number;
  readonly floorAt: Instant;
};

export type JournalAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "found"; readonly files: readonly FoundFile[] }
  | { readonly kind: "entries"; readonly entries: readonly Entry[] }
  | { readonly kind: "failed"; readonly cause: string };

export type Numbered<T> = { readonly id: number; readonly content: T };
