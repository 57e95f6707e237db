/**
 * The frames on the page, and what is said between them and it. Messages are taken only from frames of this page and
 * this origin, and sent to no other.
 *
 *     from the phone        {greenlane: "code", text}
 *     from a terminal       {greenlane: "status", slot, screen, status, entries}
 *     to a terminal         {greenlane: "scan", text}, {greenlane: "network", up}, {greenlane: "turnstile", turns},
 *                           {greenlane: "account", pays}
 *     to the phone          {greenlane: "new-code"}, {greenlane: "renew"}
 *
 * A frame is named by its `data-frame`: `phone`, or the terminal's slot.
 */
import type { TerminalNews } from "../demo.ts";

export type FrameEars = {
  readonly onCode: (text: string | null) => void;
  readonly onNews: (news: TerminalNews) => void;
};

export type Word =
  | { readonly greenlane: "scan"; readonly text: string }
  | { readonly greenlane: "network"; readonly up: boolean }
  | { readonly greenlane: "turnstile"; readonly turns: boolean }
  | { readonly greenlane: "account"; readonly pays: boolean }
  | { readonly greenlane: "new-code" }
  | { readonly greenlane: "renew" };

export const tellFrame = (name: string, word: Word): void => frameOf(name)?.postMessage(word, location.origin);

/** A terminal seen from a step away: its page is in rem, so its root's letters make it smaller as a whole. */
export const shrinkFrame = (name: string): void =>
  frameOf(name)?.document.documentElement.style.setProperty("font-size", "80%");

export const listenToFrames = ({ onCode, onNews }: FrameEars): void =>
  addEventListener("message", ({ origin, source, data }: MessageEvent<unknown>) => {
    if (origin !== location.origin || source === null || !isMessage(data)) return;
    if (data.greenlane === "code" && source === frameOf("phone")) {
      onCode(typeof data.text === "string" ? data.text : null);
    }
    if (data.greenlane === "status" && typeof data.slot === "string" && source === frameOf(data.slot)) {
      onNews(data as unknown as TerminalNews);
    }
  });

const frameOf = (name: string): Window | null =>
  document.querySelector<HTMLIFrameElement>(`iframe[data-frame="${CSS.escape(name)}"]`)?.contentWindow ?? null;

type Message = { readonly [member in "greenlane" | "text" | "slot"]?: unknown };

const isMessage = (value: unknown): value is Message => typeof value === "object" && value !== null;
