/**
 * Terminals of one site that know of each other, each a page of its own before the real server: an exit barrier that knows
 * when a stay began at the entrance, two gates of a venue that share its room, and two gates of which only one takes a code.
 */
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bounceMs } from "../../kiosk/memory.ts";
import { dayStartOf } from "../../shared/places.ts";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { commandHere } from "./command-line.ts";
import { openTerminal, type TerminalPage } from "./terminal-page.ts";

let city: City;
let issuer: Issuer;
let context: BrowserContext;
/** Another machine. */
let elsewhere: BrowserContext;
const complaints: string[] = [];
const launch = { extraArgs: ["--accept-lang=en-US"] };

beforeAll(async () => {
  city = commandHere(await createCity());
  await city.start();
  issuer = await createIssuer(city);
  [context, elsewhere] = [await launchChromium(launch), await launchChromium(launch)];
  for (const each of [context, elsewhere]) {
    each.on("weberror", (error) => complaints.push(String(error.error())));
  }
});

afterAll(async () => {
  await context?.close();
  await elsewhere?.close();
  await city?.close();
});

const open = async (
  service: "parking" | "venue" | "metro",
  action: "entry" | "exit" | "both",
  slot: string,
  machine = context,
): Promise<TerminalPage> => {
  const enrolled = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", service, "--action", action],
    ...["--site", "square", "--name", slot, "--json"],
  );
  return openTerminal(machine, city, slot, JSON.parse(enrolled).link);
};

const show = async ({ page, showText }: TerminalPage, phone: (at: number) => Promise<string>): Promise<void> => {
  await page.bringToFront();
  await showText(await phone(Math.floor(Date.now() / 1000)));
};

type Said = { readonly kind: string; readonly transaction: { readonly request?: { readonly places?: number } } };
const ledger = async (): Promise<readonly Said[]> =>
  (await succeed(city, "ledger", "export")).split("\n").flatMap((line) => {
    const said = line === "" ? {} : JSON.parse(line);
    return "kind" in said ? [said as Said] : [];
  });

test("an exit barrier has the fee confirmed for a stay that began at the entrance, and lets out whom nobody saw", async () => {
  const entrance = await open("parking", "entry", "entrance");
  const barrier = await open("parking", "exit", "barrier");
  const parked = issuer.phone(people.ordinary);
  await show(entrance, parked);
  await entrance.shows("result", { stage: "done" });
  await waitUntil(async () => (await ledger()).some(({ kind }) => kind === "acted"));
  await show(barrier, parked);
  await barrier.shows("session", { stage: "terms" });
  await barrier.press("agree");
  await barrier.shows("result", { stage: "done" });
  await barrier.shows("ready");
  await show(barrier, issuer.phone(people.ordinary));
  await barrier.shows("result", { stage: "done" });
  expect(complaints).toEqual([]);
});

test("two gates of a venue share its room: the first gives the second some of it, through the ledger", async () => {
  const now = () => Math.floor(Date.now() / 1000);
  // Were there a new day between the two, each would have been there before it, with half of the room.
  await waitUntil(async () => dayStartOf(now() + 60) === dayStartOf(now()), 70);
  const first = await open("venue", "both", "first");
  await open("venue", "both", "second");
  await waitUntil(async () => (await ledger()).some(({ kind }) => kind === "gave"));
  await show(first, issuer.phone(people.ordinary));
  await first.shows("session", { stage: "terms" });
  const asked = async () => (await ledger()).flatMap(({ transaction }) => transaction.request?.places ?? []);
  await waitUntil(async () => (await asked()).length > 0);
  expect(await asked()).toEqual([20]);
  await waitUntil(async () => (await ledger()).filter(({ kind }) => kind === "share").length >= 2);
  expect(await succeed(city, "ledger", "verify")).toContain("Nothing is wrong");
  expect(complaints).toEqual([]);
});

test("a code is taken by one of two gates, and a picture of it by neither; without a network each gate is on its own", async () => {
  // Of the terminals in one browser only one hears of others.
  for (const page of context.pages()) await page.close();
  const [left, right] = [await open("metro", "entry", "left"), await open("metro", "entry", "right", elsewhere)];
  const taps = async () => (await ledger()).filter(({ kind }) => kind === "decided").length;
  const walk = async (gate: TerminalPage): Promise<string> => {
    const before = city.serverProcess() === undefined ? null : await taps();
    const code = await issuer.code(people.perk, Math.floor(Date.now() / 1000));
    await gate.showText(code);
    await gate.shows("result", { stage: "done" });
    if (before !== null) await waitUntil(async () => (await taps()) > before);
    return code;
  };
  for (const [taking, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const code = await walk(taking);
    // For a moment it counts as the same tap still.
    await other.page.waitForTimeout(bounceMs + 500);
    await other.showText(code);
    await other.shows("refer", { reason: "replay" });
    await Promise.all([other.shows("ready"), taking.shows("ready")]);
  }
  const online = await taps();
  await city.kill();
  const code = await walk(left);
  await right.showText(code);
  await right.shows("result", { stage: "done" });
  await city.start();
  await waitUntil(async () => (await taps()) === online + 2);
  expect(complaints).toEqual([]);
});
