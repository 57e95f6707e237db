/**
 * Who sends a request: an enrolled terminal that signed it (RFC 9421, see shared/http-signature.ts). `keyid` is the id of
 * the terminal. A nonce is good once, and remembered for as long as its signature could be taken; a terminal that draws
 * more of them than are remembered has to wait.
 *
 * A revoked terminal is told apart by its row and not refused here: what it did before still has to be told.
 * The terminal's row notes when it was last seen, to the minute.
 */
import type { Bytes } from "../shared/bytes.ts";
import { checkRequest, type SignableRequest, signatureAgeMaxSeconds } from "../shared/http-signature.ts";
import { importPublicKey, type PublicKey } from "../shared/keys.ts";
import type { Instant } from "../shared/terms.ts";
import { checkingAtOnce } from "./at-once.ts";
import type { Registry, TerminalRow } from "./ports.ts";

export type Sender = { readonly terminal: TerminalRow; readonly key: PublicKey };

/** `cause` is for the log of the server. */
export type Authentication =
  | { readonly kind: "signed"; readonly sender: Sender }
  | { readonly kind: "not-signed"; readonly cause: string }
  | { readonly kind: "too-many" };

/** `body`: the bytes as sent, null where there is none. */
export type Authenticate = (request: SignableRequest, body: Bytes | null, now: Instant) => Promise<Authentication>;

export const noncesMax = 1000;

export const createAuth = (registry: Pick<Registry, "terminal" | "putTerminal" | "atomically">): Authenticate => {
  const nonces = createNonces();
  const keyOf = createKeys();
  return async (request, body, now) => {
    let sender: Sender | null = null;
    const keyFor = async (id: string): Promise<PublicKey | null> => {
      const terminal = registry.terminal(id);
      const key = terminal === null ? null : await keyOf(terminal);
      if (terminal !== null && key !== null) sender = { terminal, key };
      return key;
    };
    const checked = await checkRequest(request, body, keyFor, now);
    if (checked.kind === "bad") return { kind: "not-signed", cause: checked.cause };
    if (sender === null) return { kind: "not-signed", cause: "unknown key" };

    const taken = nonces.take(checked.keyId, checked.nonce, now);
    if (taken === "seen") return { kind: "not-signed", cause: "the nonce was used before" };
    if (taken === "full") return { kind: "too-many" };
    noteSeen(registry, checked.keyId, now);
    return { kind: "signed", sender };
  };
};

/** Of each terminal the key that it had last: to import one takes longer than to check a signature with it. */
const createKeys = () => {
  const known = new Map<string, { readonly jwk: string; readonly key: PublicKey }>();
  return async (terminal: TerminalRow): Promise<PublicKey | null> => {
    const jwk = JSON.stringify(terminal.key);
    const last = known.get(terminal.id);
    if (last?.jwk === jwk) return last.key;
    const imported = await importPublicKey(terminal.key);
    if (imported === null) return null;
    const key = checkingAtOnce(imported);
    known.set(terminal.id, { jwk, key });
    return key;
  };
};

type Nonces = { readonly take: (terminal: string, nonce: string, now: Instant) => "fresh" | "seen" | "full" };

const createNonces = (): Nonces => {
  const byTerminal = new Map<string, Map<string, Instant>>();
  // A signature may be dated 300 s ahead, and is then good for 300 s more.
  const keptSeconds = 2 * signatureAgeMaxSeconds;
  return {
    take: (terminal, nonce, now) => {
      const used = byTerminal.get(terminal) ?? new Map<string, Instant>();
      byTerminal.set(terminal, used);
      for (const [old, usedAt] of used) {
        if (now - usedAt <= keptSeconds) break; // in order of use
        used.delete(old);
      }
      if (used.has(nonce)) return "seen";
      if (used.size >= noncesMax) return "full";
      used.set(nonce, now);
      return "fresh";
    },
  };
};

const seenEverySeconds = 60;

/** Reads the row again inside the transaction: it may have been revoked meanwhile, by another process. */
const noteSeen = (registry: Pick<Registry, "terminal" | "putTerminal" | "atomically">, id: string, now: Instant) => {
  const isFresh = (row: TerminalRow) => row.lastSeenAt !== null && now - row.lastSeenAt < seenEverySeconds;
  const row = registry.terminal(id);
  if (row === null || isFresh(row)) return;
  registry.atomically(() => {
    const current = registry.terminal(id);
    if (current !== null && !isFresh(current)) registry.putTerminal({ ...current, lastSeenAt: now });
  });
};
