/**
 * What a terminal's log is, by all that was found of it at a start: the copies, each as it is, and a mark kept elsewhere.
 * Pure, but for reading the copies.
 *
 * `whole`: the longest chain that can be woven from the copies, where it reaches as far as anything says it did (a copy's
 * own head, the cursor, the mark), where nothing unacknowledged is missing from it, and where a copy that was not cut off
 * ends with it, or one entry before. Each copy is judged against it, to be repaired.
 *
 * `lost`: everything else. No such chain is ever continued: what the ledger may hold of it would be written twice.
 * Two copies of different chains are lost, too, unless the mark names one of them.
 */
import { equalBytes, toBase64url } from "../shared/bytes.ts";
import type { Chain, Head } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import { type CopyState, type Holding, readWoven, type Woven, weaveChain } from "./log-weave.ts";
import type { FoundCopy, LogContent, Mark } from "./ports.ts";

export type Reconciled =
  /** `strays`: what was found of other chains. */
  | {
      readonly kind: "whole";
      readonly content: LogContent;
      readonly states: ReadonlyMap<FoundCopy, CopyState>;
      readonly strays: readonly FoundCopy[];
    }
  /** `cause`: for staff, in English; null where it is another terminal's log, and nothing is wrong. */
  | { readonly kind: "lost"; readonly cause: string | null; readonly floorAt: Instant };

export const reconcile = async (
  terminal: string,
  found: readonly FoundCopy[],
  mark: Mark | null,
): Promise<Reconciled> => {
  const floorAt = Math.max(0, ...found.map((copy) => copy.floorAt));
  const chains = chainsOf(found.filter(({ chain }) => chain?.terminal === terminal && chain.epoch?.length === 16));
  const chain = chains.length > 1 ? chains.find((each) => isMarked(each, mark)) : chains[0];
  if (chain === undefined) return { kind: "lost", cause: causeOf(chains, found), floorAt };

  // A copy that lost its chain's name may still hold entries of it.
  const copies = found.filter((copy) => copy.chain === null || isSameChain(copy.chain, chain));
  const ackedSeq = Math.max(0, ...copies.map((copy) => copy.ackedSeq));
  const woven = await weaveChain(chain, copies);
  const cause = faultOf(woven, copies, ackedSeq, isMarked(chain, mark) ? (mark?.seq ?? 0) : 0);
  if (cause !== null || woven.kind === "forked") return { kind: "lost", cause, floorAt };
  const { firstSeq, head, picks, holdings } = woven;
  return {
    kind: "whole",
    content: { chain, firstSeq, head, ackedSeq, floorAt, read: readWoven(copies, picks) },
    states: new Map(copies.map((copy, at) => [copy, stateOf(copy, holdings[at], woven, ackedSeq)])),
    strays: found.filter((copy) => !copies.includes(copy) || isStranger(copy, holdings[copies.indexOf(copy)])),
  };
};

const chainsOf = (found: readonly FoundCopy[]): readonly Chain[] =>
  found
    .flatMap(({ chain }) => chain ?? [])
    .filter((chain, at, all) => all.findIndex((each) => isSameChain(each, chain)) === at);

const causeOf = (chains: readonly Chain[], found: readonly FoundCopy[]): string | null => {
  if (chains.length > 1) return "its copies are of different chains";
  return found.some(({ chain }) => chain !== null) ? null : "nothing of it was found";
};

/** Why the woven chain is not all there was, null where it is. */
const faultOf = (woven: Woven, copies: readonly FoundCopy[], ackedSeq: number, markedSeq: number): string | null => {
  if (woven.kind === "forked") return `its copies tell two histories from entry ${woven.seq} on`;
  const { firstSeq, head, holdings } = woven;
  if (head.seq > 0 && !holdings.some(({ last, isNamed }) => last !== null && isNamed)) return "it is another chain's";
  const known = Math.max(ackedSeq, markedSeq, ...copies.map((copy) => copy.head?.seq ?? 0));
  if (head.seq < known) return `entries ${head.seq + 1} to ${known} are missing`;
  // The first entry of a pruned chain is only believed: one that the ledger has.
  if (firstSeq > 1 && firstSeq > ackedSeq) return `entries before ${firstSeq} are missing, not acknowledged`;
  // No entry is begun before the first copy has the one before: behind a copy that is one short, there is one at most.
  const isVouched = copies.some((copy, at) => {
    const last = holdings[at]?.last ?? null;
    const isOneShort = last !== null && last.seq === head.seq - 1 && isSameHead(copy.head, last);
    return !copy.isTorn && (isSameHead(copy.head, head) || isOneShort);
  });
  return isVouched ? null : `nothing says that entry ${head.seq} is the last one`;
};

const stateOf = (
  copy: FoundCopy,
  holding: Holding | undefined,
  { firstSeq, head }: Pick<LogContent, "firstSeq" | "head">,
  ackedSeq: number,
): CopyState => {
  const { first = null, last = null, isSound = false, isNamed = false } = holding ?? {};
  const hasItsHead = last === null ? copy.head?.seq === 0 : isSameHead(copy.head, last);
  // A ledger that went back to a backup asks again for what it had: that is there only where no copy lost it.
  const keptFrom = Math.max(firstSeq, Math.min(copy.keptFrom ?? ackedSeq, ackedSeq));
  const lacksOlder = first !== null && first > keptFrom;
  if (copy.chain === null || !isNamed || !isSound || !hasItsHead || lacksOlder) return "damaged";
  return copy.head?.seq === head.seq ? "same" : "behind";
};

/** It lost its chain's name, and that was not this one's. */
const isStranger = ({ chain }: FoundCopy, holding: Holding | undefined): boolean =>
  chain === null && holding?.last === null && !holding.isNamed;

const isMarked = ({ epoch }: Chain, mark: Mark | null): boolean => mark !== null && toBase64url(epoch) === mark.epoch;

const isSameChain = (a: Chain, b: Chain): boolean => a.terminal === b.terminal && equalBytes(a.epoch, b.epoch);

const isSameHead = (a: Head | null, b: Head): boolean => a !== null && a.seq === b.seq && equalBytes(a.hash, b.hash);
