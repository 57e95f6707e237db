/**
 * The service worker of kiosk, wallet and demo: it keeps the built page, whole, and serves it with or without a network.
 * It precaches and nothing else; the log and the bundle are none of its business.
 *
 * A new version is fetched beside the old one and waits, until the page says {greenlane: "take-over"}.
 */
import { matchPrecache, type PrecacheEntry, precacheAndRoute } from "workbox-precaching";

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly (PrecacheEntry | string)[] };

const showPage = async (request: Request): Promise<Response> =>
  (await matchPrecache("index.html")) ?? (await fetch(request));

// Before Workbox sees it: a deep link, with whatever query, is the page.
self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  event.stopImmediatePropagation();
  event.respondWith(showPage(event.request));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", ({ data }) => {
  if (data?.greenlane === "take-over") void self.skipWaiting();
});

precacheAndRoute([...self.__WB_MANIFEST]);
