import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Environment, readSettings, type Settings, urlOf } from "../edge-server/settings.ts";

const read = (environment: Environment): Settings => {
  const settings = readSettings(environment);
  if (settings.kind === "invalid") throw new Error(settings.error);
  return settings.settings;
};

describe("settings", () => {
  it("serve the demo city to this machine alone", () => {
    expect(read({})).toEqual({
      folder: join(process.cwd(), "data"),
      port: 8787,
      host: "127.0.0.1",
      isDemo: true,
      url: null,
      databaseUrl: null,
      personalDays: 365,
      proxies: [],
      tls: null,
    });
  });

  it("listen everywhere without it, or where told", () => {
    expect(read({ GREENLANE_DEMO: "off" })).toMatchObject({ host: "0.0.0.0", isDemo: false });
    expect(read({ GREENLANE_DEMO: "off", GREENLANE_HOST: "10.0.0.7" })).toMatchObject({ host: "10.0.0.7" });
  });

  it.each(["0.0.0.0", "::", "192.168.1.7", "127.0.0.1.example.org"])("do not take the demo city to %s", (host) => {
    expect(readSettings({ GREENLANE_HOST: host })).toMatchObject({ kind: "invalid" });
  });

  it.each(["127.0.0.1", "127.8.8.8", "localhost", "::1"])("know %s for this machine", (host) => {
    expect(read({ GREENLANE_HOST: host }).host).toBe(host);
  });

  it("make links from the address that was set, else from the port", () => {
    expect(urlOf(read({}))).toBe("http://localhost:8787");
    expect(urlOf(read({ PORT: "0" }), 4321)).toBe("http://localhost:4321");
    expect(urlOf(read({ TLS_CERT: "c.pem", TLS_KEY: "k.pem", PORT: "443" }))).toBe("https://localhost:443");
    expect(urlOf(read({ GREENLANE_URL: "https://edge.example.org/" }), 4321)).toBe("https://edge.example.org");
  });

  it("name the proxies that are believed, and none by themselves", () => {
    expect(read({}).proxies).toEqual([]);
    expect(read({ GREENLANE_PROXIES: "10.0.0.1, 10.1.0.0/16  ::1" }).proxies).toEqual([
      "10.0.0.1",
      "10.1.0.0/16",
      "::1",
    ]);
  });

  it("take the database of the ledger, and never repeat a password", () => {
    const databaseUrl = "postgres://greenlane:secret@db.example.org/ledger";
    expect(read({ DATABASE_URL: databaseUrl }).databaseUrl).toBe(databaseUrl);
    expect(JSON.stringify(readSettings({ DATABASE_URL: "db://greenlane:secret@db" }))).not.toContain("secret");
  });

  it.each([
    { PORT: "65536" },
    { PORT: "-1" },
    { PORT: "80 " },
    { GREENLANE_URL: "ftp://edge.example.org" },
    { GREENLANE_URL: "https://edge.example.org/#x" },
    { TLS_KEY: "k.pem" },
    { GREENLANE_PROXIES: "proxy.example.org" },
    { GREENLANE_PROXIES: "10.0.0.1, 10.0.0.0/40" },
    { DATABASE_URL: "mysql://db.example.org/ledger" },
  ])("refuse %o", (environment) => {
    expect(readSettings(environment)).toMatchObject({ kind: "invalid", error: expect.not.stringContaining("\n") });
  });
});
