/**
 * The demo page as a scanner: a terminal in a frame takes texts from its parent instead of a camera. Only a parent of
 * the same origin is heard or told.
 *
 *     from the parent   {greenlane: "scan", text}          as if it had been held to the camera
 *                       {greenlane: "network", up}         false: this terminal's network is cut
 *                       {greenlane: "turnstile", turns}    false: nobody passes, nothing moves
 *                       {greenlane: "account", pays}       false: the simulated account refuses
 *     to the parent     {greenlane: "status", slot, screen, status, entries}
 *                       entries: [{seq, kind, effect, reason, acked}], nothing personal
 */
import type { Entry } from "../../shared/log.ts";
import { readTransaction } from "../../shared/transaction.ts";
import type { Answer, Scan, Scanner, Uplink } from "../ports.ts";
import type { Screen, Status } from "../session.ts";

export type DemoFrame = {
  readonly scanner: Scanner;
  readonly turns: () => boolean;
  readonly isReachable: () => boolean;
  readonly pays: () => boolean;
  /** The same uplink, as far as the network is up. */
  readonly cut: (uplink: Uplink) => Uplink;
  readonly tell: (slot: string, screen: Screen, status: Status, entries: readonly DemoEntry[]) => void;
};

/** `effect` and `reason` null where the kind has none; of what was acted, `reason` is the outcome. */
export type DemoEntry = {
  readonly seq: number;
  readonly kind: string;
  readonly effect: string | null;
  readonly reason: string | null;
  readonly acked: boolean;
};

/** Null where the page stands alone, or in a frame of somebody else. */
export const joinDemoFrame = (): DemoFrame | null => {
  const { parent } = window;
  if (parent === window || !isOurs(parent)) return null;
  let onScan: ((scan: Scan) => void) | null = null;
  let isUp = true;
  let turns = true;
  let pays = true;
  const returns = new Set<() => void>();

  addEventListener("message", ({ origin, source, data }: MessageEvent<unknown>) => {
    if (origin !== location.origin || source !== parent || typeof data !== "object" || data === null) return;
    const message = data as Readonly<Record<string, unknown>>;
    if (message.greenlane === "scan" && typeof message.text === "string") {
      onScan?.({ text: message.text, seenAt: performance.now() });
    }
    if (message.greenlane === "turnstile") turns = message.turns !== false;
    if (message.greenlane === "account") pays = message.pays !== false;
    if (message.greenlane === "network") {
      isUp = message.up !== false;
      if (isUp) for (const callback of returns) callback();
    }
  });

  const whileUp = async <T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> =>
    isUp ? ask() : { kind: "unreachable", cause: "the network was cut" };

  return {
    scanner: {
      name: "demo",
      start: async (report, onState) => {
        onScan = report;
        onState({ kind: "scanning" });
      },
      stop: async () => {
        onScan = null;
      },
    },
    turns: () => turns,
    isReachable: () => isUp,
    pays: () => pays,
    cut: (uplink) => ({
      enrol: (code, publicJwk) => whileUp(() => uplink.enrol(code, publicJwk)),
      fetchManifest: (identity) => whileUp(() => uplink.fetchManifest(identity)),
      fetchArtefact: (encoded, from) => whileUp(() => uplink.fetchArtefact(encoded, from)),
      packBatch: uplink.packBatch,
      sendBatch: (identity, packed) => whileUp(() => uplink.sendBatch(identity, packed)),
      sendRescue: (identity, sealed) => whileUp(() => uplink.sendRescue(identity, sealed)),
      onReturn: (callback) => {
        returns.add(callback);
        const stop = uplink.onReturn(callback);
        return () => {
          returns.delete(callback);
          stop();
        };
      },
    }),
    tell: (slot, screen, status, entries) =>
      parent.postMessage({ greenlane: "status", slot, screen, status, entries }, location.origin),
  };
};

/** What the demo page may draw of an entry. */
export const demoEntryOf = (entry: Entry, ackedSeq: number): DemoEntry => {
  const transaction = readTransaction(entry.bytes);
  const result = transaction?.result as { readonly effect?: unknown; readonly reason?: unknown } | undefined;
  return {
    seq: entry.seq,
    kind: transaction?.kind ?? "unreadable",
    effect: wordOf(result?.effect),
    reason: wordOf(result?.reason) ?? wordOf(transaction?.outcome),
    acked: entry.seq <= ackedSeq,
  };
};

const wordOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

const isOurs = (parent: Window): boolean => {
  try {
    return parent.location.origin === location.origin;
  } catch {
    return false; // of another origin: it may not even be asked
  }
};
