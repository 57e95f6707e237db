/** Exports of the console: made while others work, fetched whole or not at all, gone after a day. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportLedger } from "../edge-server/export.ts";
import type { ExportJob } from "../shared/admin.ts";
import type { Profile } from "../shared/messages.ts";
import { type AdminWorld, openAdminWorld } from "./admin-world.ts";
import { collect } from "./collect.ts";
import { waitUntil } from "./live-city.ts";
import { drawKey } from "./sample.ts";
import { createTerminal, decidedTap, problemWord, sendSigned } from "./world.ts";

let world: AdminWorld;
let cookie: string;
beforeEach(async () => {
  world = await openAdminWorld();
  const key = await drawKey("P-256");
  const profile: Profile = {
    ...({ service: "metro", action: "entry" } as const),
    ...{ programme: "here", site: "east", name: "East 1" },
    actuator: "simulated",
  };
  world.registry.putTerminal({ id: "gate-1", profile, key: key.jwk, enrolledAt: 1, revokedAt: null, lastSeenAt: null });
  const terminal = await createTerminal("gate-1", key);
  await terminal.write({ kind: "started", app: "1", newEpoch: true });
  for (let i = 0; i < 3; i++) await terminal.write(decidedTap("00".repeat(32)), { pseudonym: "somebody-secret" });
  expect((await sendSigned(world.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
  await waitUntil(async () => world.survey.count() === 4);
  cookie = await world.bringIn("lin.mei", "operator");
});
afterEach(() => world.close());

const begin = async (format: string, since: number | null = null): Promise<Response> =>
  world.ask("POST", "/exports", { cookie, json: { format, since } });
const jobs = async (): Promise<readonly ExportJob[]> =>
  (await (await world.ask("GET", "/exports", { cookie })).json()).jobs;
const made = async (format: string, since: number | null = null): Promise<ExportJob> => {
  const { number } = await (await begin(format, since)).json();
  const isOver = async () => (await jobs()).find((job) => job.number === number)?.state !== "running";
  await waitUntil(isOver);
  return (await jobs()).find((job) => job.number === number) as ExportJob;
};
const download = (number: number): Promise<Response> => world.ask("GET", `/exports/${number}`, { cookie });
const folder = () => readdirSync(join(world.folder, "exports"));

describe("a download", () => {
  it.each([
    ["ndjson", "application/x-ndjson"],
    ["csv", "text/csv; charset=utf-8"],
  ] as const)("as %s is what `ledger export` writes, nobody's name in it, and is on record", async (format, type) => {
    const job = await made(format);
    expect(job).toMatchObject({ state: "done", entries: format === "csv" ? 5 : 4, total: 4, cause: "" });
    const answer = await download(job.number);
    expect(answer.headers.get("content-type")).toBe(type);
    const name = `filename="greenlane-ledger-${job.at}.${format}"`;
    expect(answer.headers.get("content-disposition")).toBe(`attachment; ${name}`);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const text = await answer.text();
    const expected = (await collect(exportLedger(world.ledger, { format, since: null }))).join("");
    expect(text).toBe(expected);
    expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    expect(job.bytes).toBe(Buffer.byteLength(text));
    expect(text).not.toContain("somebody-secret");
    expect((await world.acts()).slice(0, 2)).toMatchObject([
      { act: "download", by: "lin.mei", what: String(job.number) },
      { act: "export", by: "lin.mei", what: format },
    ]);
  });

  it("from a time on has what was written since", async () => {
    const whole = (await (await download((await made("ndjson")).number)).text()).trim().split("\n");
    const { at } = JSON.parse(whole[2] ?? "");
    const later = (await (await download((await made("ndjson", at)).number)).text()).trim().split("\n");
    expect(later).toEqual(whole.slice(2));
  });

  it("of what is not there, or not any more: nothing", async () => {
    expect(await problemWord(await download(7))).toBe("not-found");
    const job = await made("csv");
    world.clock.now += 86_400;
    cookie = await world.bringIn("wu.lan", "operator");
    expect(await jobs()).toEqual([]);
    expect(await problemWord(await download(job.number))).toBe("not-found");
    expect(folder()).toEqual([]);
  });
});

it("is made one at a time, and the newest five are kept", async () => {
  const { ledger } = world;
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = await openAdminWorld({
    ledger: { ...ledger, snapshot: () => held.then(() => ledger.snapshot()), close: async () => {} },
  });
  const by = { cookie: await slow.bringIn("lin.mei", "operator") };
  const asked = () => slow.ask("POST", "/exports", { ...by, json: { format: "csv", since: null } });
  const { number } = await (await asked()).json();
  expect(await problemWord(await asked())).toBe("too-many");
  expect((await slow.ask("GET", `/exports/${number}`, by)).status).toBe(404);
  goOn();
  await waitUntil(async () => (await slow.ask("GET", `/exports/${number}`, by)).status === 200);
  await slow.close();

  for (let count = 0; count < 6; count++) await made("ndjson");
  expect((await jobs()).map((job) => job.number)).toEqual([6, 5, 4, 3, 2]);
  expect(folder().sort()).toEqual([2, 3, 4, 5, 6].map((each) => `${each}.ndjson`));
});

it("that fails says why, leaves no half of a file, and stands in nobody's way", async () => {
  const { ledger } = world;
  const broken = await openAdminWorld({
    ledger: { ...ledger, snapshot: () => Promise.reject(new Error("the disk is full")), close: async () => {} },
  });
  cookie = await broken.bringIn("lin.mei", "operator");
  const ask = async () => (await (await broken.ask("GET", "/exports", { cookie })).json()).jobs as ExportJob[];
  const { number } = await (
    await broken.ask("POST", "/exports", { cookie, json: { format: "csv", since: null } })
  ).json();
  await waitUntil(async () => (await ask())[0]?.state !== "running");
  expect(await ask()).toMatchObject([{ number, state: "failed", cause: "the disk is full", bytes: 0 }]);
  expect((await broken.ask("GET", `/exports/${number}`, { cookie })).status).toBe(404);
  expect(readdirSync(join(broken.folder, "exports"))).toEqual([]);
  await broken.close();
});
