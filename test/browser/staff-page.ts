/**
 * Staff before a terminal's page. Everything is found as they find it, by its role and by the words of the language that the
 * page speaks: what was not translated is not found.
 */
import type { Page } from "playwright-core";
import type { Language } from "../../kiosk/ui/language.ts";
import { words } from "../../kiosk/ui/words.ts";
import { staffTitles } from "../../kiosk/ui/words-headings.ts";
import { effectWordsOf, roleNames, staffWords } from "../../kiosk/ui/words-staff.ts";
import type { Bilingual } from "../../shared/policy.ts";
import type { OverrideEffect, Role } from "../../shared/staff-rules.ts";
import { waitUntil } from "../live-city.ts";
import type { TerminalPage } from "./terminal-page.ts";

export type Badge = { readonly staff: string; readonly code: string; readonly role: Role };

export type StaffPage = {
  readonly page: Page;
  readonly terminal: TerminalPage;
  readonly speak: (language: Language) => Promise<void>;
  readonly language: () => Language;
  readonly button: (name: Bilingual) => ReturnType<Page["locator"]>;
  readonly press: (name: Bilingual) => Promise<void>;
  readonly heading: (name: Bilingual) => Promise<void>;
  readonly says: (text: Bilingual) => Promise<void>;
  /** A badge shown, and the screen that it opens. */
  readonly show: (badge: Badge) => Promise<void>;
  /** Any code, until what it leads to is there. */
  readonly scan: (code: string, selector: string) => Promise<void>;
  /** What to do, and why: two touches. */
  readonly choose: (effect: OverrideEffect, reason: Bilingual) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The same badge again within 2 s would be the same scan still. */
const bounceMs = 2200;

export const openStaff = (terminal: TerminalPage, things: "docks" | "items"): StaffPage => {
  const { page } = terminal;
  const shownAt = new Map<string, number>();
  let language: Language = "en";

  const button = (name: Bilingual) => page.getByRole("button", { name: name[language], exact: true });
  /** By the keyboard: a click waits for the page to be drawn, which one behind others is once a second. */
  const press = (name: Bilingual) => button(name).press("Enter");
  const heading = (name: Bilingual) =>
    page.getByRole("heading", { level: 1, name: name[language], exact: true }).waitFor();

  /** A terminal that writes something down just then reads nothing: a code is held there once more. */
  const scan = async (code: string, selector: string): Promise<void> => {
    await waitUntil(async () => performance.now() - (shownAt.get(code) ?? -bounceMs) >= bounceMs);
    await waitUntil(async () => {
      shownAt.set(code, performance.now());
      await terminal.type(code);
      const shown = page.locator(selector).waitFor({ timeout: bounceMs + 300 });
      return shown.then(
        () => true,
        () => false,
      );
    });
  };

  return {
    page,
    terminal,
    language: () => language,
    speak: async (wanted) => {
      if (wanted === language) return;
      await press(words.inOtherLanguage);
      language = wanted;
    },
    button,
    press,
    heading,
    says: (text) => page.getByText(text[language], { exact: true }).first().waitFor(),
    show: async (badge) => {
      await scan(badge.code, 'main[data-screen="staff"][data-stage="choices"]');
      const title = (each: Language) => `${staffTitles.choices[each]} ${roleNames[badge.role][each]}`;
      await heading({ zh: title("zh"), en: title("en") });
    },
    scan,
    choose: async (effect, reason) => {
      await press(effectWordsOf(effect, things));
      await heading(staffTitles.reason);
      await press(reason);
    },
    close: async () => {
      await press(staffWords.close);
      await page.locator('main[data-screen="staff"]').waitFor({ state: "detached" });
    },
  };
};
