/**
 * A real terminal in Chromium with scanners and a gate on wires that the test holds: `navigator.serial` and `navigator.hid`
 * are made up, everything behind them is what a terminal runs. And whatever is typed, pasted or injected at it, nothing but
 * a code passes.
 */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { commandHere } from "./command-line.ts";
import { type Key, typeKeys } from "./typing.ts";
import { type Bench, type MadeUp, makeUpDevices } from "./wired-devices.ts";

let city: City;
let issuer: Issuer;
let context: BrowserContext;
let page: Page;
let terminal = "";
const complaints: string[] = [];

beforeAll(async () => {
  city = commandHere(await createCity());
  await city.start();
  issuer = await createIssuer(city);
});

afterAll(() => city?.close());

beforeEach(() => {
  complaints.length = 0;
});

afterEach(async () => {
  await context?.close();
  expect(complaints).toEqual([]);
});

const scanner = { name: "scanner", usb: "0c2e:0b6a", granted: true } as const;
const gate = { name: "gate", usb: "1a86:7523", granted: true } as const;

describe("serial scanners", () => {
  test("read a code: in pieces, beside others, after being pulled out in the middle of one", async () => {
    await open({ ports: [scanner, { name: "pad", usb: "067b:2303", granted: true }], hids: [] });
    await taps(async () => send("scanner", `${await code()}\r`));
    await taps(async () => {
      const text = await code();
      for (let at = 0; at < text.length; at += 64) await send("pad", text.slice(at, at + 64));
      await send("pad", "\r\n");
    });

    const text = await code();
    await send("scanner", text.slice(0, 200));
    await page.evaluate(() => wires.pullOut("scanner"));
    await notesSay("serial scanner: unplugged");
    await page.evaluate(() => wires.plugIn("scanner"));
    await opened("scanner");
    expect(await notes()).not.toContain("serial scanner");
    // The other half alone is no code; a whole one is one tap.
    await send("scanner", `${text.slice(200)}\r`);
    await refers("not-ours");
    await taps(async () => send("scanner", `${await code()}\r`));
    expect((await effects()).filter((effect) => effect === "permit")).toHaveLength(3);
  });

  test("that send half a line, binary or too much are one refer at most, and never stuck", async () => {
    await open({ ports: [scanner], hids: [] });
    await send("scanner", (await code()).slice(0, 300));
    await notesSay("half a line came");
    await send("scanner", "\r");
    await sendBytes("scanner", [0, 255, 254, 13, 7, 27, 91, 65, 65, 13]);
    await send("scanner", "AA\u0000AA\r");
    await page.evaluate(() => wires.lineError("scanner"));
    await pause(50);
    await send("scanner", `${(await code()).slice(300)}\r`);
    await pause(500);
    expect(await effects()).toEqual([]);
    await send("scanner", `GL1:${"A".repeat(2996)}\r`);
    await refers("unreadable");
    await send("scanner", "https://a/01/%E0%A4%A/0123456789?a=1&b_c\r");
    await refers("not-ours");
    await taps(async () => send("scanner", `${await code()}\r`));
    expect(await notes()).not.toContain("half a line");
  });

  test("are asked for by staff where none is permitted, and used at once", async () => {
    await open({ ports: [{ ...scanner, granted: false }], hids: [] });
    await page.locator(".alarms summary").click();
    await page.locator('[data-connect="serial"]').click();
    await opened("scanner");
    await taps(async () => send("scanner", `${await code()}\r`));
  });
});

test("HID scanners read a code of several reports, and come back when they are plugged in again", async () => {
  await open({ ports: [], hids: [{ name: "hid", vendorId: 0x0c2e, granted: true }] });
  const read = async (): Promise<void> => {
    const text = await code();
    await page.evaluate((text) => wires.report("hid", text), text);
  };
  await taps(read);
  expect(await page.evaluate(() => wires.features("hid"))).toEqual([[0xfe, 1]]);
  await page.evaluate(() => wires.report("hid", "https://a/01/%E0%A4%A/0123456789"));
  await refers("not-ours");
  await page.evaluate(() => wires.pullOutHid("hid"));
  await notesSay("HID scanner: unplugged");
  await page.evaluate(() => wires.plugInHid("hid"));
  await opened("hid");
  expect(await notes()).not.toContain("HID scanner");
  await taps(read);
});

describe("a gate on a serial line", () => {
  const lines = { ports: [scanner, gate], hids: [], controller: { kind: "lines", port: "gate" } } as const;
  const modbus = { ...lines, controller: { kind: "modbus", port: "gate" } } as const;
  const byLines = ["--profile", "metro", "--actuator", "serial:lines?usb=1a86:7523"];

  test("by lines: passed, nobody passed, an order that is lost on its way, a fault", async () => {
    await open(lines, ...byLines);
    const answered = (stage: string, ...answers: readonly string[]): Promise<void> =>
      taps(async () => {
        await page.evaluate((answers) => void wires.answers.push(...answers), answers);
        await send("scanner", `${await code()}\r`);
      }, stage);
    await answered("done", "GOT", "DONE");
    await answered("timed-out", "GOT", "TIMEOUT");
    await answered("done", "-", "GOT", "DONE");
    const orders = await page.evaluate(() => wires.orders);
    expect(orders).toHaveLength(4);
    expect(orders[2]).toBe(orders[3]);
    expect(new Set(orders).size).toBe(3);

    await answered("broken", "GOT", "FAULT the wing is bent");
    await screenIs("out-of-service");
    expect(await page.locator(".cause").textContent()).toContain("the wing is bent");
    await send("scanner", `${await code()}\r`);
    expect(await outcomes()).toEqual(["completed", "timed-out", "completed", "fault"]);
    expect(await written("mode")).toMatchObject([{ mode: "out-of-service", cause: "gate" }]);

    await page.locator('[data-press="try-again"]').click();
    await screenIs("ready");
    await answered("done", "GOT", "DONE");
  });

  test("by lines: silence, and a port pulled out, are a fault and no stuck lane", async () => {
    await open(lines, ...byLines);
    await page.evaluate(() => void wires.answers.push("-", "-", "-"));
    await taps(async () => send("scanner", `${await code()}\r`), "broken");
    await screenIs("out-of-service");
    expect(await page.locator(".cause").textContent()).toContain("does not answer");
    await page.locator('[data-press="try-again"]').click();
    await screenIs("ready");

    await page.evaluate(() => void wires.answers.push("GOT"));
    await taps(async () => send("scanner", `${await code()}\r`), "acting");
    await page.evaluate(() => wires.pullOut("gate"));
    await screenIs("out-of-service");
    expect(await page.locator(".cause").textContent()).toContain("pulled out");

    await page.evaluate(() => wires.plugIn("gate"));
    await page.locator('[data-press="try-again"]').click();
    await page.evaluate(() => void wires.answers.push("GOT", "DONE"));
    await screenIs("ready");
    await taps(async () => send("scanner", `${await code()}\r`));
  });

  test("by Modbus: the coil goes on and off again, the sensor says what became of it", async () => {
    const address = "serial:modbus?usb=1a86:7523&coil=3&sensor=1&fault=2&seconds=2";
    await open(modbus, "--profile", "metro", "--actuator", address);
    const moves = (stage: string, relay: Partial<Bench["relay"]>): Promise<void> =>
      taps(async () => {
        await page.evaluate((relay) => void Object.assign(wires.relay, relay), relay);
        await send("scanner", `${await code()}\r`);
      }, stage);
    await moves("done", { passes: true });
    await moves("timed-out", { passes: false });
    // Every second answer is spoilt on the line.
    await moves("done", { passes: true, noise: true });
    expect(await page.evaluate(() => wires.relay.coils)).toEqual(["3 on", "3 off", "3 on", "3 off", "3 on", "3 off"]);
    await moves("broken", { noise: false, isBroken: true });
    await screenIs("out-of-service");
    expect(await page.locator(".cause").textContent()).toContain("says it is broken");
    expect(await outcomes()).toEqual(["completed", "timed-out", "completed", "fault"]);
  });

  test("by Modbus: a desk's pad takes back by another coil than it releases by", async () => {
    const address = "serial:modbus?usb=1a86:7523&coil=3&accept=4&sensor=1&seconds=2";
    await open(modbus, "--profile", "library", "--actuator", address);
    await page.evaluate(() => void Object.assign(wires.relay, { passes: true }));
    await page.locator('[data-press="start-return"]').click();
    await screenIs("session", '[data-stage="returns"]');
    await send("scanner", "LIB-00042\r");
    await waitUntil(async () => (await outcomes()).length === 1, 20);
    expect(await outcomes()).toEqual(["completed"]);
    expect(await page.evaluate(() => wires.relay.coils)).toEqual(["4 on", "4 off"]);
  });
});

describe("whatever is typed, pasted or injected", () => {
  const shortcuts = [
    ...["Control+j", "Control+p", "Control+s", "Control+o", "Control+f", "Control+u", "Control+r", "Control+g"],
    ...["F1", "F3", "F5", "F6", "F7", "F11", "F12", "Alt+ArrowLeft", "Alt+d", "Alt+Numpad6", "Meta+r"],
  ];

  test("nothing but a code passes, and the page stays what it is", { timeout: 120_000 }, async () => {
    await open({ ports: [scanner], hids: [] });
    await page.evaluate(() => {
      globalThis.reached = [];
      for (const type of ["keydown", "paste", "drop", "beforeinput"]) {
        document.addEventListener(type, (event) => {
          if (!(event instanceof KeyboardEvent)) reached.push(type);
          else if (event.ctrlKey || event.altKey || event.metaKey || /^F\d/.test(event.key)) reached.push(event.key);
        });
      }
      addEventListener("beforeunload", () => void reached.push("leaving"));
      window.print = () => void reached.push("print");
    });
    const pages = context.pages().length;

    for (const keys of shortcuts) await page.keyboard.press(keys);
    const text = await code();
    // A person types: a code, and what is none.
    await page.keyboard.type(text.slice(0, 30), { delay: 60 });
    await page.keyboard.press("Enter");
    await page.keyboard.type("open sesame", { delay: 60 });
    await page.keyboard.press("Enter");
    // A code with control characters in it, as a wedge types them.
    await type([...text.slice(0, 100), { key: "j", ctrlKey: true }, ...text.slice(100), "Enter"]);
    await type([...text, "Escape", "Enter"]);
    await type([...text, "F5", "Enter"]);
    await type([...text.slice(0, 60), "Tab", ...text.slice(60), "Enter"]);
    await paste(`${text}\r\n`);
    expect(await effects()).toEqual([]);

    // What is no code is told so at most: no script, markup or command in it does anything.
    for (const each of ["<IMG SRC=X>", "GL1:", "GL1:$(REBOOT)", "../../ETC/PASSWD", "000000000000", "-1 OR 1:1"]) {
      await type([...each, "Enter"]);
    }
    for (const each of ["<img src=x onerror=alert(1)>", "'; DROP TABLE entries; --", "GL1:\u202eABC", "javascript:1"]) {
      await send("scanner", `${each}\r`);
      await pause(100);
    }
    await screenIs("refer");
    await screenIs("ready");
    // Refusals in a row of one kind are one entry.
    await waitUntil(async () => (await effects()).length > 0);
    expect(await effects()).not.toContain("permit");
    expect(await outcomes()).toEqual([]);
    expect(await page.evaluate(() => reached)).toEqual([]);
    expect(context.pages()).toHaveLength(pages);

    await taps(async () => type([...(await code()), "Enter"]));
    expect(await outcomes()).toEqual(["completed"]);
  });

  test("whoever has no touch screen gets around by keys", async () => {
    await open({ ports: [], hids: [] }, "--profile", "library");
    await page.locator('[data-press="start-return"]').focus();
    await page.keyboard.press("Enter");
    await screenIs("session");
  });
});

/** A terminal of its own, enrolled, with these devices on its wires. */
const open = async (devices: MadeUp, ...profile: readonly string[]): Promise<void> => {
  context = await launchChromium();
  await context.addInitScript(makeUpDevices, devices);
  page = context.pages()[0] ?? (await context.newPage());
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (/Content Security|Trusted|Uncaught/.test(message.text())) complaints.push(message.text());
  });
  const kind = profile.length === 0 ? ["--profile", "metro"] : profile;
  const asked = ["terminal", "enrol", "--programme", "fuzhou-moli", "--site", "gate", "--name", "Gate", "--json"];
  const { id, link } = JSON.parse(await succeed(city, ...asked, ...kind));
  terminal = id;
  await page.goto(link);
  await screenIs("ready");
  for (const { name, granted } of [...devices.ports, ...devices.hids]) {
    if (granted && name !== devices.controller?.port) await opened(name);
  }
};

/** What comes within the first 100 ms of a serial port is no whole line. */
const opened = async (name: string): Promise<void> => {
  await waitUntil(() => page.evaluate((name) => wires.isOpen(name), name), 20);
  await pause(150);
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const code = (): Promise<string> => issuer.code(people.perk, Math.floor(Date.now() / 1000));

const send = (port: string, text: string): Promise<void> => sendBytes(port, [...Buffer.from(text)]);

const sendBytes = (port: string, bytes: readonly number[]): Promise<void> =>
  page.evaluate(([port, bytes]) => wires.send(port, bytes), [port, bytes] as const);

const screenIs = (name: string, attributes = ""): Promise<void> =>
  page.locator(`main[data-screen="${name}"]${attributes}`).waitFor({ timeout: 30_000 });

const refers = (reason: string): Promise<void> => screenIs("refer", `[data-reason="${reason}"]`);

/** One tap is one recorded decision; and so it ends. */
const taps = async (tap: () => Promise<void>, stage = "done"): Promise<void> => {
  const before = await page.evaluate(() => wires.taps());
  await tap();
  await waitUntil(async () => (await page.evaluate(() => wires.taps())) > before, 20);
  await screenIs("result", `[data-stage="${stage}"]`);
  expect(await page.evaluate(() => wires.taps())).toBe(before + 1);
};

const notes = (): Promise<string> =>
  page.evaluate(() => [...document.querySelectorAll(".alarms li")].map(({ textContent }) => textContent).join("\n"));

const notesSay = (text: string): Promise<void> => waitUntil(async () => (await notes()).includes(text), 20);

type Transaction = Readonly<Record<string, unknown>>;

/** What this terminal has written and handed in, by kind. */
const written = async (kind: string): Promise<readonly Transaction[]> => {
  await waitUntil(async () => (await page.locator("[data-pending]").getAttribute("data-pending")) === "0", 20);
  const lines = (await succeed(city, "ledger", "export")).trim().split("\n").filter(Boolean);
  const entries = lines.map((line) => JSON.parse(line) as { terminal: string; kind: string; transaction: Transaction });
  return entries.filter((each) => each.terminal === terminal && each.kind === kind).map((each) => each.transaction);
};

const effects = async () => (await written("decided")).map(({ result }) => (result as { effect: string }).effect);

const outcomes = async () => (await written("acted")).map(({ outcome }) => outcome);

/** A run of its own: later than the gap that ends the one before. */
const type = async (keys: readonly Key[]): Promise<void> => {
  await pause(80);
  await typeKeys(page, keys);
};

const paste = (text: string): Promise<void> =>
  page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
    document.body.dispatchEvent(
      new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: clipboardData }),
    );
  }, text);

declare global {
  var reached: string[];
}
