/** A service worker that queues requests in workbox-background-sync and replays them when it is told to. */
import { Queue } from "workbox-background-sync";

type Told = { readonly kind: "queue"; readonly bodies: readonly string[] } | { readonly kind: "replay" };

// Its own time to replay would be while it is still being filled.
const queue = new Queue("log", { onSync: async () => {} });

const carryOut = async (told: Told): Promise<number> => {
  const startedAt = performance.now();
  if (told.kind === "replay") await queue.replayRequests();
  else for (const body of told.bodies) await queue.pushRequest({ request: requestOf(body) });
  return performance.now() - startedAt;
};

const requestOf = (body: string): Request =>
  new Request("/take", { method: "POST", headers: { "content-type": "application/json" }, body });

addEventListener("install", () => void (self as unknown as { skipWaiting: () => Promise<void> }).skipWaiting());
addEventListener("message", (event) => {
  const { data, ports, waitUntil } = event as MessageEvent<Told> & { waitUntil: (work: Promise<void>) => void };
  waitUntil.call(
    event,
    carryOut(data).then((milliseconds) => ports[0]?.postMessage(milliseconds)),
  );
});
