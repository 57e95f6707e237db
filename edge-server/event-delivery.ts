/**
 * Brings credit events to a programme, in batches (CloudEvents, "batched content mode"). What was taken is remembered; what
 * was not is tried again with longer and longer waits, and then by the next run. A batch that came twice does no harm, since
 * the programme knows each event by its id.
 */
import { type Bytes, toUtf8 } from "../shared/bytes.ts";
import type { CreditEvent } from "./credit-events.ts";

export type Webhook = {
  /** `away`: it may be there later. `refused`: it will not take this. */
  readonly post: (
    body: Bytes,
    contentType: string,
  ) => Promise<{ readonly kind: "taken" } | { readonly kind: "away" | "refused"; readonly cause: string }>;
  readonly wait: (seconds: number) => Promise<void>;
};

export type Delivered = {
  readonly has: (programme: string, id: string) => boolean;
  readonly add: (programme: string, ids: readonly string[]) => void;
};

export type Delivery = { readonly taken: number; readonly waiting: number; readonly cause: string | null };

export const batchEvents = 100;
/** Seconds between one try and the next. */
export const waits = [1, 2, 4, 8, 16] as const;

/** After a batch that is not taken no other is tried: they count as waiting. */
export const deliverEvents = async (
  events: Iterable<CreditEvent>,
  programme: string,
  webhook: Webhook,
  delivered: Delivered,
): Promise<Delivery> => {
  let [taken, waiting] = [0, 0];
  let cause: string | null = null;
  const send = async (batch: readonly CreditEvent[]): Promise<void> => {
    cause ??= batch.length === 0 ? null : await post(batch, webhook);
    if (cause !== null) {
      waiting += batch.length;
      return;
    }
    delivered.add(
      programme,
      batch.map(({ id }) => id),
    );
    taken += batch.length;
  };
  let batch: CreditEvent[] = [];
  for (const event of events) {
    if (delivered.has(programme, event.id)) continue;
    batch.push(event);
    if (batch.length < batchEvents) continue;
    await send(batch);
    batch = [];
  }
  await send(batch);
  return { taken, waiting, cause };
};

/** Null once it was taken. */
const post = async (batch: readonly CreditEvent[], webhook: Webhook): Promise<string | null> => {
  const body = toUtf8(JSON.stringify(batch));
  for (const seconds of [...waits, null]) {
    const answer = await webhook.post(body, "application/cloudevents-batch+json; charset=utf-8");
    if (answer.kind === "taken") return null;
    if (answer.kind === "refused" || seconds === null) return answer.cause;
    await webhook.wait(seconds);
  }
  return null;
};
