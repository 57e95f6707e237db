/**
 * A scanner that types, in the page, with time stamps of its own: keys that come through the driver one by one are as slow
 * as a person's on a busy machine, and a pause of the machine's between two of them is the end of a code.
 */
import type { Page } from "playwright-core";

export type Key = string | { readonly key: string; readonly ctrlKey: true };

export const typeKeys = (page: Page, keys: readonly Key[]): Promise<void> =>
  page.evaluate((keys) => {
    const at = performance.now();
    for (const each of keys) {
      const init = typeof each === "string" ? { key: each } : each;
      const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
      Object.defineProperty(event, "timeStamp", { value: at });
      document.body.dispatchEvent(event);
    }
  }, keys);

export const typeText = (page: Page, text: string): Promise<void> => typeKeys(page, [...text, "Enter"]);
