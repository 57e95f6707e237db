/** A terminal that taps: each tap is an entry of its own, handed in at once as an outbox does. */
import { encodeBatch } from "../../shared/batch.ts";
import { contentDigestOf, signRequest } from "../../shared/http-signature.ts";
import type { SigningKey } from "../../shared/keys.ts";
import { genesisOf, type Head, makeEntry } from "../../shared/log.ts";
import { receiptCodeOf } from "../../shared/receipt-code.ts";
import { signStatement } from "../../shared/sync.ts";
import { decidedTap } from "../world.ts";

export type Tapper = {
  /** The code on the receipt, before anything is sent; `handIn` resolves with the server's answer. */
  readonly tap: () => Promise<{ readonly code: string; readonly handIn: () => Promise<void> }>;
};

export const createTapper = async (url: string, terminal: string, key: SigningKey): Promise<Tapper> => {
  const epoch = crypto.getRandomValues(new Uint8Array(16));
  let head: Head = await genesisOf({ terminal, epoch });
  return {
    tap: async () => {
      const at = Math.floor(Date.now() / 1000);
      const stamp = { v: 1, at, boot: "bench", clock: "device" } as const;
      const entry = await makeEntry(
        head,
        { ...stamp, ...decidedTap("00".repeat(32)) },
        { pseudonym: "someone" },
        epoch,
      );
      head = entry;
      const checkpoint = await signStatement(
        "checkpoint",
        { terminal, epoch, seq: entry.seq, hash: entry.hash, at },
        key,
      );
      const body = encodeBatch({ epoch, from: entry.seq, entries: [entry], checkpoint });
      const code = await receiptCodeOf({ terminal, epoch }, entry.seq, entry.hash);
      const handIn = async (): Promise<void> => {
        const path = `${url}/v1/log`;
        const headers = { "content-type": "application/cbor", "content-digest": await contentDigestOf(body) };
        const signed = await signRequest(
          { method: "POST", url: path, headers },
          key,
          terminal,
          at,
          crypto.randomUUID(),
        );
        const response = await fetch(path, { method: "POST", headers: { ...headers, ...signed }, body });
        if (!response.ok) throw new Error(`log: ${response.status} ${await response.text()}`);
      };
      return { code, handIn };
    },
  };
};
