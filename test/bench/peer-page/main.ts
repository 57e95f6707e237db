/** A page that keeps the same records as others would, and has them replicated or replayed. Times in milliseconds. */
import PouchDB from "pouchdb-browser";

type Doc = { readonly _id: string };

/** `docs` stand in PouchDB, on IndexedDB, before the time begins. */
const replicate = async (name: string, docs: readonly Doc[], batchSize: number): Promise<number> => {
  const log = new PouchDB(name);
  for (let from = 0; from < docs.length; from += 1000) await log.bulkDocs(docs.slice(from, from + 1000));
  const startedAt = performance.now();
  const { ok, docs_written } = await log.replicate.to(`${location.origin}/${name}`, { batch_size: batchSize });
  const milliseconds = performance.now() - startedAt;
  if (!ok || docs_written !== docs.length) throw new Error(`${docs_written} of ${docs.length} replicated`);
  return milliseconds;
};

/** The same of workbox-background-sync, in a service worker. */
const replay = async (docs: readonly Doc[]): Promise<number> => {
  const { active } = await registered;
  await tell(active, { kind: "queue", bodies: docs.map((doc) => JSON.stringify(doc)) });
  return tell(active, { kind: "replay" });
};

const registered = navigator.serviceWorker.register("queue.sw.js").then(() => navigator.serviceWorker.ready);

const tell = (worker: ServiceWorker | null, told: object): Promise<number> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
    worker?.postMessage(told, [port2]);
  });

const page = { replicate, replay };

declare global {
  var peerBench: typeof page;
}
globalThis.peerBench = page;
document.body.dataset.ready = "yes";
