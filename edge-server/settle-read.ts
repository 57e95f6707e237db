/**
 * Reads a whole ledger once for its taps, each log in its order, and keeps the policies that they were decided by.
 * A log whose clock went back is named, by the entry that it went back at.
 */
import { fromBase64url, sha256, toBase64url, toHex } from "../shared/bytes.ts";
import type { Chain } from "../shared/log.ts";
import type { Policy } from "../shared/policy.ts";
import { readRecovered } from "../shared/recovered.ts";
import type { Instant } from "../shared/terms.ts";
import { type ReadTransaction, readTransaction, readTransactionText } from "../shared/transaction.ts";
import type { ArrivedEntry, WholeReader } from "./ports.ts";
import { type Conflict, clockSeconds } from "./reconcile.ts";
import { type Ref, readPiece, refOf, type Tap } from "./tap.ts";
import type { TapJoin } from "./tap-join.ts";

export type ReadEdges = {
  readonly ledger: Pick<WholeReader, "everything">;
  /** How many there are, to say how far it is. */
  readonly entries: number;
  /** Opens a policy that a terminal recorded; null where it is not a publisher's. */
  readonly openPolicy: (signed: Uint8Array<ArrayBuffer>) => Promise<Policy | null>;
  readonly say: (line: string) => void;
};

export type Found = {
  /** By its SHA-256 (hex). */
  readonly policies: Map<string, Policy | null>;
  readonly tap: (tap: Tap) => void;
  readonly conflict: (conflict: Conflict) => void;
  readonly afterRevocation: () => void;
};

/** How many entries there were. Decisions from `until` on are left out. */
export const readTaps = async (edges: ReadEdges, join: TapJoin, until: Instant, found: Found): Promise<number> => {
  const logs = new Map<Chain, { readonly name: string; lastAt: Instant }>();
  let read = 0;
  for await (const entry of edges.ledger.everything()) {
    if (++read % 100_000 === 0) edges.say(`${percentOf(read, edges.entries)} of ${edges.entries} entries read`);
    if (entry.isAfterRevocation) {
      found.afterRevocation();
      continue;
    }
    const { chain, seq, text, at } = entry;
    const transaction = text === null || at === null ? null : readTransactionText(text);
    if (transaction === null || at === null) continue;
    const log = logs.get(chain) ?? { name: `${chain.terminal}/${toBase64url(chain.epoch)}`, lastAt: 0 };
    logs.set(chain, log);
    const ref = `${log.name}/${seq}`;
    if (at < log.lastAt - clockSeconds) found.conflict({ kind: "clock-went-back", at, entries: [ref] });
    log.lastAt = at;
    if (transaction.kind === "installed") await install(transaction, found.policies, edges);
    const piece = pieceIn(ref, transaction, entry);
    if (piece !== null && (piece.kind !== "tap" || piece.tap.at < until)) join.add(piece).forEach(found.tap);
  }
  join.end().forEach(found.tap);
  return read;
};

export const percentOf = (part: number, whole: number): string => `${Math.floor((100 * part) / Math.max(1, whole))} %`;

/** What an entry says of a tap, also where it tells an entry of a lost log again. */
const pieceIn = (ref: Ref, transaction: ReadTransaction, entry: ArrivedEntry) => {
  if (transaction.kind !== "recovered") return readPiece(ref, transaction, entry.personal);
  const beside = entry.personal === null ? null : { text: entry.personal, salt: new Uint8Array(0) };
  const recovered = readRecovered(transaction, beside);
  const inner = recovered === null ? null : readTransaction(recovered.bytes);
  if (recovered === null || inner === null) return null;
  const { terminal, epoch, seq } = recovered.of;
  const stood = terminal === null || epoch === null ? ref : refOf({ terminal, epoch, seq });
  return readPiece(stood, inner, recovered.personal?.text ?? null);
};

const install = async (
  { policy, signedPolicy }: ReadTransaction,
  policies: Map<string, Policy | null>,
  { openPolicy }: ReadEdges,
): Promise<void> => {
  const bytes = typeof signedPolicy === "string" ? fromBase64url(signedPolicy) : null;
  if (bytes === null || typeof policy !== "string" || policies.has(policy)) return;
  if (toHex(await sha256(bytes)) === policy) policies.set(policy, await openPolicy(bytes));
};
