/**
 * A new version's look at itself, at its first start: is all of it here, does it find what the version before left, and does
 * the disk take what it writes? The answer is a short English cause for staff, beginning with the name of the check, or null
 * when all is well. Time is not limited here: whoever waits for the word (sw.ts) takes silence for a failure.
 *
 *     code     every part of the program loads, and reads a code that it was given
 *     log      the chain is the same, and has the newest entry of the version before
 *     twin     so has its second copy, where that was well
 *     disk     a durable write
 *     bundle   what was in force still is
 *     service  the terminal serves, where it did
 */
import { equalBytes, fromBase64url, toBase64url } from "../../shared/bytes.ts";
import type { Chain, Head } from "../../shared/log.ts";
import type { LogStore } from "../ports.ts";
import type { Screen } from "../session.ts";
import { checkText, drawCheckCode, type Picture } from "./check-code.ts";

/** What a version leaves for the one that follows it. */
export type HandOver = {
  readonly epoch: string;
  readonly seq: number;
  readonly hash: string;
  /** The log had no alarm. */
  readonly isTwin: boolean;
  readonly hasBundle: boolean;
  readonly isServing: boolean;
};

/** A terminal that has started. */
export type Started = {
  readonly chain: Chain;
  readonly head: () => Head;
  readonly log: Pick<LogStore, "read"> & {
    readonly settled: () => Promise<void>;
    readonly alarms: () => readonly string[];
  };
  readonly hasBundle: () => boolean;
  readonly screen: () => Screen;
};

export type SelfCheckParts = {
  /** Null where the version before left nothing. */
  readonly left: HandOver | null;
  /** Null where this is no terminal yet. */
  readonly started: Started | null;
  /** Loads whatever is loaded only when it is needed. */
  readonly loadRest: () => Promise<unknown>;
  readonly decode: (picture: Picture) => Promise<readonly string[]>;
  readonly beat: () => Promise<void>;
};

export const handOverOf = ({ chain, head, log, hasBundle, screen }: Started): HandOver => ({
  epoch: toBase64url(chain.epoch),
  seq: head().seq,
  hash: toBase64url(head().hash),
  isTwin: log.alarms().length === 0,
  hasBundle: hasBundle(),
  isServing: screen().name !== "out-of-service",
});

export const checkSelf = async (parts: SelfCheckParts): Promise<string | null> => {
  const { left, started } = parts;
  const checks: readonly (readonly [name: string, check: () => Promise<string | null>])[] = [
    ["code", () => checkCode(parts)],
    ["log", async () => (left === null ? null : checkLog(left, started))],
    ["twin", async () => (left?.isTwin && started !== null ? checkTwin(started) : null)],
    ["disk", () => parts.beat().then(() => null)],
    ["bundle", async () => (left?.hasBundle && !started?.hasBundle() ? "what was in force is not accepted" : null)],
    ["service", async () => (left?.isServing && started !== null ? checkService(started.screen()) : null)],
  ];
  for (const [name, check] of checks) {
    const cause = await check().catch((reason: unknown) => String(reason));
    if (cause !== null) return `${name}: ${cause}`;
  }
  return null;
};

const checkCode = async ({ loadRest, decode }: SelfCheckParts): Promise<string | null> => {
  await loadRest();
  const texts = await decode(drawCheckCode());
  return texts.length === 1 && texts[0] === checkText ? null : `read ${JSON.stringify(texts)} for ${checkText}`;
};

const checkLog = async ({ epoch, seq, hash }: HandOver, started: Started | null): Promise<string | null> => {
  if (started === null) return "it was not opened";
  if (toBase64url(started.chain.epoch) !== epoch) return "it is another chain";
  if (started.head().seq < seq) return `it ended at entry ${seq}, and ends at ${started.head().seq}`;
  if (seq === 0) return null;
  const [entry] = await started.log.read(seq, 1);
  const isSame = entry?.seq === seq && equalBytes(entry.hash, fromBase64url(hash) ?? new Uint8Array(0));
  return isSame ? null : `entry ${seq} is not the one that it was`;
};

const checkTwin = async ({ log }: Started): Promise<string | null> => {
  await log.settled();
  return log.alarms()[0] ?? null;
};

const checkService = async (screen: Screen): Promise<string | null> =>
  screen.name === "out-of-service" ? `out of service, ${screen.cause}: ${screen.detail}` : null;
