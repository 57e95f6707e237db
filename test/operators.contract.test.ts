import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteOperators } from "../edge-server/adapters/operators-sqlite.ts";
import type { OperatorRow, OperatorStore, Passkey } from "../edge-server/operators.ts";

/** What every store of operators promises, whatever it is built on. `reopen` stands for a restart, or another process. */
const stores = { sqlite: (folder: string) => createSqliteOperators(join(folder, "operators.sqlite")) };

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

describe.each(Object.entries(stores))("operators on %s", (_, create) => {
  let folder: string;
  let store: OperatorStore;
  const open: OperatorStore[] = [];
  const another = (): OperatorStore => {
    const made = create(folder);
    open.push(made);
    return made;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "operators-"));
    store = another();
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
    rmSync(folder, { recursive: true });
  });

  it("keeps operators in the order in which they were made, the newest of each", () => {
    store.putOperator(operator("wu.lan"));
    store.putOperator(operator("lin.mei"));
    store.putOperator(operator("wu.lan", { role: "administrator", password: "kept", createdAt: 9, revokedAt: 4 }));
    const wu = operator("wu.lan", { role: "administrator", password: "kept", createdAt: 1, revokedAt: 4 });
    expect(another().operators()).toEqual([wu, operator("lin.mei")]);
    expect(store.operator("wu.lan")).toEqual(wu);
    expect(store.operator("nobody")).toBe(null);
  });

  it("a welcome is good until its end, once, and replaced by the next for the same name", () => {
    const welcome = { hash: hash(1), name: "lin.mei", role: "viewer", expiresAt: 10 } as const;
    store.putWelcome(welcome);
    expect(store.welcome(hash(1), 9)).toEqual(welcome);
    expect([store.welcome(hash(1), 10), store.takeWelcome(hash(1), 10), store.welcome(hash(2), 1)]).toEqual([
      null,
      null,
      null,
    ]);
    for (const [byte, name] of [
      [2, "lin.mei"],
      [3, null],
      [4, null],
      [5, "wu.lan"],
    ] as const) {
      store.putWelcome({ ...welcome, hash: hash(byte), name });
    }
    expect([1, 2, 3, 4, 5].map((byte) => another().takeWelcome(hash(byte), 9)?.name)).toEqual([
      undefined,
      "lin.mei",
      undefined,
      null,
      "wu.lan",
    ]);
    expect(store.takeWelcome(hash(2), 9)).toBe(null);
  });

  it("attempts are those of every process, and are forgotten when they are over", () => {
    store.putAttempts({ key: "a", failures: 1, nextAt: 5 });
    another().putAttempts({ key: "a", failures: 2, nextAt: 7 });
    another().putAttempts({ key: "b", failures: 1, nextAt: 6 });
    expect(store.attempts("a")).toEqual({ key: "a", failures: 2, nextAt: 7 });
    expect(store.attempts("c")).toBe(null);
    expect(store.endAttempts(7)).toBe(1);
    expect(store.attempts("b")).toBe(null);
    store.dropAttempts("a");
    expect([store.attempts("a"), store.endAttempts(0)]).toEqual([null, 0]);
  });

  it("sessions end one by one, with their operator, and with time", () => {
    for (const name of ["lin.mei", "wu.lan"]) store.putOperator(operator(name));
    const session = (byte: number, name: string, createdAt: number, lastSeenAt: number) => ({
      ...{ hash: hash(byte), name, createdAt, lastSeenAt },
    });
    store.putSession(session(1, "lin.mei", 10, 10));
    store.putSession(session(1, "lin.mei", 99, 20));
    expect(another().session(hash(1))).toEqual(session(1, "lin.mei", 10, 20));
    store.putSession(session(2, "wu.lan", 11, 30));
    store.putSession(session(3, "lin.mei", 30, 30));
    store.endSessions(11, 20);
    const left = () => [1, 2, 3].filter((byte) => store.session(hash(byte)) !== null);
    expect(left()).toEqual([2, 3]);
    store.endSessions(11, 31);
    expect(left()).toEqual([]);
    for (const byte of [1, 2]) store.putSession(session(byte, byte === 1 ? "lin.mei" : "wu.lan", 40, 40));
    store.dropSessionsOf("lin.mei");
    expect(left()).toEqual([2]);
    store.dropSession(hash(2));
    expect(left()).toEqual([]);
  });

  it("passkeys are each one's own, oldest first, and an id is there once", () => {
    for (const name of ["lin.mei", "wu.lan"]) store.putOperator(operator(name));
    store.putPasskey(passkey("b"));
    store.putPasskey(passkey("a"));
    store.putPasskey(passkey("c", "wu.lan"));
    expect(() => store.putPasskey(passkey("c"))).toThrow();
    expect(another().passkeys("lin.mei")).toEqual([passkey("b"), passkey("a")]);
    expect([store.passkey("c"), store.passkey("d")]).toEqual([passkey("c", "wu.lan"), null]);
    expect([store.dropPasskey("lin.mei", "c"), store.dropPasskey("lin.mei", "b")]).toEqual([false, true]);
    store.dropPasskeysOf("wu.lan");
    expect(["lin.mei", "wu.lan"].flatMap(store.passkeys)).toEqual([passkey("a")]);
  });

  it("a challenge is taken once, before its end, by whichever process, and the newest are kept", () => {
    const challenge = (byte: number, name: string | null = null) => ({ hash: hash(byte), name, expiresAt: 10 });
    store.putChallenge(challenge(1, "lin.mei"), 3);
    expect(another().takeChallenge(hash(1), 9)).toEqual(challenge(1, "lin.mei"));
    expect(store.takeChallenge(hash(1), 9)).toBe(null);
    store.putChallenge(challenge(2), 3);
    expect([store.takeChallenge(hash(2), 10), store.takeChallenge(hash(2), 9)]).toEqual([null, null]);
    for (const byte of [3, 4, 5, 6]) store.putChallenge(challenge(byte), 3);
    expect([3, 4, 5, 6].filter((byte) => store.takeChallenge(hash(byte), 1) !== null)).toEqual([4, 5, 6]);
  });

  it("acts are told newest first, in pages; reviews oldest first", () => {
    for (const at of [1, 2, 3]) store.recordAct({ at, by: "lin.mei", act: "export", what: `${at}` });
    const page = another().acts(Number.MAX_SAFE_INTEGER, 2);
    expect(page.map(({ what }) => what)).toEqual(["3", "2"]);
    expect(store.acts(page.at(-1)?.number ?? 0, 2)).toEqual([
      { number: 1, at: 1, by: "lin.mei", act: "export", what: "1" },
    ]);
    const review = { of, at: 1, by: "lin.mei", verdict: "questioned", note: "why?" } as const;
    store.recordReview(review);
    store.recordReview({ ...review, verdict: "approved", note: "" });
    expect(another().reviews(of)).toEqual([review, { ...review, verdict: "approved", note: "" }]);
    expect(store.reviews({ ...of, seq: 4 })).toEqual([]);
  });

  it("one change is stored as a whole, or not at all", () => {
    expect(() =>
      store.atomically(() => {
        store.putOperator(operator("lin.mei"));
        store.recordAct({ at: 1, by: "x", act: "y", what: "z" });
        throw new Error("the power went");
      }),
    ).toThrow("the power went");
    expect([store.operators(), store.acts(99, 9)]).toEqual([[], []]);
    expect(store.atomically(() => 7)).toBe(7);
  });
});

it("on SQLite, the file itself refuses to change or delete an act or a review", () => {
  const folder = mkdtempSync(join(tmpdir(), "operators-"));
  const store = stores.sqlite(folder);
  store.recordAct({ at: 1, by: "lin.mei", act: "export", what: "csv" });
  store.recordReview({ of, at: 1, by: "lin.mei", verdict: "approved", note: "" });
  const file = new DatabaseSync(join(folder, "operators.sqlite"));
  for (const change of [
    "UPDATE acts SET by = 'somebody'",
    "DELETE FROM acts",
    "UPDATE reviews SET verdict = 'annulled'",
    "DELETE FROM reviews",
  ]) {
    expect(() => file.exec(change), change).toThrow("nothing recorded is edited");
  }
  file.close();
  store.close();
  rmSync(folder, { recursive: true });
});
