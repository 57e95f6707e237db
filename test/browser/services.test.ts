/**
 * Every service in the real terminal, in one Chromium, before the real server of a city with rules for all of them: somebody
 * with a perk, somebody on ordinary terms, and a code that was taken back. A scanner that types shows the codes. At the
 * end the ledger holds what happened, once, and every decision comes out the same again.
 */
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServiceName, serviceNames } from "../../shared/terms.ts";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed } from "../live-city.ts";
import { commandHere } from "./command-line.ts";
import { openTerminal, type TerminalPage } from "./terminal-page.ts";

type Phone = (at: number) => Promise<string>;
type Persona = "perk" | "ordinary";
type Walk = (visit: Visit) => Promise<void>;
type Visit = TerminalPage & { readonly show: (phone: Phone) => Promise<void> };

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

/** Enrols a terminal of this service in a page of its own, uses it, and leaves it when all it wrote is acknowledged. */
const visit = async (service: ServiceName, slot: string, walk: Walk): Promise<void> => {
  const enrolled = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", service],
    ...["--site", "here", "--name", `Test ${service}`, "--json"],
  );
  const terminal = await openTerminal(context, city, slot, JSON.parse(enrolled).link);
  await walk({ ...terminal, show: async (phone) => terminal.showText(await phone(now())) });
  await terminal.leave();
};

const now = (): number => Math.floor(Date.now() / 1000);
const someone = (persona: Persona): Phone => issuer.phone(people[persona]);

/** Nobody waits for the screen of the one before: a code may be shown on its heels. */
const refersWhoseCodeWasTakenBack = async ({ show, shows }: Visit): Promise<void> => {
  await show(issuer.phone(people.revoked));
  await shows("refer", { reason: "revoked" });
};

const personas: readonly Persona[] = ["perk", "ordinary"];

const lend: Walk = async (visit) => {
  const { show, shows, press } = visit;
  for (const terms of personas) {
    await show(someone(terms));
    await press("choose-dock");
    await shows("session", { stage: "terms", terms });
    await press("agree");
    await shows("result", { stage: "done", terms });
  }
  await shows("ready");
  await press("start-return");
  await press("choose-dock");
  await shows("result", { stage: "done" });
  await refersWhoseCodeWasTakenBack(visit);
};

const admit: Walk = async (visit) => {
  const { show, shows, press } = visit;
  for (const terms of personas) {
    await show(someone(terms));
    await shows("session", { stage: "terms", terms });
    await press("agree");
    await shows("result", { stage: "done", terms });
  }
  await shows("ready");
  await press("start-return");
  await shows("result", { stage: "done", reason: "no-code-needed" });
  await refersWhoseCodeWasTakenBack(visit);
};

const ride: Walk = async (visit) => {
  const { show, shows } = visit;
  for (const terms of personas) {
    await show(someone(terms));
    await shows("result", { stage: "done", terms });
  }
  await refersWhoseCodeWasTakenBack(visit);
};

const visitVenue: Walk = async (visit) => {
  const { shows, press, showText } = visit;
  await admit(visit);
  await showText(await issuer.card(people.perk));
  await shows("session", { stage: "terms", terms: "perk" });
  await press("decline");
};

const park: Walk = async (visit) => {
  const { page, show, shows, press, texts } = visit;
  const drivers = { perk: someone("perk"), ordinary: someone("ordinary") };
  for (const terms of personas) {
    await show(drivers[terms]);
    await shows("result", { stage: "done", terms });
  }
  for (const terms of personas) {
    await shows("ready");
    await press("start-return");
    await page.getByRole("heading", { name: "Show your code to leave" }).waitFor();
    await show(drivers[terms]);
    await shows("session", { stage: "terms", terms });
    expect(await texts()).toMatch(terms === "perk" ? /Payment\s+later/ : /Payment\s+now/);
    await press("agree");
    await shows("result", { stage: "done", terms });
  }
  await refersWhoseCodeWasTakenBack(visit);
};

const useLibrary: Walk = async (visit) => {
  const { page, show, shows, press, texts, type } = visit;
  await show(someone("perk"));
  await shows("session", { stage: "terms", terms: "perk" });
  await press("agree");
  await shows("session", { stage: "items" });
  await press("switch-to", '[data-action="pickup"]');
  await type("FZ-KEPT-1");
  await page.locator('[data-item="FZ-KEPT-1"]').waitFor();
  await press("switch-to", '[data-action="order"]');
  for (const item of ["FZ-0001", "FZ-0002", "FZ-0003", "FZ-0004"]) {
    await type(item);
    await page.locator(`[data-item="${item}"]`).waitFor();
  }
  await press("finish");
  await shows("session", { stage: "terms" });
  expect(await texts()).toContain("¥4.00");
  await press("agree");
  await shows("session", { stage: "receipt" });
  expect(await texts()).toContain("To your door");
  await press("leave");

  await shows("ready");
  await show(someone("ordinary"));
  await shows("session", { stage: "terms", terms: "ordinary" });
  expect(await texts()).toContain("¥100.00");
  await press("agree");
  await shows("session", { stage: "items" });
  await type("FZ-0005");
  await page.locator('[data-item="FZ-0005"]').waitFor();
  await press("finish");
  await press("leave");
  await shows("ready");
  await press("start-return");
  await type("FZ-0006");
  await page.locator('[data-item="FZ-0006"]').waitFor();
  await press("finish");
  await press("leave");
  await refersWhoseCodeWasTakenBack(visit);
};

/** At a desk of its own: each result stays until the next person steps up. */
const applyFor =
  (task: "deposit" | "pay-later"): Walk =>
  async (visit) => {
    const { show, shows, press } = visit;
    for (const terms of personas) {
      await shows("ready");
      await press("choose-task", `[data-action="${task}"]`);
      await show(someone(terms));
      await shows("session", { stage: "terms", terms });
      await press("agree");
      await shows("result", { stage: "done", terms });
    }
  };

const queue: Walk = async (visit) => {
  const { page, show, shows, press } = visit;
  for (const terms of personas) {
    await shows("ready");
    await press("choose-task", '[data-action="ticket"]');
    await show(someone(terms));
    await shows("result", { stage: "done", terms });
    expect(await page.locator(".dock-called").innerText()).toMatch(terms === "perk" ? /A\d{3}/ : /B\d{3}/);
  }
  await shows("ready");
  await press("choose-task", '[data-action="ticket"]');
  await refersWhoseCodeWasTakenBack(visit);
};

const inquire: Walk = async (visit) => {
  const { page, show, showText, shows, press, texts } = visit;
  await show(someone("perk"));
  await shows("session", { stage: "perks" });
  expect(await page.locator('[data-perk-of="metro"]').innerText()).toContain("fare-20-off");
  expect(await texts()).not.toMatch(/\b(800|697|750|band)\b/);
  await press("leave");
  await shows("ready");
  await show(someone("ordinary"));
  await shows("session", { stage: "perks" });
  expect(await page.locator("[data-perk-of]").count()).toBe(serviceNames.length - 1);
  expect(await page.getByText("as for everyone").count()).toBe(serviceNames.length - 1);
  await press("leave");
  await shows("ready");
  await showText(await issuer.card(people.perk));
  await shows("refer", { reason: "card-not-accepted" });
  await refersWhoseCodeWasTakenBack(visit);
};

/** Several of one service are several terminals. */
const walks: Readonly<Record<ServiceName, readonly Walk[]>> = {
  metro: [ride],
  bus: [ride],
  bike: [lend],
  umbrella: [lend],
  "power-bank": [lend],
  venue: [visitVenue],
  shuttle: [admit],
  parking: [park],
  library: [useLibrary],
  desk: [applyFor("deposit"), applyFor("pay-later"), queue],
  inquiry: [inquire],
};

describe("in the real terminal, with a perk, on ordinary terms, and with a code that was taken back", () => {
  const visits = serviceNames.flatMap((service) => walks[service].map((walk, at) => ({ service, at, walk })));
  // Side by side: most of each is waiting until a result gives way to the next person.
  test.concurrent.each(visits)("$service, terminal $at", async ({ service, at, walk }) => {
    await visit(service, `${service}-${at}`, walk);
  });
});

test("the ledger holds every use and every payment once, and the audit passes", async () => {
  const lines = (await succeed(city, "ledger", "export")).trim().split("\n");
  const written = lines.map((line) => JSON.parse(line).transaction);
  const permitted = (service: ServiceName) =>
    written.filter(({ request, result }) => request?.service === service && result.effect === "permit").length;
  expect(Object.fromEntries(serviceNames.map((service) => [service, permitted(service)]))).toEqual({
    ...{ metro: 2, bus: 2, bike: 3, umbrella: 3, "power-bank": 3, venue: 4, shuttle: 3, parking: 4 },
    // Two sessions, one pick-up, four items in a parcel, one lent and returned.
    ...{ library: 9, desk: 6, inquiry: 2 },
  });
  const paid = written.filter(({ kind }) => kind === "payment").map(({ order, amount }) => `${order} ${amount}`);
  expect(paid.sort()).toEqual(
    // Deposits of a bike, an umbrella, a power bank, a library and a desk; a venue, a shuttle, a parcel.
    [19_900, 9_900, 9_900, 10_000, 50_000]
      .map((amount) => `hold ${amount}`)
      .concat([3000, 1000, 400].map((amount) => `charge ${amount}`))
      .sort(),
  );
  expect(written.filter(({ zone }) => zone === "here")).toHaveLength(3);
  expect(await city.greenlane("ledger", "verify")).toMatchObject({ exitCode: 0 });
  expect(complaints).toEqual([]);
});
