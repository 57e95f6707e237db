import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openOperators } from "../edge-server/adapters/operators.ts";
import { createPostgresOperators } from "../edge-server/adapters/operators-postgres.ts";
import { createSqliteOperators } from "../edge-server/adapters/operators-sqlite.ts";
import type { OperatorRow, OperatorStore, Passkey } from "../edge-server/operators.ts";
import { type Cluster, runSql, startPostgres } from "./postgres.ts";

/** What every store of operators promises, whatever it is built on. `reopen` stands for a restart, or another server. */
type Place = { readonly make: () => Promise<string>; readonly open: (at: string) => Promise<OperatorStore> };

let cluster: Cluster | null;
const folders: string[] = [];
beforeAll(async () => {
  cluster = await startPostgres(["fsync=off"]);
}, 60_000);
afterAll(async () => {
  await cluster?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true });
}, 60_000);
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "operators-"));
  folders.push(folder);
  return folder;
};
const places: Readonly<Record<string, Place>> = {
  SQLite: {
    make: async () => join(makeFolder(), "operators.sqlite"),
    open: async (at) => createSqliteOperators(at),
  },
  PostgreSQL: { make: async () => (await cluster?.addDatabase()) ?? "", open: (at) => createPostgresOperators(at) },
};

const operator = (name: string, change: Partial<OperatorRow> = {}): OperatorRow => ({
  ...{ name, role: "viewer", password: null, createdAt: 1, revokedAt: null },
  ...change,
});
const hash = (byte: number) => new Uint8Array(32).fill(byte);
const jwk = { kty: "OKP", crv: "Ed25519", x: "bAWMtohrwnBi6_wzIM2-MNeN3edcHfPq3EQB9V2J6aI" } as const;
const passkey = (id: string, name = "lin.mei"): Passkey => ({
  ...{ id, name, key: jwk, origin: "https://edge.example.org", label: `of ${id}`, createdAt: 7 },
});
const of = { terminal: "gate-1", epoch: "A".repeat(22), seq: 3 };

describe.each(Object.entries(places))("operators on %s", (name, { make, open }) => {
  let at: string;
  let store: OperatorStore;
  const opened: OperatorStore[] = [];
  const another = async (): Promise<OperatorStore> => {
    const made = await open(at);
    opened.push(made);
    return made;
  };
  beforeEach(async ({ skip }) => {
    if (name === "PostgreSQL" && cluster === null) return skip("no PostgreSQL");
    at = await make();
    store = await another();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  it("keeps operators in the order in which they were made, the newest of each", async () => {
    await store.putOperator(operator("wu.lan"));
    await store.putOperator(operator("lin.mei"));
    await store.putOperator(
      operator("wu.lan", { role: "administrator", password: "kept", createdAt: 9, revokedAt: 4 }),
    );
    const wu = operator("wu.lan", { role: "administrator", password: "kept", createdAt: 1, revokedAt: 4 });
    expect(await (await another()).operators()).toEqual([wu, operator("lin.mei")]);
    expect(await store.operator("wu.lan")).toEqual(wu);
    expect(await store.operator("nobody")).toBe(null);
  });

  it("a welcome is good until its end, once, and replaced by the next for the same name", async () => {
    const welcome = { hash: hash(1), name: "lin.mei", role: "viewer", expiresAt: 10 } as const;
    await store.putWelcome(welcome);
    expect(await store.welcome(hash(1), 9)).toEqual(welcome);
    expect(await store.welcome(hash(1), 10)).toBe(null);
    expect(await store.takeWelcome(hash(1), 10)).toBe(null);
    expect(await store.welcome(hash(2), 1)).toBe(null);
    for (const [byte, name] of [
      [2, "lin.mei"],
      [3, null],
      [4, null],
      [5, "wu.lan"],
    ] as const) {
      await store.putWelcome({ ...welcome, hash: hash(byte), name });
    }
    const other = await another();
    const taken: unknown[] = [];
    for (const byte of [1, 2, 3, 4, 5]) taken.push((await other.takeWelcome(hash(byte), 9))?.name);
    expect(taken).toEqual([undefined, "lin.mei", undefined, null, "wu.lan"]);
    expect(await store.takeWelcome(hash(2), 9)).toBe(null);
  });

  it("attempts are those of every process, and are forgotten when they are over", async () => {
    await store.putAttempts({ key: "a", failures: 1, nextAt: 5 });
    await (await another()).putAttempts({ key: "a", failures: 2, nextAt: 7 });
    await (await another()).putAttempts({ key: "b", failures: 1, nextAt: 6 });
    expect(await store.attempts("a")).toEqual({ key: "a", failures: 2, nextAt: 7 });
    expect(await store.attempts("c")).toBe(null);
    expect(await store.endAttempts(7)).toBe(1);
    expect(await store.attempts("b")).toBe(null);
    await store.dropAttempts("a");
    expect([await store.attempts("a"), await store.endAttempts(0)]).toEqual([null, 0]);
  });

  it("sessions end one by one, with their operator, and with time", async () => {
    for (const each of ["lin.mei", "wu.lan"]) await store.putOperator(operator(each));
    const session = (byte: number, by: string, createdAt: number, lastSeenAt: number) => ({
      ...{ hash: hash(byte), name: by, createdAt, lastSeenAt },
    });
    await store.putSession(session(1, "lin.mei", 10, 10));
    await store.putSession(session(1, "lin.mei", 99, 20));
    expect(await (await another()).session(hash(1))).toEqual(session(1, "lin.mei", 10, 20));
    await store.putSession(session(2, "wu.lan", 11, 30));
    await store.putSession(session(3, "lin.mei", 30, 30));
    await store.endSessions(11, 20);
    const left = async (): Promise<readonly number[]> => {
      const found = await Promise.all([1, 2, 3].map((byte) => store.session(hash(byte))));
      return found.flatMap((each) => each?.hash[0] ?? []);
    };
    expect(await left()).toEqual([2, 3]);
    await store.endSessions(11, 31);
    expect(await left()).toEqual([]);
    await store.putSession(session(1, "lin.mei", 40, 40));
    await store.putSession(session(2, "wu.lan", 40, 40));
    await store.dropSessionsOf("lin.mei");
    expect(await left()).toEqual([2]);
    await store.dropSession(hash(2));
    expect(await left()).toEqual([]);
  });

  it("passkeys are each one's own, oldest first, and an id is there once", async () => {
    for (const each of ["lin.mei", "wu.lan"]) await store.putOperator(operator(each));
    await store.putPasskey(passkey("b"));
    await store.putPasskey(passkey("a"));
    await store.putPasskey(passkey("c", "wu.lan"));
    await expect(store.putPasskey(passkey("c"))).rejects.toThrow();
    expect(await (await another()).passkeys("lin.mei")).toEqual([passkey("b"), passkey("a")]);
    expect([await store.passkey("c"), await store.passkey("d")]).toEqual([passkey("c", "wu.lan"), null]);
    expect(await store.dropPasskey("lin.mei", "c")).toBe(false);
    expect(await store.dropPasskey("lin.mei", "b")).toBe(true);
    await store.dropPasskeysOf("wu.lan");
    expect([await store.passkeys("lin.mei"), await store.passkeys("wu.lan")]).toEqual([[passkey("a")], []]);
  });

  it("a challenge is taken once, before its end, by whichever process, and the newest are kept", async () => {
    const challenge = (byte: number, by: string | null = null) => ({ hash: hash(byte), name: by, expiresAt: 10 });
    await store.putChallenge(challenge(1, "lin.mei"), 3);
    expect(await (await another()).takeChallenge(hash(1), 9)).toEqual(challenge(1, "lin.mei"));
    expect(await store.takeChallenge(hash(1), 9)).toBe(null);
    await store.putChallenge(challenge(2), 3);
    expect(await store.takeChallenge(hash(2), 10)).toBe(null);
    expect(await store.takeChallenge(hash(2), 9)).toBe(null);
    for (const byte of [3, 4, 5, 6]) await store.putChallenge(challenge(byte), 3);
    const taken: number[] = [];
    for (const byte of [3, 4, 5, 6]) if ((await store.takeChallenge(hash(byte), 1)) !== null) taken.push(byte);
    expect(taken).toEqual([4, 5, 6]);
  });

  it("acts are told newest first, in pages; reviews oldest first, and in their order to who has read some", async () => {
    for (const time of [1, 2, 3]) await store.recordAct({ at: time, by: "lin.mei", act: "export", what: `${time}\0` });
    const page = await (await another()).acts(Number.MAX_SAFE_INTEGER, 2);
    expect(page.map(({ what }) => what)).toEqual(["3\0", "2\0"]);
    expect(await store.acts(page.at(-1)?.number ?? 0, 2)).toEqual([
      { number: 1, at: 1, by: "lin.mei", act: "export", what: "1\0" },
    ]);
    const review = { of, at: 1, by: "lin.mei", verdict: "questioned", note: "why?\0" } as const;
    const later = { ...review, verdict: "approved", note: "" } as const;
    await store.recordReview(review);
    await store.recordReview(later);
    const other = await another();
    expect(await other.reviews(of)).toEqual([review, later]);
    expect(await store.reviews({ ...of, seq: 4 })).toEqual([]);
    const [first] = await other.reviewsAfter(0, 1);
    expect(first).toEqual({ number: first?.number, ...review });
    expect(await other.reviewsAfter(first?.number ?? 0, 9)).toMatchObject([later]);
    expect(await other.reviewsAfter(first?.number ?? 0, 0)).toEqual([]);
  });

  it("one change is stored as a whole, or not at all", async () => {
    const cut = store.atomically(async (records) => {
      await records.putOperator(operator("lin.mei"));
      await records.recordAct({ at: 1, by: "x", act: "y", what: "z" });
      throw new Error("the power went");
    });
    await expect(cut).rejects.toThrow("the power went");
    expect([await store.operators(), await store.acts(99, 9)]).toEqual([[], []]);
    expect(await store.atomically(async () => 7)).toBe(7);
  });

  it("changes that come at once are made one after another, and what is asked beside one is no part of it", async () => {
    const other = await another();
    const count = (from: OperatorStore) =>
      from.atomically(async (records) => {
        const failures = ((await records.attempts("a"))?.failures ?? 0) + 1;
        await records.putAttempts({ key: "a", failures, nextAt: 9 });
      });
    await Promise.all([count(store), count(store), count(store)]);
    if (name === "PostgreSQL") await Promise.all([count(store), count(other), count(store), count(other)]);
    expect((await other.attempts("a"))?.failures).toBe(name === "PostgreSQL" ? 7 : 3);

    const cut = store.atomically(async (records) => {
      await records.recordAct({ at: 1, by: "x", act: "never", what: "" });
      throw new Error("the power went");
    });
    const beside = store.recordAct({ at: 1, by: "x", act: "beside", what: "" });
    await expect(cut).rejects.toThrow("the power went");
    await beside;
    expect((await store.acts(99, 9)).map(({ act }) => act)).toEqual(["beside"]);
  });

  it("what was recorded is refused to be changed or deleted, to whomever", async () => {
    await store.recordAct({ at: 1, by: "lin.mei", act: "export", what: "csv" });
    await store.recordReview({ of, at: 1, by: "lin.mei", verdict: "approved", note: "" });
    const [acts, reviews] = name === "SQLite" ? ["acts", "reviews"] : ["operator_act", "operator_review"];
    for (const change of [
      `UPDATE ${acts} SET by = 'somebody'`,
      `DELETE FROM ${acts}`,
      `UPDATE ${reviews} SET verdict = 'annulled'`,
      `DELETE FROM ${reviews}`,
      ...(name === "SQLite" ? [] : [`TRUNCATE ${acts}`, `TRUNCATE ${reviews}`]),
    ]) {
      await expect(run(at, change), change).rejects.toThrow("nothing recorded is edited");
    }
  });
});

describe("operators beside a shared ledger", () => {
  it("are taken along from the file in which they were, once, and nobody there is another for it", async ({ skip }) => {
    if (cluster === null) return skip("no PostgreSQL");
    const databaseUrl = await cluster.addDatabase();
    const [first, second] = [makeFolder(), makeFolder()];
    const fill = async (folder: string, names: readonly string[]): Promise<void> => {
      const own = await openOperators({ folder, databaseUrl: null });
      for (const each of names) await own.putOperator(operator(each, { password: `${each} of ${folder}` }));
      await own.putPasskey(passkey(`key of ${folder}`, names.at(-1)));
      for (let number = 1; number <= 501; number++) {
        await own.recordAct({ at: number, by: names[0] ?? "", act: "export", what: `${number}` });
      }
      await own.recordReview({ of, at: 1, by: names[0] ?? "", verdict: "approved", note: "" });
      await own.close();
    };
    await fill(first, ["lin.mei", "wu.lan"]);
    await fill(second, ["lin.mei", "an.qi"]);
    const before = readFileSync(join(first, "operators.sqlite"));
    const open = async (folder: string): Promise<void> => (await openOperators({ folder, databaseUrl })).close();
    for (const folder of [first, second]) await open(folder);
    writeFileSync(join(first, "operators.sqlite"), before); // as though its name could not be changed
    await open(first);
    const shared = await openOperators({ folder: second, databaseUrl });
    expect((await shared.operators()).map(({ password }) => password)).toEqual([
      `lin.mei of ${first}`,
      `wu.lan of ${first}`,
      `an.qi of ${second}`,
    ]);
    expect(await shared.passkeys("wu.lan")).toHaveLength(1);
    expect(await shared.passkeys("an.qi")).toHaveLength(1);
    const acts = await shared.acts(Number.MAX_SAFE_INTEGER, 2000);
    expect(acts.map(({ what }) => what).reverse()).toEqual(
      [1, 2].flatMap(() => Array.from({ length: 501 }, (_, index) => String(index + 1))),
    );
    expect(await shared.reviews(of)).toHaveLength(2);
    expect([first, second].map((folder) => readdirSync(folder))).toEqual([
      expect.arrayContaining(["operators.sqlite.shared"]),
      expect.arrayContaining(["operators.sqlite.shared"]),
    ]);
    await shared.close();
  });
});

const run = async (at: string, sql: string): Promise<void> => {
  if (at.startsWith("postgres")) return runSql(at, sql);
  const file = new DatabaseSync(at);
  try {
    file.exec(sql);
  } finally {
    file.close();
  }
};
