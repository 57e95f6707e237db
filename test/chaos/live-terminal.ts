/**
 * A whole terminal, enrolled at a real server, in a real Chromium: in a frame that takes codes from the page around it, as
 * in the demo. That page is the observer outside: it keeps what the terminal told of its entries, which it tells once
 * they are written.
 */
import type { Frame } from "playwright-core";
import type { DemoEntry } from "../../kiosk/adapters/scanner-demo.ts";
import type { Status } from "../../kiosk/session.ts";
import { toHex } from "../../shared/bytes.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { type KillableBrowser, openBrowser } from "./killable-browser.ts";
import { undoAtEnd } from "./leftovers.ts";

/** A city whose server ends with this program. */
export type ChaosCity = City & { readonly issuer: Issuer };

export type LiveTerminal = {
  /** What was told of each entry, by seq. */
  readonly told: ReadonlyMap<number, DemoEntry>;
  readonly pending: () => number;
  readonly ackedSeq: () => number;
  /** Somebody holds a code to the gate, about once a second, until `leave`. */
  readonly arrive: () => void;
  readonly leave: () => Promise<void>;
  readonly killAndStart: () => Promise<void>;
  /** All is sent. Hashes as they lie in the terminal's own database, in hexadecimal, by seq. */
  readonly drain: () => Promise<ReadonlyMap<number, string>>;
  readonly close: () => Promise<void>;
};

const slot = "chaos";
const tapMilliseconds = 950;
const drainSecondsMax = 120;

export const openCity = async (settings: Readonly<Record<string, string>> = {}): Promise<ChaosCity> => {
  const city = await createCity(settings);
  undoAtEnd(() => {
    const id = city.serverProcess();
    if (id !== undefined) process.kill(id, "SIGKILL");
  });
  await city.start();
  return { ...city, issuer: await createIssuer(city) };
};

/** `origin`: where it reaches the server, or what stands between them. */
export const openTerminal = async (city: ChaosCity, profileFolder: string, origin: string): Promise<LiveTerminal> => {
  const told = new Map<number, DemoEntry>();
  let status: Status | null = null;
  let browser: KillableBrowser;
  let frame: Frame;
  let isOpen = false;
  let visits: Promise<void> = Promise.resolve();
  let isVisited = false;

  const hear = (text: string): void => {
    const news = JSON.parse(text) as { readonly status: Status; readonly entries: readonly DemoEntry[] };
    status = news.status;
    for (const each of news.entries) told.set(each.seq, each);
  };

  const open = async (hash: string): Promise<void> => {
    browser = await openBrowser(profileFolder, hear);
    await browser.page.goto(`${origin}/`);
    await browser.page.evaluate(
      ([name, link]) => {
        const claim: (text: string) => void = Reflect.get(globalThis, "claim");
        addEventListener("message", ({ data }) => {
          if (data?.greenlane === "status") claim(JSON.stringify({ status: data.status, entries: data.entries }));
        });
        const shown = document.createElement("iframe");
        shown.src = `/kiosk/?slot=${name}&scanner=demo${link}`;
        document.body.append(shown);
      },
      [slot, hash] as const,
    );
    await waitUntil(async () => browser.page.frames().length > 1);
    frame = browser.page.frames()[1] ?? browser.page.mainFrame();
    await frame.locator('main[data-screen="ready"]').waitFor({ timeout: 60_000 });
    isOpen = true;
  };

  const tap = async (): Promise<void> => {
    if (!isOpen) return;
    const code = await city.issuer.code(people.perk, Math.floor(Date.now() / 1000));
    const show = (text: string) => window.frames[0]?.postMessage({ greenlane: "scan", text }, location.origin);
    // A browser that was killed meanwhile takes none.
    await browser.page.evaluate(show, code).catch(() => {});
  };

  const answer = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro", "--site", "chaos", "--name", "Chaos"],
    "--json",
  );
  await open(new URL(JSON.parse(answer).link).hash);

  return {
    told,
    pending: () => status?.pending ?? 0,
    ackedSeq: () => Math.max(0, ...[...told.values()].filter(({ acked }) => acked).map(({ seq }) => seq)),
    arrive: () => {
      isVisited = true;
      visits = (async () => {
        while (isVisited) {
          await tap();
          await new Promise((resolve) => setTimeout(resolve, tapMilliseconds));
        }
      })();
    },
    leave: async () => {
      isVisited = false;
      await visits;
    },
    killAndStart: async () => {
      isOpen = false;
      await browser.kill();
      await open("");
    },
    drain: async () => {
      await waitUntil(
        async () => status?.pending === 0 && (await frame.locator('main[data-screen="ready"]').count()) > 0,
        drainSecondsMax,
      );
      const rows = await frame.evaluate(readHashes, slot);
      return new Map(rows.map(([seq, hash]) => [seq, toHex(new Uint8Array(hash))]));
    },
    close: () => browser.kill(),
  };
};

/** In the terminal's frame. */
const readHashes = (name: string): Promise<readonly [number, readonly number[]][]> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open(`greenlane/${name}`);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("log").objectStore("log").getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result.map(({ seq, hash }) => [seq, [...hash]]));
      };
    };
  });

export type Compared = {
  readonly entries: number;
  readonly lost: number;
  readonly doubled: number;
  readonly faults: readonly string[];
};

/** The ledger beside the terminal's log and what it told outside. */
export const compareLedger = async (
  city: City,
  terminal: LiveTerminal,
  hashes: ReadonlyMap<number, string>,
): Promise<Compared> => {
  const lines = (await succeed(city, "ledger", "export"))
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  const held = lines.map((line): Held => JSON.parse(line));
  const lacking = [...hashes].filter(([seq, hash]) => !held.some((each) => each.seq === seq && each.hash === hash));
  const untold = [...terminal.told.values()].filter(
    ({ seq, kind }) => !held.some((each) => each.seq === seq && each.kind === kind),
  );
  const strange = held.filter(({ seq, hash }) => hashes.get(seq) !== hash);
  const doubled = held.length - new Set(held.map(({ epoch, seq }) => `${epoch} ${seq}`)).size;
  const audit = await city.greenlane("ledger", "verify");
  return {
    entries: held.length,
    lost: lacking.length + untold.length,
    doubled: doubled + strange.length,
    faults: audit.exitCode === 0 ? [] : [`ledger verify: ${audit.out}${audit.err}`],
  };
};

type Held = { readonly epoch: string; readonly seq: number; readonly hash: string; readonly kind: string };
