/**
 * Takes a rescue (shared/rescue.ts), whoever brings it: `POST /v1/rescues` and `ledger import`. Its batches are judged one
 * by one exactly as `POST /v1/log` judges them, under the key of the terminal that they come from: what can be taken is,
 * what cannot is named, and the same again changes nothing.
 *
 * What is taken is answered by an ack of the very place where the batch ends, though the ledger may reach further by now,
 * so that the carrier, who knows no more of that chain, can see that it was this batch. One rescue is unpacked at a time.
 */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Bytes } from "../shared/bytes.ts";
import { importPublicKey, type SigningKey } from "../shared/keys.ts";
import { importPseudonymKey } from "../shared/log.ts";
import { type Gunzip, type OperatorKey, openRescue, type RescuedBatch, type RescueFault } from "../shared/rescue.ts";
import { signStatement } from "../shared/sync.ts";
import type { Instant } from "../shared/terms.ts";
import type { Sender } from "./auth.ts";
import type { KeyStore } from "./keys.ts";
import type { Judgement, LogIntake } from "./log-intake.ts";
import type { Registry } from "./ports.ts";
import { createTurns } from "./turn.ts";

/** Of one batch. `added` of its `entries` are new, the others were there. */
export type BatchVerdict = { readonly batch: RescuedBatch } & (
  | { readonly kind: "acked"; readonly ack: Bytes; readonly added: number }
  | Exclude<Judgement, { readonly kind: "acked" | "unavailable" }>
);

export type RescueVerdict =
  | { readonly kind: "taken"; readonly terminal: string; readonly verdicts: readonly BatchVerdict[] }
  | { readonly kind: "refused"; readonly cause: string }
  | { readonly kind: "unavailable"; readonly cause: string };

export type RescueIntake = (sealed: Bytes, now: Instant) => Promise<RescueVerdict>;

export type RescueEdges = {
  readonly registry: Pick<Registry, "terminal">;
  readonly operator: KeyStore["operator"];
  readonly takeBatch: LogIntake;
  readonly edgeKey: () => Promise<SigningKey>;
};

export const createRescueIntake = (edges: RescueEdges): RescueIntake => {
  const inTurn = createTurns(1);
  return (sealed, now) => inTurn("rescue", () => takeRescue(edges, sealed, now));
};

/** For whoever reads the answer; what to do follows from it. */
export const rescueCauses: Readonly<Record<RescueFault, string>> = {
  "not-a-rescue": "this is no rescue of a terminal",
  "too-large": "it is larger than a rescue can be",
  truncated: "it is not whole: its end is missing. Take it off the terminal again",
  foreign: "it was sealed for another operator, whose server it has to be brought to",
  altered: "it is not as the terminal wrote it. Take it off the terminal again",
  malformed: "it opens, and there is nothing in it that this version understands",
};

const takeRescue = async (edges: RescueEdges, sealed: Bytes, now: Instant): Promise<RescueVerdict> => {
  const opened = await openRescue(sealed, await importOperatorKey(edges.operator), gunzipBounded);
  if (opened.kind === "refused") return { kind: "refused", cause: rescueCauses[opened.fault] };
  const { terminal, batches } = opened.rescue;
  const sender = await findSender(edges.registry, terminal);
  if (sender === null) {
    return { kind: "refused", cause: "the terminal that it comes from was never enrolled here" };
  }
  const verdicts: BatchVerdict[] = [];
  for (const batch of batches) {
    const taken = await edges.takeBatch(sender, async () => ({ value: batch.bytes }), now);
    if ("refusal" in taken) throw new Error("a batch of a rescue is not compressed once more");
    const judgement = taken.value;
    if (judgement.kind === "unavailable") return judgement;
    verdicts.push({
      batch,
      ...(judgement.kind === "acked" ? await ackExactly(edges, batch, judgement, now) : judgement),
    });
  }
  return { kind: "taken", terminal, verdicts };
};

/** What was acknowledged reaches at least to the end of the batch, by the hash that its checkpoint names. */
const ackExactly = async (
  { edgeKey }: RescueEdges,
  { terminal, epoch, head }: RescuedBatch,
  judgement: Extract<Judgement, { readonly kind: "acked" }>,
  now: Instant,
): Promise<Extract<Judgement, { readonly kind: "acked" }>> => ({
  ...judgement,
  ack: await signStatement("ack", { terminal, epoch, ...head, at: now }, await edgeKey()),
});

const findSender = async (registry: Pick<Registry, "terminal">, id: string): Promise<Sender | null> => {
  const terminal = registry.terminal(id);
  const key = terminal === null ? null : await importPublicKey(terminal.key);
  return terminal === null || key === null ? null : { terminal, key };
};

const importOperatorKey = async ({ bytes, version }: KeyStore["operator"]): Promise<OperatorKey> => ({
  key: await importPseudonymKey(bytes),
  version,
});

const unzip = promisify(gunzip) as unknown as (
  bytes: Bytes,
  options: { readonly maxOutputLength: number },
) => Promise<Uint8Array>;

const gunzipBounded: Gunzip = async (bytes, bytesMax) => {
  try {
    return new Uint8Array(await unzip(bytes, { maxOutputLength: bytesMax }));
  } catch {
    return null; // no gzip, or too much of it
  }
};
