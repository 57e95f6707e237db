/**
 * The reference phone and the demo page in a real Chromium with a profile on disk, before a real server: the demo city's
 * own registry, issuer and publisher behind `createApp`, at a time that the test can move together with the page's.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import type { BrowserContext, FrameLocator, Locator, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import { createApp } from "../../edge-server/app.ts";
import { createDemoCity, createDemoTerminals, listDemoCitizens, openDemoIssuer } from "../../edge-server/demo-city.ts";
import { enrolTerminal } from "../../edge-server/enrolment.ts";
import { answerProof } from "../../edge-server/issuer.ts";
import { createLogIntake } from "../../edge-server/log-intake.ts";
import { answerLoss, registerRecovery } from "../../edge-server/lost-phone.ts";
import { createOrderDesk } from "../../edge-server/order-desk.ts";
import { createOrderMemory } from "../../edge-server/order-memory.ts";
import { answerBadgeProof } from "../../edge-server/phone-badge.ts";
import type { Ledger } from "../../edge-server/ports.ts";
import { serviceNames } from "../../shared/terms.ts";
import { openTrust, type Trust } from "../../shared/trust.ts";
import { type VerifiedPresentation, verify } from "../../shared/verify.ts";
import { logFilesIn } from "../chaos/database-files.ts";
import { launchChromium } from "../chromium.ts";
import { collect } from "../collect.ts";
import { type OperatorWorld, openOperatorWorld } from "../operator-world.ts";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const dist = join(import.meta.dirname, "../../dist");
const halfWeek = 3.5 * 86_400;

let world: OperatorWorld;
let ledger: Ledger;
let trust: Trust;
let server: Server | null;
let port = 0;
let profileFolder: string;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let aheadSeconds: number;

const now = (): number => Math.floor(Date.now() / 1000) + aheadSeconds;

beforeAll(() => {
  const wasm = readFileSync(require.resolve("zxing-wasm/reader/zxing_reader.wasm"));
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
});

beforeEach(async () => {
  aheadSeconds = 0;
  port = 0;
  world = await openOperatorWorld();
  Object.defineProperty(world.clock, "now", { get: now });
  ledger = createSqliteLedger(":memory:");
  await createDemoCity(world);
  const opened = await openTrust(world.registry.issuers());
  if (opened.kind === "invalid") throw new Error(opened.error);
  trust = opened.value;
  await startServer();
  profileFolder = await mkdtemp(join(tmpdir(), "greenlane-wallet-"));
  complaints = [];
  await startBrowser();
});

afterEach(async () => {
  await context.close();
  await stopServer();
  await ledger.close();
  world.close();
  await rm(profileFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const startServer = async (): Promise<void> => {
  const issuer = await openDemoIssuer(world);
  if (issuer === null) throw new Error("no demo city");
  const edgeKey = async () => (await world.publisher.keys()).edge;
  const app = createApp({
    registry: world.registry,
    ledger,
    publisher: world.publisher,
    operator: world.keys.operator,
    edgeKey,
    enrol: (request, at) => enrolTerminal({ ...world, keys: world.keys }, request, at),
    issueBadge: (proof, at) => answerBadgeProof(world, proof, at),
    issue: (proof, at) => answerProof(issuer, proof, at),
    lostPhone: {
      register: (recovery, at) => registerRecovery(issuer, recovery, at),
      report: (loss, at) => answerLoss({ ...issuer, ...world, publish: () => world.publisher.publish() }, loss, at),
    },
    demo: {
      citizens: () => listDemoCitizens(world.citizens),
      addTerminals: (services) => createDemoTerminals(world, now(), services),
    },
    webFolder: dist,
    hasTls: false,
    now,
    admin: null,
    passages: null,
    spentCodes: null,
    takeOrder: createOrderDesk({
      ...world,
      takeBatch: createLogIntake(ledger, edgeKey),
      memory: createOrderMemory(),
      startedAt: now() - 3600,
    }),
    metrics: async () => "",
    writeLog: () => {},
  });
  port = await new Promise<number>((resolve) => {
    server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, (bound) => resolve(bound.port)) as Server;
  });
};

const stopServer = async (): Promise<void> => {
  const stopping = server;
  server = null;
  stopping?.closeAllConnections();
  await new Promise<void>((resolve) => (stopping === null ? resolve() : stopping.close(() => resolve())));
};

const startBrowser = async (): Promise<void> => {
  context = await launchChromium({ profileFolder, extraArgs: ["--accept-lang=en-US"] });
  page = context.pages()[0] ?? (await context.newPage());
  await page.clock.install({ time: now() * 1000 });
  await page.setViewportSize({ width: 390, height: 844 });
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    // What could not be fetched while the server was away is no complaint.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
};

const open = (path: string) => page.goto(`http://127.0.0.1:${port}${path}`);

/** The server's time and the page's, which looks at what became due. */
const pass = async (seconds: number): Promise<void> => {
  aheadSeconds += seconds;
  await page.clock.fastForward(seconds * 1000);
};

/** Two cores and a whole city: nothing here is a matter of milliseconds. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 50 });

type Place = Page | FrameLocator;
const person = (name: string, place: Place = page): Locator => place.locator(".person", { hasText: name });
const qr = (place: Place = page): Locator => place.locator("main [data-code]").first();
const codeText = async (place: Place = page): Promise<string> => (await qr(place).getAttribute("data-code")) ?? "";

const read = async (text: string): Promise<VerifiedPresentation> => {
  const verified = await verify(text, trust, now());
  if (verified.kind === "fault") throw new Error(verified.fault);
  return verified.presentation;
};

const pick = async (name: string): Promise<void> => {
  await open("/wallet/");
  await person(name).click();
  await qr().waitFor();
};

const expectAccessible = async (): Promise<void> => {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      readonly axe: { readonly run: () => Promise<{ readonly violations: readonly Violation[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(found).toEqual([]);
};
type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };

/** What a scanner makes of the picture on the screen. */
const scan = async (picture: Locator): Promise<readonly string[]> => {
  const found = await readBarcodes(await picture.screenshot(), { formats: ["QRCode"] });
  return found.map(({ text }) => text);
};

describe("the phone", () => {
  test("shows a citizen's code, which a scanner reads and a terminal verifies", async () => {
    await pick("Lin Yue");
    const text = await codeText();
    expect(await scan(qr())).toEqual([text]);
    const { sub, index } = world.citizens.byHandle("lin-yue") ?? {};
    expect(await read(text)).toMatchObject({ form: "presentation", sub, statusIndex: index, statusAllowed: true });
    expect(await page.locator("main").textContent()).not.toContain("720");
    expect(complaints).toEqual([]);
  });

  test("keeps a key that cannot be read out", async () => {
    await pick("Lin Yue");
    const keys = await page.evaluate(
      () =>
        new Promise<readonly boolean[]>((resolve) => {
          const opening = indexedDB.open("greenlane-wallet");
          opening.onsuccess = () => {
            const all = opening.result.transaction("people").objectStore("people").getAll();
            all.onsuccess = () => resolve(all.result.map(({ keys }) => keys.privateKey.extractable));
          };
        }),
    );
    expect(keys).toEqual([false]);
  });

  test("leaves the database's file behind that a power cut may have torn: its key lies there alone", async () => {
    await pick("Lin Yue");
    const old = logFilesIn(profileFolder);
    expect(old).not.toEqual([]);
    await open("/wallet/");
    await qr().waitFor();
    await eventually(() => logFilesIn(profileFolder).filter((file) => old.includes(file))).toEqual([]);
  });

  test("makes a P-256 key where there is no Ed25519", async () => {
    await page.addInitScript(() => {
      const generate = crypto.subtle.generateKey.bind(crypto.subtle) as (...args: unknown[]) => Promise<CryptoKeyPair>;
      Object.assign(crypto.subtle, {
        generateKey: async (algorithm: { readonly name: string }, ...rest: unknown[]) => {
          if (algorithm.name === "Ed25519") throw new DOMException("not here", "NotSupportedError");
          return generate(algorithm, ...rest);
        },
      });
    });
    await pick("Lin Yue");
    const text = await codeText();
    expect(await read(text)).toMatchObject({ form: "presentation" });
    expect(await scan(qr())).toEqual([text]);
    expect(text.length).toBeGreaterThan(430);
  });

  test("draws its code dark on white, large, with its quiet zone, also where dark is preferred", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await pick("Lin Yue");
    const drawn = await qr().evaluate((svg: SVGSVGElement) => {
      const path = svg.querySelector("path");
      const { x, y, width, height } = path?.getBBox() ?? new DOMRect();
      const colours = [svg.querySelector("rect"), path].map((each) => each && getComputedStyle(each).fill);
      return { size: svg.viewBox.baseVal.width, box: [x, y, width, height], pixels: svg.clientWidth, colours };
    });
    const inner = drawn.size - 8;
    expect(drawn.box).toEqual([4, 4, inner, inner]);
    expect(drawn.colours).toEqual(["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
    // A phone's 390 pixels are about 65 mm.
    expect((drawn.pixels / drawn.size) * (65 / 390)).toBeGreaterThanOrEqual(0.5);
    await page.setViewportSize({ width: 300, height: 600 });
    expect(await scan(qr())).toEqual([await codeText()]);
  });

  test("has a new code every 30 s", async () => {
    await pick("Lin Yue");
    const first = await codeText();
    await pass(20);
    expect(await codeText()).toBe(first);
    await pass(11);
    await eventually(() => codeText()).not.toBe(first);
    const [before, after] = [await read(first), await read(await codeText())];
    expect((after.issuedAt ?? 0) - (before.issuedAt ?? 0)).toBeGreaterThanOrEqual(30);
    const second = await codeText();
    await page.getByRole("button", { name: "New code now" }).click();
    await eventually(() => codeText()).not.toBe(second);
    await read(await codeText());
  });

  test("works without a server after a restart, until its credential ends", async () => {
    await pick("Lin Yue");
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await context.close();
    await stopServer();
    aheadSeconds += 60;
    await startBrowser();
    await open("/wallet/");
    await qr().waitFor();
    expect(await read(await codeText())).toMatchObject({ form: "presentation" });

    await pass(halfWeek);
    await page.locator('[data-standing="renewing"]').waitFor();
    await eventually(async () => (await verify(await codeText(), trust, now())).kind).toBe("verified");
    await pass(halfWeek);
    await page.locator('[data-standing="expired"]').waitFor();
    expect(await qr().count()).toBe(0);
    await expectAccessible();

    await startServer();
    await page.getByRole("button", { name: "Renew now" }).click();
    await qr().waitFor();
    await read(await codeText());
    expect(complaints).toEqual([]);
  });

  test("renews by itself at half the life of its credential", async () => {
    await pick("Lin Yue");
    const { credentialIssuedAt } = await read(await codeText());
    await pass(halfWeek - 60);
    await eventually(async () => (await verify(await codeText(), trust, now())).kind).toBe("verified");
    expect((await read(await codeText())).credentialIssuedAt).toBe(credentialIssuedAt);
    await pass(61);
    const renewedAt = async () => {
      const verified = await verify(await codeText(), trust, now());
      return verified.kind === "verified" ? verified.presentation.credentialIssuedAt : 0;
    };
    await eventually(renewedAt).toBeGreaterThan(credentialIssuedAt);
    expect(await page.locator('[data-standing="good"]').count()).toBe(1);
  });

  test("takes a key of one's own, and stays the same person when it renews", async () => {
    await open("/wallet/");
    await person("Use a key of my own").click();
    await qr().waitFor();
    const first = await read(await codeText());
    await pass(halfWeek + 1);
    await eventually(async () => {
      const verified = await verify(await codeText(), trust, now());
      return verified.kind === "verified" && verified.presentation.credentialIssuedAt;
    }).toBeGreaterThan(first.credentialIssuedAt);
    const second = await read(await codeText());
    expect([second.sub, second.statusIndex]).toEqual([first.sub, first.statusIndex]);
  });

  test("switches between people", async () => {
    await pick("Lin Yue");
    await page.locator(".chip").click();
    await person("Sun Li").click();
    await qr().waitFor();
    expect(await page.locator(".chip strong").textContent()).toBe("Sun Li");
    expect((await read(await codeText())).sub).toBe(world.citizens.byHandle("sun-li")?.sub);
  });

  test("says what to do where there is no server at first", async () => {
    await open("/wallet/");
    await person("Lin Yue").waitFor();
    await stopServer();
    await person("Lin Yue").click();
    const missing = page.locator('[data-standing="none"]');
    await missing.getByRole("button").waitFor();
    expect(await missing.textContent()).toContain("Trying again in");
    await startServer();
    await missing.getByRole("button").click();
    await qr().waitFor();
  });

  test("prints a card that a scanner reads and a terminal takes for one", async () => {
    await pick("Lin Yue");
    await page.getByRole("button", { name: "Print a paper code" }).click();
    const card = page.locator("article [data-code]");
    const text = (await card.getAttribute("data-code")) ?? "";
    expect(await read(text)).toMatchObject({ form: "bearer", sub: world.citizens.byHandle("lin-yue")?.sub });
    expect(await scan(card)).toEqual([text]);
    expect(await page.locator("article").textContent()).toMatch(/Lost it\?.*credit service desk/);
    await page.evaluate(() => Object.assign(window, { print: () => document.body.classList.add("printed") }));
    await page.getByRole("button", { name: "Print", exact: true }).click();
    expect(await page.locator("body.printed").count()).toBe(1);

    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".bar, .unprinted").filter({ visible: true }).count()).toBe(0);
    const millimetres = await card.evaluate(
      (svg: SVGSVGElement) => ((svg.clientWidth / svg.viewBox.baseVal.width) * 25.4) / 96,
    );
    expect(millimetres).toBeGreaterThanOrEqual(0.5);
  });

  test("has books brought to the door: numbers, the fee, and only then the order", async () => {
    await pick("Lin Yue");
    await page.getByRole("button", { name: "Books to your door" }).click();
    const status = page.locator("[data-order]");
    const kind = () => status.getAttribute("data-order");
    const add = async (item: string): Promise<void> => {
      await page.getByLabel("Item number or ISBN").fill(item);
      await page.keyboard.press("Enter");
    };
    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
    expect(await page.getByRole("button", { name: "See the fee" }).isDisabled()).toBe(true);
    await add("no number");
    expect(await page.locator("#order-typed").textContent()).toContain("4 to 32");
    for (let book = 1; book <= 6; book++) await add(`978730704512${book}`);
    await press("See the fee");
    await eventually(() => status.textContent()).toContain("At most 5");
    for (const book of [4, 5, 6]) await page.getByRole("button", { name: `Remove 978730704512${book}` }).click();
    await press("See the fee");
    await eventually(kind).toBe("due");
    expect(await status.textContent()).toBe("3 books to your door: ¥3.00.");
    expect(await ledger.count()).toBe(0);
    await expectAccessible();
    const small = await page
      .locator("main button, main input")
      .evaluateAll((all) =>
        all.filter((each) => each.getBoundingClientRect().height < 44).map(({ outerHTML }) => outerHTML),
      );
    expect(small).toEqual([]);
    await press("Order");
    await eventually(kind).toBe("ordered");
    const [chain] = await ledger.chains();
    const kinds = chain === undefined ? [] : (await collect(ledger.entries(chain))).map((entry) => entry.kind);
    expect(kinds.filter((each) => each === "decided")).toHaveLength(4);
    await press("中文");
    await eventually(() => status.textContent()).toContain("已下单：3 本");
    await expectAccessible();
    expect(complaints).toEqual([]);
  });

  test("is replaced from another device by its recovery code", async () => {
    await pick("Lin Yue");
    const lost = await read(await codeText());
    await page.getByRole("button", { name: "If this phone gets lost" }).click();
    const code = (await page.locator("[data-recovery]").getAttribute("data-recovery")) ?? "";
    expect(code).toMatch(/^(\w{4}-){5}\w{4}$/);

    await context.close();
    const before = profileFolder;
    profileFolder = await mkdtemp(join(tmpdir(), "greenlane-wallet-"));
    await startBrowser();
    await open("/wallet/");
    await page.getByRole("button", { name: "My phone is gone" }).click();
    const field = page.getByLabel("Recovery code");
    await field.fill(`${code.slice(0, -1)}U`);
    await page.getByRole("button", { name: "Suspend" }).click();
    await page.locator('[data-loss="mistyped"]').waitFor();
    await field.fill(code.toLowerCase().replaceAll("-", " "));
    await page.getByRole("button", { name: "Suspend" }).click();
    await page.locator('[data-loss="done"]').waitFor();
    const list = { programme: "fuzhou-moli", list: "a" };
    const index = lost.statusIndex ?? -1;
    expect(world.registry.losses(list)).toEqual([{ index, standing: "suspended", movedTo: null }]);
    await page.getByRole("button", { name: "Block it for good" }).click();
    await page.getByText("this one has taken over").waitFor();
    await page.locator(".bar button").first().click();
    const taken = await read(await codeText());
    expect(taken.sub).toBe(lost.sub);
    expect(world.registry.losses(list)).toEqual([{ index, standing: "revoked", movedTo: taken.statusIndex }]);

    // The lost phone renews no more.
    await context.close();
    await rm(profileFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    profileFolder = before;
    await startBrowser();
    await open("/wallet/");
    await qr().waitFor();
    await pass(halfWeek);
    await page.locator('[data-standing="renewing"]').waitFor();
    expect(complaints.filter((each) => !each.includes("403"))).toEqual([]);
  });

  test("is accessible on every page, in both languages", async () => {
    await pick("Lin Yue");
    for (const other of ["中文", "English"]) {
      await expectAccessible();
      await page.locator(".sheet").click();
      await expectAccessible();
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
      await page.locator("button.plain").first().click();
      await page.locator("article").waitFor();
      await expectAccessible();
      await page.locator(".bar button").first().click();
      await page.locator("button.plain").last().click();
      await page.locator("[data-recovery]").waitFor();
      await expectAccessible();
      await page.locator(".bar button").first().click();
      await page.locator(".chip").click();
      await person("720").waitFor();
      await expectAccessible();
      await page.locator("button.plain").click();
      await page.locator(".field input").waitFor();
      await page.locator(".choices button").first().click();
      await page.locator('[data-loss="mistyped"]').waitFor();
      await expectAccessible();
      await page.getByRole("button", { name: other }).click();
      await page.locator(".bar button").first().click();
    }
  });
});

describe("the demo page", () => {
  const phone = () => page.frameLocator('iframe[data-frame="phone"]');
  const terminal = (service: string) => page.locator(`.terminal[data-service="${service}"]`);
  const screen = (service: string) => terminal(service).frameLocator("iframe").locator("main[data-screen]");
  const show = (service: string) => terminal(service).getByRole("button", { name: "Show the phone's code" });
  const learnt = () =>
    page.locator('[data-learnt="true"]').evaluateAll((found) => found.map((each) => each.getAttribute("data-lesson")));
  const reach = (service: string, state: string) =>
    eventually(() => screen(service).getAttribute("data-screen")).toBe(state);
  const ticketCode = () => page.locator(".ticket").getAttribute("data-code");
  const become = async (name: string): Promise<void> => {
    if ((await phone().locator(".chip").count()) > 0) await phone().locator(".chip").click();
    await person(name, phone()).click();
    await eventually(() => phone().locator(".chip strong").textContent()).toBe(name);
    await qr(phone()).waitFor();
    await eventually(async () => (await ticketCode()) === (await codeText(phone()))).toBe(true);
  };

  beforeEach(async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await open("/demo/");
    for (const service of ["metro", "library", "bike"]) await reach(service, "ready");
  });

  test("leads a newcomer through its five lessons, and the ledger holds what happened", async () => {
    await become("Lin Yue");
    await show("metro").click();
    await reach("metro", "result");
    expect(await screen("metro").getAttribute("data-terms")).toBe("perk");
    await eventually(learnt).toEqual(["perk"]);

    await reach("metro", "ready");
    await become("Sun Li");
    await show("metro").focus();
    await page.keyboard.press("Enter");
    await eventually(learnt).toEqual(["perk", "ordinary"]);

    await reach("metro", "ready");
    await page.locator('[data-switch="network"]').click();
    await become("Xu Lan");
    await page.locator(".ticket").dragTo(terminal("metro"));
    await eventually(learnt).toEqual(["perk", "ordinary", "offline"]);
    await eventually(() => terminal("metro").locator(".log").getAttribute("data-pending")).toBe("2");
    expect(await terminal("metro").locator(".block:not(.acked)").count()).toBe(2);

    await page.locator('[data-switch="network"]').click();
    await eventually(learnt).toEqual(["perk", "ordinary", "offline", "drained"]);
    expect(await terminal("metro").locator(".block:not(.acked)").count()).toBe(0);

    await reach("metro", "ready");
    await page.locator('[data-switch="turnstile"]').click();
    await become("Gao Yun");
    await show("metro").click();
    await eventually(learnt).toHaveLength(5);
    expect(await terminal("metro").locator(".lines").textContent()).toContain("not passed, not charged");
    await expectAccessible();
    expect(complaints).toEqual([]);
    expect(await ledger.count()).toBeGreaterThan(10);
  });

  test("shows books to the library desk", async () => {
    await become("Lin Yue");
    await show("library").click();
    await reach("library", "session");
    const desk = terminal("library").frameLocator("iframe");
    await desk.locator('[data-press="agree"]').click();
    await terminal("library").getByRole("button", { name: "Red Chamber" }).click();
    await eventually(() => desk.locator("main").textContent()).toContain("FZ-0004127");
  });

  test("keeps its terminals on the next visit, and gets new ones to start over", async () => {
    const enrolled = () => world.registry.terminals().filter(({ key }) => key !== null).length;
    expect(enrolled()).toBe(3);
    await page.reload();
    for (const service of ["metro", "library", "bike"]) await reach(service, "ready");
    expect(enrolled()).toBe(3);
    expect(page.url()).not.toContain("enrol");
    await page.getByRole("button", { name: "Start over" }).click();
    await eventually(enrolled).toBe(6);
    for (const service of ["metro", "library", "bike"]) await reach(service, "ready");
  });

  test("lets any service be chosen, remembers which, and takes a deposit that the account does not pay for none", async () => {
    const choose = (from: string, to: string) => terminal(from).getByRole("combobox").selectOption(to);
    const rest = serviceNames.filter((each) => !["metro", "library", "bike"].includes(each));
    let shown = "metro";
    for (const service of rest) {
      await choose(shown, service);
      await reach(service, "ready");
      shown = service;
    }
    await choose("bike", "umbrella");
    await reach("umbrella", "ready");
    await expectAccessible();
    await page.reload();
    for (const service of [shown, "library", "umbrella"]) await reach(service, "ready");

    await page.locator('[data-switch="account"]').click();
    await become("Sun Li");
    await show("umbrella").click();
    const stand = terminal("umbrella").frameLocator("iframe");
    await stand.locator('[data-press="choose-dock"]').first().click();
    await stand.locator('[data-press="agree"]').click();
    await eventually(() => screen("umbrella").getAttribute("data-reason")).toBe("payment-refused");
    expect(complaints).toEqual([]);
  });

  test("hears its own frames only", async () => {
    await page.evaluate(() => postMessage({ greenlane: "code", text: "GL1:FORGED" }, location.origin));
    await page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.src = "/wallet/";
      document.body.append(frame);
      return new Promise((resolve) => frame.addEventListener("load", resolve));
    });
    await page
      .frames()
      .at(-1)
      ?.evaluate(() => parent.postMessage({ greenlane: "code", text: "GL1:FORGED" }, location.origin));
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    expect(await page.locator(".ticket").getAttribute("draggable")).toBeNull();
  });

  test("says so where there is no server, and goes on when it is back", async () => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => localStorage.clear()));
    await stopServer();
    await page.reload();
    await page.getByRole("alert").waitFor();
    await startServer();
    await page.getByRole("alert").getByRole("button").click();
    await terminal("bike").waitFor();
  });

  test.each([
    [1024, 768],
    [390, 844],
  ])("fits %i pixels, and is accessible there", async (width, height) => {
    await page.setViewportSize({ width, height });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await expectAccessible();
  });
});
