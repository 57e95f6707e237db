/**
 * People before a real terminal's camera, one after another, each with a code signed the moment before; and what became of
 * each, as it is seen from outside: what goes to the gate, the terminal's own marks, the frames of the display.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, Page } from "playwright-core";
import { encode } from "uqr";
import { type City, createIssuer, people, succeed } from "../live-city.ts";
import { installCamera } from "./fed-camera.ts";

export type Tap = {
  /** Milliseconds from the frame to the command, and from the picture before the lens to it; null where it was missed. */
  readonly fromFrame: number | null;
  readonly fromLens: number | null;
  /** From the durable decision to the frame of the display that shows it. */
  readonly toPicture: number | null;
};

export type Crowd = {
  readonly count: number;
  readonly secondsBetween: number;
  readonly patienceSeconds?: number;
};

/** A metro gate, ready, with its camera open. `gate`: the controller that it is told to use. */
export const openTerminal = async (context: BrowserContext, city: City, gate: Server): Promise<Page> => {
  const issuer = await createIssuer(city);
  const place = ["--programme", "fuzhou-moli", "--profile", "metro", "--site", "bench", "--name", "Bench"];
  const controller = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;
  const answer = await succeed(city, "terminal", "enrol", ...place, "--actuator", controller, "--json");
  const page = await context.newPage();
  await page.exposeFunction("nextCode", async () => {
    const text = await issuer.code(people.perk, Math.floor(Date.now() / 1000));
    const { data, size } = encode(text, { ecc: "M", border: 4 });
    return { size, rows: data.map((row) => row.map(Number).join("")) };
  });
  await page.addInitScript(watchTaps);
  await page.addInitScript(`(${installCamera.toString()})(true)`);
  await page.goto(JSON.parse(answer).link.replace("/kiosk/#", "/kiosk/?slot=bench#"));
  await page.locator('main[data-screen="ready"]').waitFor({ timeout: 60_000 });
  await page.waitForFunction(() => document.querySelector("video") !== null);
  return page;
};

declare global {
  var nextCode: () => Promise<{ readonly size: number; readonly rows: readonly string[] }>;
  /** When the gate was told, by the page's clock, newest last. */
  var commandedAt: number[];
  /** When the frames were there that taps began with, and when their decisions were durable. */
  var framesAt: number[];
  var recordedAt: number[];
  /** When the display drew the first frame after a change of effect. */
  var drawnAt: number[];
  /** What the worker says of each frame. */
  var decodeTimes: number[];
}

/** In the page, before all else: listens in on what goes to the gate, on the terminal's own marks, and on its decoder. */
const watchTaps = (): void => {
  Object.assign(globalThis, { commandedAt: [], framesAt: [], recordedAt: [], drawnAt: [], decodeTimes: [] });
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (url.endsWith("/act")) commandedAt.push(performance.now());
    return fetch(input, init);
  };
  const { measure } = Performance.prototype;
  Performance.prototype.measure = function (this: Performance, name: string, options?: unknown) {
    if (name === "tap") {
      framesAt.push((options as { start: number }).start);
      recordedAt.push((options as { end: number }).end);
    }
    return measure.call(this, name, options as PerformanceMeasureOptions);
  };
  const whenDrawn = () => requestAnimationFrame(() => drawnAt.push(performance.now()));
  new MutationObserver(whenDrawn).observe(document, { subtree: true, attributeFilter: ["data-effect", "data-stage"] });
  const Before = globalThis.Worker;
  globalThis.Worker = new Proxy(Before, {
    construct: (made, given: ConstructorParameters<typeof Worker>) => {
      const worker = new made(...given);
      worker.addEventListener("message", ({ data }) => {
        if (data.texts?.length > 0) decodeTimes.push(data.milliseconds);
      });
      return worker;
    },
  });
};

/** In the page: one person after another, each gone once the gate was told, or when their patience ends. */
export const showPeople = async ({ count, secondsBetween, patienceSeconds = 3 }: Crowd) => {
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const seen: Tap[] = [];
  for (let person = 0; person < count; person++) {
    const beganAt = performance.now();
    const { size, rows } = await nextCode();
    const scale = Math.floor(720 / size);
    const grey = new Uint8Array(1280 * 720).fill(235);
    const [left, top] = [(1280 - size * scale) >> 1, (720 - size * scale) >> 1];
    rows.forEach((row, y) => {
      const line = new Uint8Array(1280).fill(235);
      for (let x = 0; x < size; x++) if (row[x] === "1") line.fill(20, left + x * scale, left + (x + 1) * scale);
      for (let time = 0; time < scale; time++) grey.set(line, (top + y * scale + time) * 1280);
    });
    const before = commandedAt.length;
    fed.picture = { width: 1280, height: 720, grey };
    const until = performance.now() + 1_000 * patienceSeconds;
    while (commandedAt.length === before && performance.now() < until) await wait(5);
    const at = commandedAt[before];
    const [frameAt, durableAt = Number.POSITIVE_INFINITY] = [framesAt.at(-1), recordedAt.at(-1)];
    const tap = {
      fromFrame: at === undefined || frameAt === undefined ? null : at - frameAt,
      fromLens: at === undefined ? null : at - fed.drawnAt,
    };
    // Until the gate has answered and that is written down.
    await wait(Math.max(40, 1_000 * secondsBetween - (performance.now() - beganAt)));
    const shownAt = drawnAt.find((each) => each > durableAt);
    seen.push({ ...tap, toPicture: shownAt === undefined ? null : shownAt - durableAt });
  }
  return seen;
};
