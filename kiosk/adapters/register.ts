/**
 * Installs the app's service worker, so that the page opens without a network, and lets a newer version take over: only
 * once nobody has used the page for a while, and then with a reload, so that page and worker are of one version.
 */

import type { Clock } from "../ports.ts";
import { trustedScriptUrl } from "./trusted-types.ts";

export type Updating = {
  readonly clock: Clock;
  /** Nobody is being served. */
  readonly isIdle: () => boolean;
  /** Something is under way that had better come to its end first. */
  readonly isInFlight: () => boolean;
  readonly beforeReload: () => Promise<void>;
};

const lookSeconds = 10;
const idleSeconds = 60;
const askSeconds = 3600;

/** Rejects where the browser refuses the worker; the page then works as long as the server does. */
export const keepInstalled = async ({ clock, isIdle, isInFlight, beforeReload }: Updating): Promise<void> => {
  const { serviceWorker } = navigator;
  const base = import.meta.env.BASE_URL;
  let hasWorker = serviceWorker.controller !== null;
  const registration = await serviceWorker.register(trustedScriptUrl(`${base}sw.js`), {
    scope: base,
    updateViaCache: "none",
  });

  let isOutdated = false;
  serviceWorker.addEventListener("controllerchange", () => {
    // The first worker of all takes a page that is of its own version.
    isOutdated = hasWorker || isOutdated;
    hasWorker = true;
  });

  let idleFor = 0;
  let askedFor = 0;
  const look = async (): Promise<void> => {
    idleFor = isIdle() ? idleFor + lookSeconds : 0;
    askedFor += lookSeconds;
    if (askedFor >= askSeconds) {
      askedFor = 0;
      registration.update().catch((cause: unknown) => console.warn("no newer version to be had:", cause));
    }
    if (idleFor >= idleSeconds && !isInFlight()) {
      if (isOutdated) {
        await beforeReload().catch((cause: unknown) => console.warn("not all was finished:", cause));
        return location.reload();
      }
      registration.waiting?.postMessage({ greenlane: "take-over" });
    }
    clock.after(lookSeconds, () => void look());
  };
  clock.after(lookSeconds, () => void look());
};
