/**
 * What the page and its service worker say to each other of the page's version (versions.ts). Where no worker served this
 * page, it is on no trial, and nobody is told anything.
 */
import type { Trial } from "../update/proof.ts";
import { describeFailure, type Standing, type VersionMessage } from "../update/versions.ts";

/** The name of this build, as its page has it. */
export const version = document.querySelector<HTMLMetaElement>('meta[name="version"]')?.content ?? "dev";

const answerMillisecondsMax = 5000;

const tell = (message: VersionMessage, transfer: Transferable[] = []): void =>
  navigator.serviceWorker?.controller?.postMessage(message, transfer);

export const askTrial = (): Promise<Trial> =>
  new Promise((resolve) => {
    const none = (): void => resolve({ isOn: false, failure: null });
    if (!navigator.serviceWorker?.controller) return none();
    const { port1, port2 } = new MessageChannel();
    setTimeout(none, answerMillisecondsMax);
    port1.onmessage = ({ data }: MessageEvent<Standing>) =>
      resolve({ isOn: data.isOnTrial, failure: data.failure === null ? null : describeFailure(data.failure, version) });
    tell({ greenlane: "starting", version }, [port2]);
  });

/** This page only waits for another one to end. */
export const tellWaiting = (): void => tell({ greenlane: "waiting" });

export const passTrial = (): void => tell({ greenlane: "confirmed", version });

/** The worker opens this page again, in the version before. */
export const failTrial = (cause: string): void => tell({ greenlane: "failed", version, cause });
