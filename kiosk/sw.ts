/**
 * The service worker of kiosk, wallet and demo: it keeps the built page, whole, and serves it with or without a network.
 * The log and the bundle are none of its business.
 *
 * - Each version lies in a cache of its own, fetched beside the one in force, every file checked against its hash: it is
 *   here whole, or not at all. It waits until a page says {greenlane: "take-over"}.
 * - Then it is on trial (versions.ts): a page of it has to say `confirmed` in time. Where one says `failed`, or nothing, this
 *   worker goes back to the version before and sends the page there. A page that is dead cannot stop it from doing so.
 * - What it knows of versions is one small file in a cache of its own, beside the files that it speaks of.
 */
import { PrecacheController, type PrecacheEntry } from "workbox-precaching";
import {
  bringIn,
  condemn,
  confirm,
  isOnTrial,
  type Standing,
  start,
  trialSeconds,
  type VersionMessage,
  type Versions,
} from "./update/versions.ts";

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly (PrecacheEntry | string)[] };

const files = self.__WB_MANIFEST as readonly PrecacheEntry[];
const { scope } = self.registration;
const page = new URL("index.html", scope).href;
/** The build names itself as the revision of its page. */
const version = files.find(({ url }) => url === "index.html")?.revision ?? "";

const recordName = `greenlane ${scope}`;
const cacheNameOf = (name: string): string => `greenlane ${scope} ${name}`;

/* What is known of versions. */

/** What a full disk did not take: it holds for as long as this worker lives. */
let unsaved: Versions | null = null;

const readVersions = async (): Promise<Versions | null> => {
  if (unsaved !== null) return unsaved;
  const record = await (await caches.open(recordName)).match(scope);
  return record === undefined ? null : record.json();
};

const write = async (next: Versions): Promise<void> => {
  unsaved = next;
  const record = await caches.open(recordName);
  await record.put(scope, Response.json(next)).then(
    () => {
      unsaved = null;
    },
    (cause: unknown) => console.warn("what is known of versions is not kept:", cause),
  );
};

let last: Promise<unknown> = Promise.resolve();

const change = (step: (known: Versions) => Versions): Promise<Versions> => {
  const changed = last.then(async () => {
    const known = await readVersions();
    const next = step(known ?? bringIn(null, version));
    if (next !== known) await write(next);
    return next;
  });
  last = changed.catch(() => {});
  return changed;
};

const isBad = (known: Versions | null, name: string): boolean => known?.bad.includes(name) === true;

/* A version comes. */

const fetchFiles = async (event: ExtendableEvent): Promise<void> => {
  if (isBad(await readVersions(), version)) return;
  const precache = new PrecacheController({ cacheName: cacheNameOf(version) });
  precache.addToCacheList([...files]);
  await precache.install(event);
};

const takeOver = async (): Promise<void> => {
  const { inForce, before } = await change((known) => bringIn(known, version));
  const kept = [recordName, cacheNameOf(inForce), ...(before === null ? [] : [cacheNameOf(before)])];
  const ours = (await caches.keys()).filter((name) => name.includes(scope));
  await Promise.all(ours.filter((name) => !kept.includes(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
};

self.addEventListener("install", (event) => event.waitUntil(fetchFiles(event)));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

/* Serving it. */

const findFile = async (url: string, { inForce, before }: Versions): Promise<Response | undefined> => {
  for (const name of before === null ? [inForce] : [inForce, before]) {
    const found = await caches.match(url, { cacheName: cacheNameOf(name), ignoreSearch: true });
    if (found !== undefined) return found;
  }
  return undefined;
};

/** A deep link, with whatever query, is the page. */
const showPage = async (event: FetchEvent): Promise<Response> => {
  const known = await change((versions) => start(versions, Date.now() / 1000));
  if (known.trial !== null) event.waitUntil(awaitWord(known.inForce, event.resultingClientId));
  return (await findFile(page, known)) ?? fetch(event.request);
};

/** Files are named after their content, so that a page of the version before finds its own. */
const showFile = async (request: Request): Promise<Response> =>
  (await findFile(request.url, await change((known) => known))) ?? fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const shown = request.mode === "navigate" ? showPage(event) : showFile(request);
  // Where the caches cannot be read, the server may still be there.
  event.respondWith(shown.catch(() => fetch(request)));
});

/* Its trial. */

const waiting = new Set<string>();

const awaitWord = async (name: string, client: string): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, trialSeconds * 1000));
  if (!waiting.has(client)) await goBack(name, `no word within ${trialSeconds} s`, client);
};

const goBack = async (name: string, cause: string, client: string): Promise<void> => {
  const known = await change((versions) => condemn(versions, name, cause));
  if (isBad(known, name)) await openAgain(client);
};

const openAgain = async (id: string): Promise<void> => {
  const client = await self.clients.get(id);
  if (!(client instanceof WindowClient)) return;
  // Without its fragment: an enrolment link serves once.
  const url = new URL(client.url);
  url.hash = "";
  await client.navigate(url.href);
};

const hear = async (message: VersionMessage, client: string, port: MessagePort | undefined): Promise<void> => {
  switch (message.greenlane) {
    case "take-over":
      return self.skipWaiting();
    case "starting": {
      const known = await change((versions) => versions);
      const standing: Standing = { isOnTrial: isOnTrial(known, message.version), failure: known.failure };
      return port?.postMessage(standing);
    }
    case "waiting":
      waiting.add(client);
      return;
    case "confirmed": {
      const known = await change((versions) => confirm(versions, message.version));
      // Another page of it was heard first, and it was ill.
      if (isBad(known, message.version)) await openAgain(client);
      return;
    }
    case "failed":
      return goBack(message.version, message.cause, client);
  }
};

self.addEventListener("message", (event) => {
  const client = event.source instanceof Client ? event.source.id : "";
  if (event.data?.greenlane !== undefined) event.waitUntil(hear(event.data, client, event.ports[0]));
});
