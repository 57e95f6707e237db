/**
 * A publication in a thread of its own: a list of ten million places is coded for seconds, and whoever waits for an ack is
 * not to wait for that. It is what the command line is, another program beside the server (publisher.ts). Wiring only.
 */
import { workerData } from "node:worker_threads";
import { openKeyFiles } from "../adapters/key-files.ts";
import { createSqlitePublishedStore } from "../adapters/published-sqlite.ts";
import { createSqliteRegistry } from "../adapters/registry-sqlite.ts";
import { createPublisher } from "../publisher.ts";
import { pathsIn } from "../settings.ts";

/** What it is started with. */
export type PublicationStart = { readonly folder: string };

const paths = pathsIn((workerData as PublicationStart).folder);
const keys = await openKeyFiles(paths.keys);
const registry = createSqliteRegistry(paths.registry);
const store = createSqlitePublishedStore(paths.published);
try {
  await createPublisher({ registry, keys, store, now: () => Math.floor(Date.now() / 1000) }).publish();
} finally {
  registry.close();
  store.close();
}
