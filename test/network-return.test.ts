/** What tells that the network has returned, where no browser can know it: a small question, answered again. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import { pauseBefore, watchReturn } from "../kiosk/adapters/network-return.ts";
import { noChance } from "./city.ts";

beforeAll(() => {
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
  vi.stubGlobal("document", { addEventListener: () => {}, removeEventListener: () => {} });
});
afterAll(() => void vi.unstubAllGlobals());

const alive: RequestListener = (_, response) =>
  void response.writeHead(200, { "content-type": "application/json" }).end("{}");
const away: RequestListener = (_, response) => void response.destroy();

type Asked = { answer: RequestListener; readonly paths: string[]; returned: number };

/** A terminal that listens, a server that is asked, and what happens meanwhile. */
const withServer = async (
  first: RequestListener,
  during: (asked: Asked, unreached: () => void, stopListening: () => void) => Promise<void>,
): Promise<void> => {
  const asked: Asked = { answer: first, paths: [], returned: 0 };
  const server = createServer((request, response) => {
    asked.paths.push(request.url ?? "");
    asked.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const network = watchReturn(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, noChance);
  const stopListening = network.onReturn(() => {
    asked.returned += 1;
  });
  try {
    await during(asked, network.onUnreached, stopListening);
  } finally {
    stopListening();
    server.closeAllConnections();
    server.close();
  }
};

const isAskedTimes = ({ paths }: Asked, times: number): Promise<void> =>
  vi.waitFor(() => {
    if (paths.length < times) throw new Error(`asked ${paths.length} times`);
  }, 5000);
/** Longer than it pauses between two questions. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1200));

// Side by side: each waits most of its time.
describe.concurrent("a network that returns", () => {
  const others: Readonly<Record<string, RequestListener>> = {
    "a server that is away": away,
    "a login page": (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
    "a redirect": (_, response) => void response.writeHead(302, { location: "/login" }).end(),
    "a server that is not ready": (_, response) => void response.writeHead(503).end(),
  };

  it.for(Object.entries(others))("is told within a second of %s", async ([, first], { expect }) => {
    await withServer(first, async (asked, unreached) => {
      unreached();
      unreached();
      await isAskedTimes(asked, 2);
      expect(asked.returned).toBe(0);
      asked.answer = alive;
      await vi.waitFor(() => expect(asked.returned).toBe(1), { timeout: 1000, interval: 5 });
      const before = asked.paths.length;
      await aWhile();
      expect([asked.paths.length, asked.returned]).toEqual([before, 1]);
      expect(new Set(asked.paths)).toEqual(new Set(["/healthz"]));
    });
  });

  it("was never away where the first question is answered", async ({ expect }) => {
    await withServer(alive, async (asked, unreached) => {
      unreached();
      await isAskedTimes(asked, 1);
      await aWhile();
      expect(asked).toMatchObject({ paths: ["/healthz"], returned: 0 });
    });
  });

  it("is asked for ten times less often after a minute", ({ expect }) => {
    expect([0, 0.999].map((chance) => Math.round(pauseBefore(119, chance)))).toEqual([250, 750]);
    expect([0, 0.999].map((chance) => Math.round(pauseBefore(120, chance) / 10))).toEqual([250, 750]);
  });

  it("is asked for only while somebody listens", async ({ expect }) => {
    await withServer(away, async (asked, unreached, stopListening) => {
      unreached();
      await isAskedTimes(asked, 1);
      stopListening();
      await aWhile();
      const before = asked.paths.length;
      await aWhile();
      expect(asked.paths.length).toBe(before);
      asked.answer = alive;
      expect(asked.returned).toBe(0);
    });
  });
});
