import { Hono } from "hono";
import { expect, it } from "vitest";
import { whyPace } from "../edge-server/routes/why.ts";
import { createAddressOf, isProxyName } from "../edge-server/sender-address.ts";
import { openAdminWorld } from "./admin-world.ts";

/** From whom a request comes: a proxy is believed where it was named, and never further than that. */

const told = async (proxies: readonly string[], from: string | null, forwarded?: string): Promise<string> => {
  const addressOf = createAddressOf(proxies);
  const app = new Hono().get("/", (c) => c.text(addressOf(c)));
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  const env = from === null ? {} : { incoming: { socket: { remoteAddress: from } } };
  return (await app.request("/", { headers }, env)).text();
};

const ours = ["10.0.0.1", "10.1.0.0/16", "fd00::/8"];

it.each<[string, readonly string[], string | null, string | undefined, string]>([
  ["nobody was named: whoever connects", [], "10.0.0.1", "203.0.113.7", "10.0.0.1"],
  ["another than was named", ours, "198.51.100.9", "203.0.113.7", "198.51.100.9"],
  ["the one that was named", ours, "10.0.0.1", "203.0.113.7", "203.0.113.7"],
  ["by IPv6, an IPv4 address is the same", ours, "::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"],
  ["of a range", ours, "10.1.255.3", "2001:db8::1", "2001:db8::1"],
  ["of a range of IPv6", ours, "fd12::9", "203.0.113.7", "203.0.113.7"],
  ["two of ours, one behind the other", ours, "10.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"],
  ["what stands before a stranger is the stranger's word", ours, "10.0.0.1", "192.0.2.1, 203.0.113.7", "203.0.113.7"],
  ["no address is said", ours, "10.0.0.1", undefined, "10.0.0.1"],
  ["what is said is none", ours, "10.0.0.1", "unknown", "10.0.0.1"],
  ["what is said is none, behind another of ours", ours, "10.0.0.1", "<script>, 10.1.2.3", "10.1.2.3"],
  ["nothing but ours", ours, "10.0.0.1", "10.1.0.2, 10.1.0.1", "10.1.0.2"],
  ["more than anybody has", ours, "10.0.0.1", `203.0.113.7${", 10.1.0.1".repeat(500)}`, "10.1.0.1"],
  ["no connection", ours, null, "203.0.113.7", ""],
])("%s", async (_, proxies, from, forwarded, address) => {
  expect(await told(proxies, from, forwarded)).toBe(address);
});

it("is named by an address, or a range of them", () => {
  for (const name of ["10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0"]) {
    expect(isProxyName(name), name).toBe(true);
    expect(() => createAddressOf([name]), name).not.toThrow();
  }
  for (const name of [
    "",
    "proxy",
    "10.0.0",
    "10.0.0.1/33",
    "10.0.0.1/x",
    "10.0.0.1/8/8",
    "::1/129",
    "10.0.0.1/",
    "/8",
  ]) {
    expect(isProxyName(name), name).toBe(false);
  }
});

it("tells those behind one proxy apart where it was named, and lets no stranger pass for many", async () => {
  const world = await openAdminWorld({ proxies: ["10.0.0.1"] });
  try {
    const ask = async (from: string, forwarded: string): Promise<number> => {
      const sent = {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": forwarded },
        body: JSON.stringify({ code: "7KQM-3F2-9XT4" }),
      };
      const env = { incoming: { socket: { remoteAddress: from } } };
      return (await world.app.request(`${world.url}/v1/why`, sent, env)).status;
    };
    for (let times = 0; times < whyPace.byOne; times++) expect(await ask("10.0.0.1", "203.0.113.7")).toBe(404);
    expect(await ask("10.0.0.1", "192.0.2.5, 203.0.113.7")).toBe(429);
    expect(await ask("10.0.0.1", "203.0.113.8")).toBe(404);
    for (let times = 0; times < whyPace.byOne; times++) expect(await ask("198.51.100.9", `192.0.2.${times}`)).toBe(404);
    expect(await ask("198.51.100.9", "192.0.2.200")).toBe(429);
  } finally {
    await world.close();
  }
});
