import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPostgresLedger } from "../edge-server/adapters/ledger-postgres.ts";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { erasePersonal } from "../edge-server/erasure.ts";
import { exportLedger } from "../edge-server/export.ts";
import { rememberedSeconds } from "../edge-server/override-person.ts";
import type { Ledger } from "../edge-server/ports.ts";
import { toBase64url } from "../shared/bytes.ts";
import type { Profile } from "../shared/messages.ts";
import type { EntryRef } from "../shared/transaction.ts";
import { openAdminWorld } from "./admin-world.ts";
import { collect } from "./collect.ts";
import { waitUntil } from "./live-city.ts";
import { type Cluster, startPostgres } from "./postgres.ts";
import { drawKey } from "./sample.ts";
import { createTerminal, decidedTap, sendSigned } from "./world.ts";

/** What the console shows is what the ledger holds, on either database, and however the survey came about. */

let cluster: Cluster | null;
beforeAll(async () => {
  cluster = await startPostgres(["fsync=off"]);
}, 60_000);
afterAll(() => cluster?.stop(), 60_000);

const ledgers: Readonly<Record<string, () => Promise<Ledger | null>>> = {
  SQLite: async () => createSqliteLedger(":memory:"),
  PostgreSQL: async () => (cluster === null ? null : createPostgresLedger(await cluster.addDatabase())),
};

const profile: Profile = {
  service: "metro",
  action: "entry",
  programme: "here",
  site: "east",
  name: "East 1",
  actuator: "simulated",
};

describe.each(Object.entries(ledgers))("on %s", (_, open) => {
  const openWorld = async (skip: (why: string) => never) => {
    const ledger = await open();
    if (ledger === null) return skip("no PostgreSQL");
    const world = await openAdminWorld({ ledger });
    const key = await drawKey("P-256");
    const terminal = await createTerminal("gate-1", key);
    world.registry.putTerminal({
      id: "gate-1",
      profile,
      key: key.jwk,
      enrolledAt: 1,
      revokedAt: null,
      lastSeenAt: null,
    });
    await terminal.write({ kind: "started", app: "7", newEpoch: true });
    for (let i = 0; i < 3; i++) await terminal.write(decidedTap("00".repeat(32)), { pseudonym: "somebody-secret" });
    const refOf = (seq: number): EntryRef => ({ terminal: "gate-1", epoch: toBase64url(terminal.chain.epoch), seq });
    const override = { kind: "override", of: refOf(2), staff: ["c3RhZmY"], reason: "lost-card", effect: "permit" };
    await terminal.write(override as never);
    const send = async (): Promise<void> => {
      const answer = await sendSigned(world.app, terminal, "/v1/log", await terminal.batch());
      expect(answer.status).toBe(200);
    };
    await send();
    await waitUntil(async () => world.survey.count() === 5);
    const cookie = await world.bringIn("chief", "administrator");
    const get = async (path: string) => (await world.ask("GET", path, { cookie })).json();
    return { world, terminal, refOf, send, cookie, get };
  };

  it("counts what comes, pages it newest first, and finds each by its receipt", async ({ skip }) => {
    const { world, get } = await openWorld(skip);
    const page = await get("/transactions");
    expect(page.rows.map((row: { word: string }) => row.word)).toEqual(["override", "perk", "perk", "perk", "started"]);
    expect(page.rows.map((row: { number: number }) => row.number)).toEqual([5, 4, 3, 2, 1]);
    const older = await get("/transactions?before=3");
    expect(older.rows.map((row: { number: number }) => row.number)).toEqual([2, 1]);
    for (const { code, of } of page.rows) expect((await get(`/receipts/${code.toLowerCase()}`)).row.of).toEqual(of);
    const wrong = page.rows[0].code.replace(/.$/, (last: string) => (last === "0" ? "1" : "0"));
    expect((await world.ask("GET", `/receipts/${wrong}`)).status).toBe(401);
    expect((await get(`/receipts/${wrong}`)).status).toBe(404);
    const [terminal] = (await get("/terminals")).rows;
    expect(terminal).toMatchObject({ app: "7", permits: 3, technical: 0, state: "well" });
    expect((await get("/figures")).hours).toContainEqual(expect.objectContaining({ word: "perk", count: 3 }));
    await world.close();
  });

  it("shows nobody: no pseudonym, no band, no identity", async ({ skip }) => {
    const { world, get, refOf } = await openWorld(skip);
    const { terminal, epoch } = refOf(1);
    const shown = [];
    for (let seq = 1; seq <= 5; seq++) shown.push(await get(`/transactions/${terminal}/${epoch}/${seq}`));
    shown.push(await get("/transactions"), await get("/overrides"));
    const text = JSON.stringify(shown);
    for (const secret of ["somebody-secret", "standing", '"identity"', '"personal"'])
      expect(text).not.toContain(secret);
    await world.close();
  });

  it("hides no override: not by a review, not by losing the survey", async ({ skip }) => {
    const { world, cookie, get, refOf } = await openWorld(skip);
    expect((await get("/overrides?state=open")).rows).toMatchObject([
      { of: refOf(5), state: "open", answers: refOf(2) },
    ]);
    const json = { of: refOf(5), verdict: "annulled", note: "not so" };
    expect((await world.ask("POST", "/reviews", { cookie, json })).status).toBe(200);
    expect((await get("/overrides?state=open")).rows).toEqual([]);
    expect((await get("/overrides")).rows).toMatchObject([{ of: refOf(5), state: "annulled" }]);
    const none = { ...json, of: refOf(2) };
    expect((await world.ask("POST", "/reviews", { cookie, json: none })).status).toBe(404);

    world.survey.clear();
    world.surveyor.listen(() => {});
    await waitUntil(async () => world.survey.count() === 5);
    expect((await get("/overrides")).rows).toMatchObject([{ of: refOf(5), state: "annulled" }]);
    const { terminal, epoch, seq } = refOf(5);
    const entry = await get(`/transactions/${terminal}/${epoch}/${seq}`);
    expect(entry.reviews).toMatchObject([{ by: "chief", verdict: "annulled", note: "not so" }]);
    expect(entry.answers[0].row.of).toEqual(refOf(2));
    await world.close();
  });

  it("sees one badge at work for one person, told by the refusal or beside the override, until that is erased", async ({
    skip,
  }) => {
    const { world, terminal, send, get, refOf } = await openWorld(skip);
    const patterns = async () =>
      (await get("/overrides")).rows.map(({ of, patterns }: { of: EntryRef; patterns: string[] }) => [
        of.seq,
        patterns,
      ]);
    const override = { kind: "override", staff: ["c3RhZmY"], effect: "permit" };
    // An item of a session that staff opened is no second override; nor is what was for somebody else.
    await terminal.write({ ...override, of: refOf(3), reason: "a", under: refOf(5) } as never);
    await terminal.write({ ...override, of: null, reason: "b" } as never, { pseudonym: "another-secret" });
    await terminal.write({ ...override, of: refOf(4), reason: "c" } as never);
    await send();
    await waitUntil(async () => world.survey.count() === 8);
    expect(await patterns()).toEqual([8, 7, 6, 5].map((seq) => [seq, []]));
    await terminal.write({ ...override, of: null, reason: "d" } as never, { pseudonym: "somebody-secret" });
    await send();
    await waitUntil(async () => world.survey.count() === 9);
    expect(await patterns()).toEqual([9, 8, 7, 6, 5].map((seq) => [seq, seq === 6 || seq === 7 ? [] : ["one-person"]]));
    expect(JSON.stringify(await get("/overrides"))).not.toContain("secret");

    await erasePersonal(
      world.ledger,
      { kind: "pseudonym", pseudonym: "somebody-secret" },
      { at: world.clock.now, by: "a test" },
    );
    world.clock.now += rememberedSeconds;
    expect(await patterns()).toEqual([9, 8, 7, 6, 5].map((seq) => [seq, []]));
    await world.close();
  });

  it("shows what staff wrote beside their reason to who may review it, with the evidence, and nowhere else", async ({
    skip,
  }) => {
    const { world, terminal, send, cookie, get, refOf } = await openWorld(skip);
    const override = { kind: "override", of: refOf(2), staff: ["c3RhZmY"], reason: "other", effect: "permit" };
    await terminal.write(override as never, { pseudonym: "somebody-secret", note: "lift was broken" });
    await terminal.write(decidedTap("00".repeat(32)), { pseudonym: "somebody-secret", note: "not of staff" });
    await send();
    await waitUntil(async () => world.survey.count() === 7);
    const path = (seq: number) => `/transactions/gate-1/${refOf(seq).epoch}/${seq}`;
    const viewer = await world.bringIn("a.viewer", "viewer");
    expect((await get(path(6))).note).toBe("lift was broken");
    expect([(await get(path(5))).note, (await get(path(7))).note]).toEqual([null, null]);
    const [{ code }] = (await get("/transactions")).rows.filter(({ of }: { of: EntryRef }) => of.seq === 6);
    const elsewhere = [await get("/transactions"), await get("/overrides"), await get(`/receipts/${code}`)];
    for (const each of [path(6), path(2)])
      elsewhere.push(await (await world.ask("GET", each, { cookie: viewer })).json());
    expect(JSON.stringify(elsewhere)).not.toContain("lift was broken");
    expect(JSON.stringify(await get(path(6)))).not.toContain("secret");
    expect(cookie).not.toBe(viewer);
    const lines = await collect(exportLedger(world.ledger, { format: "ndjson", since: null }));
    expect(lines.join("")).not.toContain("lift was broken");
    await world.close();
  });

  it("has what a fire alarm opened, and what was taken back, reviewed like an override", async ({ skip }) => {
    const { world, terminal, send, cookie, get, refOf } = await openWorld(skip);
    await terminal.write({ kind: "release", cause: "alarm" });
    const annulled = { kind: "annulled", of: refOf(3), staff: ["c3RhZmY"], reason: "twice", factor: "badge" };
    await terminal.write(annulled as never);
    await terminal.write({ kind: "acted", of: refOf(6), outcome: "completed" });
    await send();
    await waitUntil(async () => world.survey.count() === 8);
    expect((await get("/overrides?state=open")).rows).toMatchObject([
      { of: refOf(7), kind: "annulled", effect: "annul", reason: "twice", staff: ["c3RhZmY"], answers: refOf(3) },
      { of: refOf(6), kind: "release", effect: "release", reason: "alarm", staff: [], answers: null },
      { of: refOf(5), kind: "override" },
    ]);
    expect((await get("/overview")).openOverrides).toBe(3);
    const review = (seq: number) =>
      world.ask("POST", "/reviews", { cookie, json: { of: refOf(seq), verdict: "approved", note: "a drill" } });
    expect([(await review(6)).status, (await review(7)).status, (await review(8)).status]).toEqual([200, 200, 404]);
    expect((await get("/overview")).openOverrides).toBe(1);
    expect((await get("/overrides?state=approved")).rows).toHaveLength(2);
    const { terminal: id, epoch } = refOf(6);
    expect((await get(`/transactions/${id}/${epoch}/6`)).reviews).toMatchObject([{ note: "a drill" }]);
    await world.close();
  });

  it("hears what was said of an override at another server, before or after it was counted here", async ({ skip }) => {
    const { world, terminal, send, get, refOf } = await openWorld(skip);
    const says = (seq: number, verdict: "approved" | "questioned") =>
      world.operators.recordReview({ of: refOf(seq), at: 1, by: "elsewhere", verdict, note: "" });
    const states = async () =>
      (await get("/overrides")).rows.map(({ of, state }: { of: EntryRef; state: string }) => `${of.seq} ${state}`);
    await says(5, "questioned");
    await says(5, "approved");
    await says(6, "questioned");
    world.surveyor.listen(() => {});
    await waitUntil(async () => (await states()).includes("5 approved"));
    await terminal.write({
      kind: "override",
      of: refOf(4),
      staff: ["c3RhZmY"],
      effect: "permit",
      reason: "a",
    } as never);
    await send();
    await waitUntil(async () => world.survey.count() === 6);
    expect(await states()).toEqual(["6 questioned", "5 approved"]);
    await says(6, "approved");
    await waitUntil(async () => (await states()).includes("6 approved"));
    await world.close();
  });

  it("looks for what nobody told it of, such as another server's", async ({ skip }) => {
    const { world, terminal, get } = await openWorld(skip);
    world.survey.clear();
    expect(world.survey.count()).toBe(0);
    world.surveyor.listen(() => {});
    await waitUntil(async () => world.survey.count() === 5);
    expect((await get("/overview")).entries).toBe(5);
    expect(world.survey.seqOf(terminal.chain)).toBe(5);
    await world.close();
  });
});
