/**
 * Each city programme in the real terminal, in one Chromium, before one real server that honours all of them: somebody in
 * the programme's highest band, somebody without a score, and a code that was taken back. What nobody knows of a pack is set
 * as an operator may (city-packs.ts); what a perk then changes is read off the screen.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServiceName } from "../../shared/terms.ts";
import { launchChromium } from "../chromium.ts";
import { cityPacks } from "../city-packs.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed } from "../live-city.ts";
import { commandHere } from "./command-line.ts";
import { openTerminal, type TerminalPage } from "./terminal-page.ts";

type Phone = (at: number) => Promise<string>;
type Persona = "perk" | "ordinary";
type Visit = {
  readonly terminal: TerminalPage;
  readonly issuer: Issuer;
  readonly show: (phone: Phone) => Promise<void>;
};
type Walk = { readonly service: ServiceName; readonly walk: (visit: Visit) => Promise<void> };

let city: City;
let context: BrowserContext;
const issuers = new Map<string, Issuer>();
const links = new Map<string, string>();
const complaints: string[] = [];

beforeAll(async () => {
  city = commandHere(await createCity());
  await city.start();
  for (const pack of cityPacks) {
    const file = join(city.folder, `${pack.programme}.json`);
    await writeFile(file, JSON.stringify(pack));
    await succeed(city, "programme", "add", file);
    issuers.set(pack.programme, await createIssuer(city, pack.programme, 900));
    links.set(pack.programme, await enrol(pack.programme));
  }
  context = await launchChromium({ extraArgs: ["--accept-lang=en-US"] });
  context.on("weberror", (error) => complaints.push(String(error.error())));
});

const enrol = async (programme: string): Promise<string> => {
  const { service = "none" } = walks[programme] ?? {};
  const place = ["--site", "here", "--name", `Test ${programme}`, "--json"];
  const said = await succeed(city, "terminal", "enrol", "--programme", programme, "--profile", service, ...place);
  return JSON.parse(said).link;
};

afterAll(async () => {
  await context?.close();
  await city?.close();
});

const personas: readonly Persona[] = ["perk", "ordinary"];

/** Two codes of one phone are never of one second: they would be one. */
let shownAt = 0;
const nextMoment = (): number => {
  shownAt = Math.max(shownAt + 1, Math.floor(Date.now() / 1000));
  return shownAt;
};

/** A terminal of the programme; whoever used it leaves a code behind that was taken back, and is nobody's any more. */
const visit = async (programme: string, { service, walk }: Walk): Promise<void> => {
  const [issuer, link] = [issuers.get(programme), links.get(programme)];
  if (issuer === undefined || link === undefined) throw new Error(`nothing was made ready for ${programme}`);
  const terminal = await openTerminal(context, city, programme, link);
  const show = async (phone: Phone): Promise<void> => terminal.showText(await phone(nextMoment()));
  await walk({ terminal, issuer, show });
  if (service === "desk") {
    await terminal.shows("ready");
    await terminal.press("choose-task", '[data-action="ticket"]');
  }
  await show(issuer.phone(people.revoked));
  await terminal.shows("refer", { reason: "revoked" });
  await terminal.leave();
};

/** Nothing to confirm: the gate opens on their terms. */
const pass = async ({ terminal, issuer, show }: Visit): Promise<void> => {
  for (const terms of personas) {
    await show(issuer.phone(people[terms]));
    await terminal.shows("result", { stage: "done", terms });
  }
};

/** A number in the priority line for who has it, and in the usual one for everyone else. */
const queue = async ({ terminal, issuer, show }: Visit): Promise<void> => {
  for (const terms of personas) {
    await terminal.shows("ready");
    await terminal.press("choose-task", '[data-action="ticket"]');
    await show(issuer.phone(people[terms]));
    await terminal.shows("result", { stage: "done", terms });
    expect(await terminal.page.locator(".dock-called").innerText()).toMatch(terms === "perk" ? /A\d{3}/ : /B\d{3}/);
  }
};

/** A programme of which no perk is sourced: its code is read, and gives what everyone has. */
const inquire = async ({ terminal, issuer, show }: Visit): Promise<void> => {
  for (const persona of personas) {
    await terminal.shows("ready");
    await show(issuer.phone(people[persona]));
    await terminal.shows("session", { stage: "perks", terms: "ordinary" });
    expect(await terminal.page.locator(".perk-rule").count()).toBe(0);
    await terminal.press("leave");
  }
};

const walks: Readonly<Record<string, Walk>> = {
  zhima: {
    service: "bike",
    walk: async ({ terminal, issuer, show }) => {
      for (const terms of personas) {
        await show(issuer.phone(people[terms]));
        await terminal.press("choose-dock");
        await terminal.shows("session", { stage: "terms", terms });
        expect(await terminal.texts()).toContain(terms === "perk" ? "¥0.00" : "¥200.00");
        await terminal.press("agree");
        await terminal.shows("result", { stage: "done", terms });
      }
      await terminal.shows("ready");
      await terminal.press("start-return");
      await terminal.press("choose-dock");
      await terminal.shows("result", { stage: "done", reason: "no-code-needed" });
    },
  },
  "fuzhou-moli": {
    service: "metro",
    walk: async (here) => {
      const { terminal, issuer, show } = here;
      for (const [terms, share] of [
        ["perk", "80%"],
        ["ordinary", "90%"],
      ] as const) {
        await show(issuer.phone(people[terms]));
        await terminal.shows("result", { stage: "done", terms });
        await terminal.page.locator("[data-show=cost]").click();
        expect(await terminal.texts()).toContain(share);
      }
    },
  },
  "hangzhou-qianjiang": {
    service: "desk",
    walk: async ({ terminal, issuer, show }) => {
      for (const terms of personas) {
        await terminal.shows("ready");
        await terminal.press("choose-task", '[data-action="pay-later"]');
        await show(issuer.phone(people[terms]));
        await terminal.shows("session", { stage: "terms", terms });
        expect(await terminal.texts()).toMatch(terms === "perk" ? /¥1,000\.00.*10 days/s : /now, at the counter/);
        await terminal.press("agree");
        await terminal.shows("result", { stage: "done", terms });
      }
    },
  },
  "xiamen-egret": {
    service: "parking",
    walk: async ({ terminal, issuer, show }) => {
      const drivers = { perk: issuer.phone(people.perk), ordinary: issuer.phone(people.ordinary) };
      for (const terms of personas) {
        await show(drivers[terms]);
        await terminal.shows("result", { stage: "done", terms });
      }
      for (const terms of personas) {
        await terminal.shows("ready");
        await terminal.press("start-return");
        await terminal.page.getByRole("heading", { name: "Show your code to leave" }).waitFor();
        await show(drivers[terms]);
        await terminal.shows("result", { stage: "done", terms });
      }
    },
  },
  "suqian-xichu": { service: "bus", walk: pass },
  "weihai-haibei": { service: "desk", walk: queue },
  "wuxi-afu": {
    service: "venue",
    walk: async (here) => {
      await pass(here);
      // The citizen card, which is a bearer code.
      await here.terminal.showText(await here.issuer.card(people.perk));
      await here.terminal.shows("result", { stage: "done", terms: "perk" });
    },
  },
  beijing: { service: "desk", walk: queue },
  huizhou: { service: "inquiry", walk: inquire },
  "suzhou-osmanthus": { service: "inquiry", walk: inquire },
  "fujian-library": {
    service: "library",
    walk: async ({ terminal, issuer, show }) => {
      const { shows, press, texts, type, page } = terminal;
      const readers = { perk: issuer.phone(people.perk), ordinary: issuer.phone(people.ordinary) };
      const visitWith = async (terms: Persona, tier: string, granted: Persona): Promise<void> => {
        await shows("ready");
        await show(readers[terms]);
        await shows("session", { stage: "tiers", terms });
        expect(await page.locator('[data-press="choose-tier"]').count()).toBe(4);
        await press("choose-tier", `[data-choice="${tier}"]`);
        await shows("session", { stage: "terms", terms: granted });
      };
      const agree = async (): Promise<void> => {
        await press("agree");
        await shows("session", { stage: "items" });
      };
      const take = async (...items: readonly string[]): Promise<void> => {
        for (const item of items) {
          await type(item);
          await page.locator(`[data-item="${item}"]`).waitFor();
        }
      };
      const leave = async (): Promise<void> => {
        await press("finish");
        await shows("session", { stage: "receipt" });
        await press("leave");
      };

      await visitWith("perk", "none", "perk");
      expect(await texts()).toMatch(/¥0\.00.*Chinese books: 2; Children's books: 2.*4 items/s);
      await agree();
      await take("CHINESE-1", "CHINESE-2", "CHILDREN-1");
      await type("CHINESE-3");
      await page.locator('[data-notice="kind-full"]').waitFor();
      await leave();

      await visitWith("ordinary", "deposit-200", "ordinary");
      expect(await texts()).toMatch(/¥200\.00.*30 items/s);
      await agree();
      await take("CHINESE-4", "THIRD-1");
      await leave();

      for (const notice of ["done", "renewed"]) {
        await visitWith("ordinary", "none", "ordinary");
        await agree();
        await press("switch-to", '[data-action="renew"]');
        await type("CHINESE-4");
        await page.locator(`[data-notice="${notice}"]`).waitFor();
        await press("finish");
        await press("leave");
      }

      await shows("ready");
      await press("start-return");
      await take("CHINESE-4", "CHINESE-1");
      await leave();
      await shows("ready");
    },
  },
};

describe("in the real terminal, with its perk, on ordinary terms, and with a code that was taken back", () => {
  // Side by side: most of each is waiting until a result gives way to the next person.
  test.concurrent.each(cityPacks.map(({ programme }) => programme))("%s", async (programme) => {
    const walk = walks[programme];
    if (walk === undefined) throw new Error(`nobody walks through ${programme}`);
    await visit(programme, walk);
  });
});

test("the ledger holds a perk of each programme that has one, nobody was charged for a code taken back, and the audit passes", async () => {
  const lines = (await succeed(city, "ledger", "export")).trim().split("\n");
  const written = lines.map((line) => JSON.parse(line).transaction);
  const perks = written.filter(({ result }) => result?.perk).map(({ request }) => request.programme);
  const withPerk = cityPacks.filter(({ services }) =>
    Object.values(services).some((rules) => (rules?.perks.length ?? 0) > 0),
  );
  expect([...new Set(perks)].sort()).toEqual(withPerk.map(({ programme }) => programme).sort());
  const revoked = written.filter(({ result }) => result?.reason === "revoked").map(({ request }) => request.programme);
  expect(revoked.sort()).toEqual(cityPacks.map(({ programme }) => programme).sort());
  const held = written.filter(({ kind }) => kind === "payment").map(({ order, amount }) => `${order} ${amount}`);
  // A bike of zhima, and the deposit that was chosen at Fujian's library.
  expect(held).toEqual(["hold 20000", "hold 20000"]);
  expect(await city.greenlane("ledger", "verify")).toMatchObject({ exitCode: 0 });
  expect(complaints).toEqual([]);
});
