/**
 * A scanner that types: a keyboard wedge, USB or Bluetooth.
 *
 * A scan is a run of 4 to 1,024 characters of the alphabet below, each within 50 ms of the one before, ended by Enter within
 * 50 ms as well. Nobody types like that; whoever types slowly is left alone, and so is the page's keyboard navigation. Only
 * what belongs to a scan is kept from the page: its Enter, and a space within it, which would press the focused button.
 *
 * Anything else within a run (a control key, a key held with Ctrl, Alt or Meta, a character outside the alphabet, a key that
 * repeats, one character too many) spoils the run up to its next pause or Enter: half a text must never pass for a whole one.
 *
 * Keys are timed by their events' own time stamps, so that a busy page does not make slow typing look fast.
 */
import type { Scan, Scanner } from "../ports.ts";

const keyGapMillisecondsMax = 50;
const textLengthMin = 4;
const textLengthMax = 1_024;

/** Base45's alphabet, and the lower case of barcodes. */
const alphabet = /^[0-9A-Za-z $%*+\-./:]$/;

export const wedgeScanner = (target: Window = window): Scanner => {
  let listening: AbortController | undefined;
  return {
    name: "wedge",
    start: async (onScan, onState) => {
      listening?.abort();
      listening = new AbortController();
      // Captured at the window: no part of the page can take a scanner's keys away before they are seen here.
      const options = { capture: true, signal: listening.signal };
      target.addEventListener("keydown", readKeys(onScan), options);
      onState({ kind: "scanning" });
    },
    stop: async () => listening?.abort(),
  };
};

const readKeys = (onScan: (scan: Scan) => void) => {
  let text = "";
  let isSpoilt = false;
  let lastKeyAt = Number.NEGATIVE_INFINITY;

  const spoil = () => {
    text = "";
    isSpoilt = true;
  };

  const begin = () => {
    text = "";
    isSpoilt = false;
  };

  return (event: KeyboardEvent): void => {
    // Shift comes with capital letters and is no key of its own.
    if (event.key === "Shift") return;
    if (event.timeStamp - lastKeyAt >= keyGapMillisecondsMax) begin();
    lastKeyAt = event.timeStamp;

    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) {
      spoil();
    } else if (event.key === "Enter") {
      const scanned = text;
      begin();
      if (scanned.length < textLengthMin) return;
      keepFromPage(event);
      onScan({ text: scanned, seenAt: event.timeStamp });
    } else if (isSpoilt || !alphabet.test(event.key) || text.length === textLengthMax) {
      spoil();
    } else {
      text += event.key;
      if (event.key === " " && text.length > textLengthMin) keepFromPage(event);
    }
  };
};

const keepFromPage = (event: KeyboardEvent) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};
