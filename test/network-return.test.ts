/** What tells that the network has returned, where no browser can know it: a small question, answered again. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type NetworkReturn, pauseBefore, watchReturn } from "../kiosk/adapters/network-return.ts";
import { noChance } from "./city.ts";

let server: Server;
let port: number;
let answer: RequestListener;
let asked: number;
let returned: number;
let network: NetworkReturn;
let stopListening = (): void => {};

const alive: RequestListener = (_, response) =>
  void response.writeHead(200, { "content-type": "application/json" }).end("{}");
const away: RequestListener = (_, response) => void response.destroy();

beforeEach(async () => {
  [asked, returned, answer] = [0, 0, away];
  server = createServer((request, response) => {
    asked += 1;
    expect(request.url).toBe("/healthz");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
  vi.stubGlobal("document", { addEventListener: () => {}, removeEventListener: () => {} });
  network = watchReturn(`http://127.0.0.1:${port}`, noChance);
});

afterEach(() => {
  stopListening();
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});

const listen = (): void => {
  stopListening = network.onReturn(() => {
    returned += 1;
  });
};
const askedTimes = (times: number) => vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(times), 5000);

describe("a network that returns", () => {
  const others: Readonly<Record<string, RequestListener>> = {
    "a server that is away": away,
    "a login page": (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
    "a redirect": (_, response) => void response.writeHead(302, { location: "/login" }).end(),
    "a server that is not ready": (_, response) => void response.writeHead(503).end(),
  };

  it.each(Object.entries(others))("is told within a second of %s", async (_, first) => {
    listen();
    answer = first;
    network.onUnreached();
    network.onUnreached();
    await askedTimes(2);
    expect(returned).toBe(0);
    answer = alive;
    await vi.waitFor(() => expect(returned).toBe(1), { timeout: 1000, interval: 5 });
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect([asked, returned]).toEqual([before, 1]);
  });

  it("was never away where the first question is answered", async () => {
    listen();
    answer = alive;
    network.onUnreached();
    await askedTimes(1);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect([asked, returned]).toEqual([1, 0]);
  });

  it("is asked for ten times less often after a minute", () => {
    expect([0, 0.999].map((chance) => Math.round(pauseBefore(119, chance)))).toEqual([250, 750]);
    expect([0, 0.999].map((chance) => Math.round(pauseBefore(120, chance) / 10))).toEqual([250, 750]);
  });

  it("is asked for only while somebody listens", async () => {
    listen();
    network.onUnreached();
    await askedTimes(1);
    stopListening();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(asked).toBe(before);
    answer = alive;
    expect(returned).toBe(0);
  });
});
