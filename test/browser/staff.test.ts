/**
 * Staff at real terminals: every flow from the badge to the ledger, with the network and without it, in Chinese and in
 * English, each language at terminals of its own, side by side. Keys are those of Chromium's virtual authenticator. Each
 * walk says what it did; in the end the ledger has exactly that, and its audit passes.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import { demoProgramme, makeDemoPack } from "../../edge-server/demo-pack.ts";
import { pathsIn } from "../../edge-server/settings.ts";
import { type Language, otherLanguage, tagOf } from "../../kiosk/ui/language.ts";
import { artefactNames, dockNumber, words } from "../../kiosk/ui/words.ts";
import { careWords } from "../../kiosk/ui/words-care.ts";
import { handOverWords, savedEntries } from "../../kiosk/ui/words-hand-over.ts";
import { handOverTitles, passageWords, staffTitles } from "../../kiosk/ui/words-headings.ts";
import { referWordsOf } from "../../kiosk/ui/words-refer.ts";
import {
  badgeWords,
  declineWords,
  doneWords,
  effectWordsOf,
  roleNames,
  staffWords,
  unfitWords,
} from "../../kiosk/ui/words-staff.ts";
import { words as phoneWords } from "../../kiosk/wallet/words.ts";
import { badgeWords as phoneBadgeWords } from "../../kiosk/wallet/words-badge.ts";
import type { Bilingual } from "../../shared/policy.ts";
import { type OverrideEffect, type Role, reasonsOf, type ServiceMode } from "../../shared/staff-rules.ts";
import type { ServiceName } from "../../shared/terms.ts";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { findFaults } from "./page-faults.ts";
import { type Badge, openStaff, type StaffPage } from "./staff-page.ts";
import { openTerminal } from "./terminal-page.ts";

/** What the ledger must have of what staff did, or were refused. */
type Written = {
  readonly kind: "override" | "annulled" | "declined";
  readonly staff: readonly string[];
  readonly effect?: OverrideEffect;
  readonly reason?: string;
  /** Of the refusal that it answers. */
  readonly answers?: string;
  readonly terms?: "perk" | "ordinary";
  readonly thing?: string;
  readonly factor?: string;
  readonly note?: string;
  readonly cause?: string;
};

/** A terminal, and what staff did there. */
type Stand = StaffPage & { readonly id: string; readonly wrote: Written[] };

/** Where one language is spoken. `lead` has a security key at the library, which `other` has at the other one. */
type Hall = {
  readonly language: Language;
  readonly gate: Stand;
  readonly station: Stand;
  readonly library: Stand;
  readonly lead: Badge;
  readonly other: Badge;
  readonly takeKey: () => Promise<() => Promise<void>>;
};

const site = "hall-1";
const pack = makeDemoPack();
const open = { ...pack, version: pack.version + 1, overrides: { ...pack.overrides, freeText: true } };
const reasons = new Map(reasonsOf(open as typeof pack).map(({ id, name }) => [id, name]));
const because = (id: string): Bilingual => reasons.get(id) ?? { zh: `no ${id}`, en: `no ${id}` };

let city: City;
let issuer: Issuer;
let context: BrowserContext;
let halls: readonly Hall[];
let assistant: Badge;
let technician: Badge;
let foreign: Badge;
let phone: Page;
let onPhone: Omit<Badge, "code">;
const complaints: string[] = [];
/** Milliseconds from a badge to its screen, and from the reason to the open gate. */
const machineTimes: number[] = [];

const addStaff = async (name: string, role: Role, at: string): Promise<Badge> => ({
  ...JSON.parse(await succeed(city, "staff", "add", "--name", name, "--role", role, "--site", at, "--json")),
  role,
});

const enrol = async (service: ServiceName, language: Language): Promise<Stand> => {
  const where = ["--programme", demoProgramme, "--profile", service, "--site", site, "--name", service];
  const { id, link } = JSON.parse(await succeed(city, "terminal", "enrol", ...where, "--json"));
  const terminal = await openTerminal(context, city, `${service}-${language}`, link);
  return { ...openStaff(terminal, service === "bike" ? "docks" : "items"), id, wrote: [] };
};

const openHall = async (language: Language, lead: Badge, other: Badge): Promise<Hall> => {
  const [gate, station] = [await enrol("metro", language), await enrol("bike", language)];
  const library = await enrol("library", language);
  const takeKey = await registerKey(library, lead);
  for (const each of [gate, station, library]) await each.speak(language);
  return { language, gate, station, library, lead, other, takeKey };
};

beforeAll(async () => {
  city = await createCity();
  await city.start();
  issuer = await createIssuer(city);
  await writeFile(join(city.folder, "pack.json"), JSON.stringify(open));
  await succeed(city, "programme", "add", join(city.folder, "pack.json"));
  const rules = JSON.parse(await succeed(city, "staff", "rules", "--json"));
  await writeFile(join(city.folder, "rules.json"), JSON.stringify({ ...rules, keyFor: ["close"] }));
  await succeed(city, "staff", "rules", join(city.folder, "rules.json"));
  assistant = await addStaff("Lin", "assistant", site);
  technician = await addStaff("Zhou", "technician", site);
  foreign = await addStaff("Chen", "supervisor", "hall-2");
  const [wu, xu] = [await addStaff("Wu", "supervisor", `${site},hall-2`), await addStaff("Xu", "supervisor", site)];

  context = await launchChromium({ extraArgs: ["--accept-lang=en-US"] });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("console", (message) => {
    const isExpected = /Failed to load resource|net::ERR_/.test(message.text());
    if (message.type() === "error" && !isExpected) complaints.push(message.text());
  });
  // Headless, nobody can answer the picker: files go where downloads go.
  await context.addInitScript(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
  await openPhone();
  halls = [await openHall("en", wu, xu), await openHall("zh", xu, wu)];
}, 300_000);

afterAll(async () => {
  await context?.close();
  await city?.close();
});

/**
 * A security key of Chromium's own, made known at the terminal and confirmed by the operator. What it answers takes the key
 * away, and answers how to give it back.
 */
const registerKey = async ({ page, show, press, says, close }: StaffPage, badge: Badge): Promise<Hall["takeKey"]> => {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "usb", automaticPresenceSimulation: true },
  });
  await show(badge);
  await press(staffWords.makeKey);
  await says(staffWords.offered);
  await close();
  await waitUntil(async () => (await city.greenlane("staff", "key", badge.staff)).exitCode === 0, 120);
  await page.reload();
  await page.locator('main[data-screen="ready"]').waitFor();
  return async () => {
    const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
    await session.send("WebAuthn.clearCredentials", { authenticatorId });
    return async () => {
      for (const credential of credentials)
        await session.send("WebAuthn.addCredential", { authenticatorId, credential });
    };
  };
};

/** The operator's link, opened on a phone: no code stays in its address. */
const openPhone = async (): Promise<void> => {
  const who = ["--name", "Hu", "--role", "assistant", "--site", site, "--phone"];
  const { link, staff } = JSON.parse(await succeed(city, "staff", "add", ...who, "--json"));
  onPhone = { staff, role: "assistant" };
  phone = await context.newPage();
  await phone.setViewportSize({ width: 390, height: 844 });
  await phone.goto(link);
  await phone.locator(".staff-badge [data-code]").waitFor();
  expect(phone.url()).toBe(`${city.url}/wallet/#badge`);
};

const speakOnPhone = async (language: Language): Promise<void> => {
  const other = phone.getByRole("button", { name: phoneWords.inOtherLanguage[otherLanguage(language)] });
  if (await other.isVisible()) await other.click();
  await phone.locator(`.phone[lang="${tagOf[language]}"]`).waitFor();
};

/** One that no terminal has seen. */
const freshCode = async (language: Language): Promise<string> => {
  const read = () => phone.locator(".staff-badge [data-code]").getAttribute("data-code");
  const before = await read();
  await phone.getByRole("button", { name: phoneWords.newCode[language] }).click();
  await waitUntil(async () => (await read()) !== before);
  return (await read()) ?? "";
};

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const referred = (reason: string): string => `main[data-screen="refer"][data-reason="${reason}"]`;
const stage = (name: string): string => `main[data-screen="staff"][data-stage="${name}"]`;
const done = (effect: OverrideEffect, things: "docks" | "items" = "items"): Bilingual => {
  const what = effectWordsOf(effect, things);
  return { zh: doneWords.zh(what.zh), en: doneWords.en(what.en) };
};

/** A genuine code with a perk, shown twice. */
const replay = async ({ scan }: StaffPage): Promise<void> => {
  const code = await issuer.code(people.perk, nowSeconds());
  await scan(code, 'main[data-screen="result"]');
  await scan(code, referred("replay"));
};

/** Milliseconds from the badge's last character to the staff screen. */
const timeBadge = async ({ page, show }: StaffPage, badge: Badge): Promise<number> => {
  await page.evaluate(() => {
    let from = 0;
    const note = (): void => {
      from = performance.now();
    };
    addEventListener("keydown", note, true);
    const look = new MutationObserver(() => {
      if (document.querySelector("main")?.dataset.screen !== "staff") return;
      look.disconnect();
      removeEventListener("keydown", note, true);
      Reflect.set(window, "opening", performance.now() - from);
    });
    look.observe(document, { subtree: true, childList: true, attributes: true });
  });
  await show(badge);
  return page.evaluate(() => Reflect.get(window, "opening"));
};

/** Milliseconds from the touch to the open gate. */
const timePermit = ({ button }: StaffPage, reason: Bilingual): Promise<number> =>
  button(reason).evaluate(
    (pressed) =>
      new Promise<number>((resolve) => {
        const from = performance.now();
        const look = new MutationObserver(() => {
          if (document.querySelector("main")?.dataset.screen !== "result") return;
          look.disconnect();
          resolve(performance.now() - from);
        });
        look.observe(document, { subtree: true, childList: true, attributes: true });
        (pressed as HTMLButtonElement).click();
      }),
  );

/** Presses on until the mode is switched: right after another switch it is refused for a while. */
const switchMode = async (staff: StaffPage, effect: ServiceMode): Promise<void> => {
  await waitUntil(async () => {
    await staff.choose(effect, because("works"));
    const said = staff.page.locator("[data-notice]");
    await said.waitFor();
    return (await said.getAttribute("data-notice")) === "done";
  });
  await staff.says(done(effect));
};

describe.each(["online", "offline"] as const)("%s", (network) => {
  const walk = (name: string, steps: (hall: Hall) => Promise<void>) =>
    test(name, async () => {
      await Promise.all(halls.map(steps));
    });
  /** A security key answers the page that is in front, and there is one phone. */
  const walkInTurn = (name: string, steps: (hall: Hall) => Promise<void>) =>
    test(name, async () => {
      for (const hall of halls) await steps(hall);
    });

  /** Once in each language, in the midst of it; every screen by itself is looked at in screens.test.ts. */
  const expectNoFaults = async ({ page, language }: Stand): Promise<void> => {
    if ((network === "online") === (language() === "en")) expect(await findFaults(page)).toEqual([]);
  };

  beforeAll(async () => {
    if (network === "offline") await city.kill();
  });

  walk("an item is lent no more, and again", async ({ library, other }) => {
    const item = "FZ-0004127";
    const by = { staff: [other.staff], reason: "machine-broken" };
    await library.show(other);
    await library.press(effectWordsOf("block", "items"));
    await library.heading(staffTitles.item);
    await library.scan("no item: of ours", '[data-notice="not-an-item"]');
    await library.says(staffWords.notAnItem);
    await library.scan(item, stage("reason"));
    await library.press(because("machine-broken"));
    await library.says(done("block"));
    await library.press(effectWordsOf("free", "items"));
    await library.heading(staffTitles["blocked-items"]);
    await library.press({ zh: item, en: item });
    await library.press(because("machine-broken"));
    await library.says(done("free"));
    await library.close();
    for (const effect of ["block", "free"] as const) {
      library.wrote.push({ kind: "override", effect, thing: item, ...by });
    }
  });

  walk("a perk that was refused: a badge, why, and the gate opens", async ({ gate }) => {
    await replay(gate);
    const opening = await timeBadge(gate, assistant);
    await gate.says(referWordsOf("replay").happened);
    await gate.press(effectWordsOf("permit", "items"));
    await gate.heading(staffTitles.reason);
    machineTimes.push(opening + (await timePermit(gate, because("phone-empty"))));
    await gate.terminal.shows("result", { effect: "permit", stage: "done", terms: "perk" });
    const permit = { kind: "override", effect: "permit", reason: "phone-empty" } as const;
    gate.wrote.push({ ...permit, staff: [assistant.staff], answers: "replay", terms: "perk" });
  });

  walk("nobody whom it could believe: a badge, why, and on ordinary terms", async ({ gate, lead }) => {
    await gate.scan(await issuer.faulty("expired", nowSeconds()), referred("expired"));
    await gate.show(lead);
    await gate.says(referWordsOf("expired").happened);
    await gate.choose("permit", because("code-not-read"));
    await gate.terminal.shows("result", { effect: "permit", stage: "done", terms: "ordinary" });
    const permit = { kind: "override", effect: "permit", reason: "code-not-read" } as const;
    gate.wrote.push({ ...permit, staff: [lead.staff], answers: "expired", terms: "ordinary" });
  });

  walk("ordinary terms for a genuine code: two people, and where to object", async ({ gate, lead, language }) => {
    await replay(gate);
    await gate.show(lead);
    await gate.choose("ordinary", because("code-not-read"));
    await gate.heading(staffTitles.second);
    await gate.scan(lead.code, '[data-notice="same-person"]');
    await gate.says(unfitWords["same-person"]);
    await gate.scan(assistant.code, stage("objection"));
    await gate.heading(staffTitles.objection);
    expect(await gate.page.locator("[data-objection]").innerText()).toContain(open.objection[language]);
    await expectNoFaults(gate);
    await gate.close();
    const taken = { kind: "override", effect: "ordinary", reason: "code-not-read" } as const;
    gate.wrote.push({ ...taken, staff: [lead.staff, assistant.staff], answers: "replay", terms: "ordinary" });
  });

  walk(
    "the gate opens for who needs help; words of their own; the last one is taken back",
    async ({ gate, other, language }) => {
      const by = { staff: [other.staff] };
      await gate.show(other);
      await expectNoFaults(gate);
      await gate.choose("open", because("emergency"));
      await gate.says(done("open"));
      gate.wrote.push({ kind: "override", effect: "open", reason: "emergency", ...by });
      // Words of their own come before the reason.
      const note = { zh: "电梯停了", en: "The lift is out" }[language];
      await gate.press(effectWordsOf("open", "items"));
      const field = gate.page.getByLabel(staffWords.note[language]);
      await field.fill(note);
      // Nothing is pasted into it.
      const isTaken = await field.evaluate((element) => {
        const pasted = { inputType: "insertFromPaste", bubbles: true, cancelable: true };
        return element.dispatchEvent(new InputEvent("beforeinput", pasted));
      });
      expect(isTaken).toBe(false);
      await expectNoFaults(gate);
      // To help whoever comes in, or to let out who is inside with an empty phone.
      const reason = network === "online" ? "needs-assistance" : "phone-empty";
      await gate.press(because(reason));
      await gate.says(done("open"));
      gate.wrote.push({ kind: "override", effect: "open", reason, ...by, note });
      await gate.choose("annul", because("machine-broken"));
      await gate.says(done("annul"));
      gate.wrote.push({ kind: "annulled", reason: "machine-broken", ...by });
      await gate.close();
    },
  );

  walkInTurn("a badge on a phone: a code of the moment opens the staff screen, once", async ({ gate, language }) => {
    await speakOnPhone(language);
    await phone.getByRole("heading", { level: 1, name: roleNames.assistant[language] }).waitFor();
    if ((network === "online") === (language === "en")) expect(await findFaults(phone)).toEqual([]);
    const code = await freshCode(language);
    await gate.scan(await issuer.faulty("expired", nowSeconds()), referred("expired"));
    await gate.show({ ...onPhone, code });
    await gate.choose("permit", because("phone-empty"));
    await gate.terminal.shows("result", { effect: "permit", stage: "done", terms: "ordinary" });
    await gate.scan(code, stage("refused"));
    expect(await gate.page.locator("[data-fault]").innerText()).toContain(badgeWords.replay?.[language]);
    await gate.close();
    const permit = { kind: "override", effect: "permit", reason: "phone-empty" } as const;
    gate.wrote.push({ ...permit, staff: [onPhone.staff], answers: "expired", terms: "ordinary" });
  });

  walkInTurn(
    "closed, by a security key that is there; not open again too soon",
    async ({ library, lead, language, takeKey }) => {
      const by = { staff: [lead.staff] };
      await library.page.bringToFront();
      const giveBack = await takeKey();
      await library.show(lead);
      await waitUntil(async () => {
        await library.choose("close", because("works"));
        await library.page.locator("[data-notice]").waitFor();
        return library.page.getByText(declineWords["key-refused"][language]).isVisible();
      });
      library.wrote.push({ kind: "declined", effect: "close", cause: "key-refused", ...by });
      await giveBack();
      await switchMode(library, "close");
      library.wrote.push({ kind: "override", effect: "close", reason: "works", factor: "badge+key", ...by });
      await library.choose("serve", because("works"));
      await library.says(declineWords["cool-down"]);
      await library.close();
      await library.heading(words.outTitle);
    },
  );

  walk("free passage", async ({ gate, lead }) => {
    await gate.show(lead);
    await switchMode(gate, "free-passage");
    await gate.close();
    await gate.heading(passageWords.free.title);
    gate.wrote.push({ kind: "override", effect: "free-passage", reason: "works", staff: [lead.staff] });
  });

  walk("a dock is taken out of use, and put back", async ({ station, lead, other }) => {
    for (const [effect, by] of [
      ["block", lead],
      ["free", other],
    ] as const) {
      await station.show(by);
      await station.press(effectWordsOf(effect, "docks"));
      await station.heading(staffTitles.dock);
      await station.press({ zh: dockNumber.zh("3"), en: dockNumber.en("3") });
      await station.press(because("machine-broken"));
      await station.says(done(effect, "docks"));
      await station.close();
      station.wrote.push({ kind: "override", effect, thing: "3", staff: [by.staff], reason: "machine-broken" });
    }
  });

  walk("a technician sees how it is, and hands entries over; permits are not theirs", async ({ station, language }) => {
    await station.show(technician);
    expect(await station.page.locator('[data-press="staff-do"]').count()).toBe(0);
    await station.press(staffWords.machine);
    await station.heading(staffTitles.machine);
    const state = await station.page.locator(".staff-machine").innerText();
    const lines = [artefactNames.policy, staffWords.waiting, staffWords.version, careWords.volume];
    for (const line of lines) expect(state).toContain(line[language]);
    await expectNoFaults(station);
    await station.press(staffWords.back);
    await station.press(staffWords.handOver);
    await station.heading(handOverTitles.menu);
    if (network === "offline") {
      const saving = station.page.waitForEvent("download");
      await station.press(handOverWords.saveFile);
      await (await saving).saveAs(join(city.folder, `${station.id}.glr`));
      const entries = Number(await station.page.locator("[data-unsent]").getAttribute("data-unsent"));
      await station.says({ zh: savedEntries.zh(entries), en: savedEntries.en(entries) });
    }
    await station.press(handOverWords.leave);
    await station.terminal.shows("ready");
  });

  walk("a badge for another site opens nothing, and gives way by itself", async ({ station, language }) => {
    await station.scan(foreign.code, stage("refused"));
    await station.heading(staffTitles.refused);
    expect(await station.page.locator("[data-fault]").innerText()).toContain(badgeWords["foreign-site"]?.[language]);
    await expectNoFaults(station);
    if (network === "online") await station.page.locator(stage("refused")).waitFor({ state: "detached" });
    else await station.close();
    await station.terminal.shows("ready");
  });

  walk("everything by the keyboard, and nothing for staff at the foot", async ({ station, other }) => {
    const focusAndPress = async (name: Bilingual, key: string): Promise<void> => {
      await station.button(name).focus();
      await station.page.keyboard.press(key);
    };
    expect(await station.page.locator('footer [data-press="hand-over"], footer [data-care]').count()).toBe(0);
    await station.show(other);
    expect(await station.page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    for (const effect of ["block", "free"] as const) {
      await focusAndPress(effectWordsOf(effect, "docks"), "Enter");
      await focusAndPress({ zh: dockNumber.zh("1"), en: dockNumber.en("1") }, "Space");
      await focusAndPress(because("emergency"), "Enter");
      await station.says(done(effect, "docks"));
      station.wrote.push({ kind: "override", staff: [other.staff], reason: "emergency", thing: "1", effect });
    }
    await focusAndPress(staffWords.close, "Enter");
    await station.terminal.shows("ready");
  });

  walk("back to normal", async ({ gate, library, other }) => {
    for (const place of [library, gate]) {
      await place.show(other);
      await switchMode(place, "serve");
      await place.close();
      await place.terminal.shows("ready");
      place.wrote.push({ kind: "override", effect: "serve", reason: "works", staff: [other.staff] });
    }
  });
});

test("a link of nobody, or half of one, is said in both languages; the badge of before stays until it is removed", async () => {
  await city.start();
  for (const [code, link] of [
    ["AAAAAAAAAAAAAAAAAAAAAA", "refused"],
    ["AAAA", "malformed"],
  ]) {
    await phone.goto(`${city.url}/wallet/#badge=${code}`);
    await phone.locator(`[data-link="${link}"]`).waitFor();
    expect(phone.url()).toBe(`${city.url}/wallet/#badge`);
    for (const language of ["en", "zh"] as const) {
      await speakOnPhone(language);
      expect(await findFaults(phone)).toEqual([]);
    }
    await phone.locator(".staff-badge [data-code]").waitFor();
  }
  await phone.getByRole("button", { name: phoneBadgeWords.remove.zh }).click();
  expect(await findFaults(phone)).toEqual([]);
  await phone.getByRole("button", { name: phoneBadgeWords.removeSure.zh, exact: true }).click();
  await phone.getByText(phoneBadgeWords.none.zh).waitFor();
  await phone.reload();
  await phone.getByText(phoneBadgeWords.none.zh).waitFor();
  expect(await phone.locator(".staff-badge").count()).toBe(0);
});

test("from the badge to the open gate the machine takes 300 ms at most, in the middle of all walks", () => {
  console.log(`badge to permit: ${machineTimes.map((each) => each.toFixed(0)).join(", ")} ms`);
  // Of an even number the middle lies between two: one walk beside a busy processor is not half of them.
  const sorted = machineTimes.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length / 2 - 1], sorted[sorted.length / 2]];
  expect((low + high) / 2).toBeLessThanOrEqual(300);
});

test("what was handed over is brought in, and the network returns: the ledger has all of it once, and its audit passes", async () => {
  for (const { station } of halls) {
    const file = join(city.folder, `${station.id}.glr`);
    const { rescues } = JSON.parse(await succeed(city, "ledger", "import", file, "--json"));
    expect(rescues).toMatchObject([{ terminal: station.id, cause: null, refused: [] }]);
  }
  await city.start();
  const stands = halls.flatMap(({ gate, station, library }) => [gate, station, library]);
  await Promise.all(stands.map(({ terminal }) => terminal.leave()));

  const written = new Map<string, unknown[]>(stands.map(({ id }) => [id, []]));
  const refusals = new Map<string, string>();
  let coolDowns = 0;
  const ledger = createSqliteLedger(pathsIn(join(city.folder, "data")).ledger);
  for await (const { chain, seq, text, kind, personal } of ledger.everything()) {
    const entry = JSON.parse(text ?? "null");
    if (kind === "decided") refusals.set(`${chain.terminal}/${seq}`, entry.result.reason);
    if (kind !== "override" && kind !== "annulled" && kind !== "declined") continue;
    const answers = kind === "override" ? refusals.get(`${chain.terminal}/${entry.of?.seq}`) : undefined;
    const beside = personal === null ? {} : JSON.parse(personal);
    if (entry.cause === "cool-down") coolDowns++;
    else written.get(chain.terminal)?.push(writtenOf(entry, answers, beside));
  }
  await ledger.close();
  for (const { id, wrote } of stands) expect(written.get(id)).toEqual(wrote);
  expect(coolDowns).toBeGreaterThanOrEqual(2 * halls.length);
  expect(await succeed(city, "ledger", "verify")).toContain("entries");
  expect(complaints).toEqual([]);
});

/** What of an entry is compared. */
const writtenOf = (
  { kind, effect, reason, staff, perk, terms, dock, blocked, factor, cause }: { readonly [field: string]: unknown },
  answers: string | undefined,
  { note }: { readonly note?: string },
) => ({
  ...{ kind, effect, reason, staff, answers, note, cause },
  terms: terms == null ? undefined : perk === null ? "ordinary" : "perk",
  thing: dock ?? blocked,
  factor: factor === "badge+key" ? factor : undefined,
});
