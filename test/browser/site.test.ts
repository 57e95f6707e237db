/**
 * Terminals of one site that know of each other, each a page of its own before the real server: an exit barrier that knows
 * when a stay began at the entrance, and two gates of a venue that share its room.
 */
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { commandHere } from "./command-line.ts";
import { openTerminal, type TerminalPage } from "./terminal-page.ts";

let city: City;
let issuer: Issuer;
let context: BrowserContext;
const complaints: string[] = [];

beforeAll(async () => {
  city = commandHere(await createCity());
  await city.start();
  issuer = await createIssuer(city);
  context = await launchChromium({ extraArgs: ["--accept-lang=en-US"] });
  context.on("weberror", (error) => complaints.push(String(error.error())));
});

afterAll(async () => {
  await context?.close();
  await city?.close();
});

const open = async (
  service: "parking" | "venue",
  action: "entry" | "exit" | "both",
  slot: string,
): Promise<TerminalPage> => {
  const enrolled = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", service, "--action", action],
    ...["--site", "square", "--name", slot, "--json"],
  );
  return openTerminal(context, city, slot, JSON.parse(enrolled).link);
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
