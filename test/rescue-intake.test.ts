/** What another terminal or a file brings: judged under the key of whom it comes from, and taken once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { auditLedger } from "../edge-server/audit.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { type Bytes, concatBytes, fromBase64url, toUtf8 } from "../shared/bytes.ts";
import type { RescueAnswer } from "../shared/messages.ts";
import { type OperatorKey, rescueBytesMax } from "../shared/rescue.ts";
import { encodeFrames } from "../shared/rescue-frames.ts";
import { readStatement } from "../shared/sync.ts";
import { collect } from "./collect.ts";
import { makeRecords, must, nowhere, run } from "./records.ts";
import { gzip, importOperatorKey, makeRescue } from "./rescue-sample.ts";
import { drawKey, now } from "./sample.ts";
import { createTerminal, createWorld, problemWord, sendSigned, type TestTerminal, type World } from "./world.ts";

const write = async (terminal: TestTerminal, count: number): Promise<void> => {
  for (let i = 0; i < count; i++)
    await terminal.write({ kind: "fault", part: "gate", cause: "a test" }, { item: `${i}` });
};

describe("POST /v1/rescues", () => {
  let world: World;
  let operator: OperatorKey;
  let broken: TestTerminal;
  let carrier: TestTerminal;
  beforeEach(async () => {
    world = await createWorld();
    operator = await importOperatorKey(toUtf8("operator"));
    broken = await world.addTerminal("gate-1");
    carrier = await world.addTerminal("gate-2");
    await write(broken, 9);
  });

  const media = { "content-type": "application/greenlane-rescue" };
  const send = (sealed: Bytes, by: Pick<TestTerminal, "id" | "key"> = carrier, headers: object = media) =>
    sendSigned(world.app, by, "/v1/rescues", sealed, { headers: { ...headers } });
  const answerTo = async (sealed: Bytes): Promise<RescueAnswer> => {
    const response = await send(sealed);
    expect(response.status).toBe(200);
    return response.json();
  };
  const kindsOf = ({ batches }: RescueAnswer): readonly unknown[] =>
    batches.map((each) => (each.kind === "acked" ? each.added : each.problem.type.split(":").at(-1)));
  const rescue = (batches: readonly Bytes[], by = operator) => makeRescue("gate-1", batches, by);

  it("stores the batches of another terminal, and acknowledges each to its very end", async () => {
    const answer = await answerTo(await rescue([await broken.batch(1, 4), await broken.batch(5, 9)]));
    expect([answer.terminal, kindsOf(answer)]).toEqual(["gate-1", [4, 5]]);
    for (const [at, seq] of [4, 9].entries()) {
      const batch = answer.batches[at];
      const ack = batch?.kind === "acked" ? fromBase64url(batch.ack) : null;
      expect(await readStatement("ack", ack ?? new Uint8Array(0), [world.edge])).toEqual({
        ...broken.chain,
        seq,
        hash: broken.entries[seq - 1]?.hash,
        at: now,
      });
    }
    expect(await collect(world.ledger.entries(broken.chain))).toMatchObject(broken.entries);
    expect((await collect(world.ledger.entries(carrier.chain))).length).toBe(0);
    const keys = { roots: await openAllRoots(world.rootBytes, []), registry: world.registry };
    expect(await auditLedger(world.ledger, keys)).toMatchObject({ entries: 9, problems: [] });
  });

  it("changes nothing the second time, whoever brings it, nor when the terminal comes back and sends it itself", async () => {
    const sealed = await rescue([await broken.batch(1, 9)]);
    expect(kindsOf(await answerTo(sealed))).toEqual([9]);
    expect(kindsOf(await answerTo(sealed))).toEqual([0]);
    expect(kindsOf(await answerTo(await rescue([await broken.batch(3, 7)])))).toEqual([0]);
    expect((await sendSigned(world.app, broken, "/v1/log", await broken.batch(1, 9))).status).toBe(200);
    expect(await world.ledger.count()).toBe(9);
  });

  it("acknowledges to the end of the batch, though the terminal has sent more since", async () => {
    const sealed = await rescue([await broken.batch(1, 4)]);
    await sendSigned(world.app, broken, "/v1/log", await broken.batch(1, 9));
    const [batch] = (await answerTo(sealed)).batches;
    const ack = batch?.kind === "acked" ? fromBase64url(batch.ack) : null;
    const said = await readStatement("ack", ack ?? new Uint8Array(0), [world.edge]);
    expect([said?.seq, said?.hash]).toEqual([4, broken.entries[3]?.hash]);
  });

  it("takes what comes at once, by several ways, once", async () => {
    const sealed = await rescue([await broken.batch(1, 5), await broken.batch(1, 9)]);
    const answers = await Promise.all([
      ...[1, 2].map(() => send(sealed)),
      sendSigned(world.app, broken, "/v1/log", await broken.batch(1, 7)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await world.ledger.count()).toBe(9);
  });

  it("judges each batch for itself: a gap, a fork, an altered one and one by another key stop none of the others", async () => {
    const other = await broken.sibling();
    await other.write({ kind: "started", app: "2", newEpoch: true });
    await write(other, 3);
    const newEpoch = await createTerminal("gate-1", broken.key);
    await write(newEpoch, 2);
    const wrongKey = await drawKey();
    const answer = await answerTo(
      await rescue([
        await broken.batch(1, 2),
        await broken.batch(5, 6),
        await other.batch(1, 4),
        await broken.batch(3, 4, wrongKey),
        await newEpoch.batch(1, 2),
        await broken.batch(3, 4),
      ]),
    );
    expect(kindsOf(answer)).toEqual([2, "gap", "fork", "not-signed", 2, 2]);
    expect(answer.batches[1]).toMatchObject({ problem: { next: 3, status: 409 } });
    expect(await world.ledger.count()).toBe(6);
    expect(await collect(world.ledger.forks())).toMatchObject([{ ...broken.chain, seq: 1 }]);
    const [third] = broken.entries.slice(4, 5);
    if (third === undefined) throw new Error("an entry");
    broken.entries[4] = { ...third, bytes: toUtf8("altered") };
    expect(kindsOf(await answerTo(await rescue([await broken.batch(5, 6)])))).toEqual(["altered"]);
  });

  it("keeps and flags what comes from a revoked terminal", async () => {
    world.revokeTerminal("gate-1");
    expect(kindsOf(await answerTo(await rescue([await broken.batch(1, 9)])))).toEqual([9]);
    const kept = await collect(world.ledger.entries(broken.chain));
    expect(new Set(kept.map(({ isAfterRevocation }) => isAfterRevocation))).toEqual(new Set([true]));
  });

  it("stores nothing that the terminal's own key has not signed, however well it is sealed", async () => {
    const thief = await createTerminal("gate-1", carrier.key);
    await write(thief, 3);
    expect(kindsOf(await answerTo(await rescue([await thief.batch(1, 3)])))).toEqual(["not-signed"]);
    expect(await world.ledger.count()).toBe(0);
  });

  it.each([
    [
      "of another operator",
      async () => makeRescue("gate-1", [await broken.batch()], await importOperatorKey(toUtf8("x"))),
    ],
    ["cut off", async () => (await rescue([await broken.batch()])).slice(0, 300)],
    ["altered", async () => (await rescue([await broken.batch()])).with(100, 1).with(101, 2) as Bytes],
    ["that is none", async () => toUtf8("something else")],
    [
      "of a terminal that nobody knows",
      async () => {
        const stranger = await createTerminal("gate-9", broken.key);
        await write(stranger, 1);
        return makeRescue("gate-9", [await stranger.batch()], operator);
      },
    ],
  ])("refuses one %s, says why, and stores nothing", async (_, make) => {
    const response = await send(await make());
    expect(response.status).toBe(422);
    const problem = await response.clone().json();
    expect(problem.detail).toMatch(/^\w.{20,}/);
    expect(await problemWord(response)).toBe("rescue-refused");
    expect(await world.ledger.count()).toBe(0);
  });

  it("is for enrolled terminals only, of one media type and a bounded size", async () => {
    const sealed = await rescue([await broken.batch()]);
    const stranger = { id: "gate-3", key: await drawKey() };
    expect((await send(sealed, stranger)).status).toBe(401);
    expect((await send(sealed, carrier, { "content-type": "application/cbor" })).status).toBe(415);
    expect((await send(new Uint8Array(rescueBytesMax + 1))).status).toBe(413);
    const other = { sentBody: await rescue([await broken.batch(1, 2)]), headers: media };
    expect((await sendSigned(world.app, carrier, "/v1/rescues", sealed, other)).status).toBe(401);
    expect(await world.ledger.count()).toBe(0);
  });

  it("is not there on a mirror", async () => {
    const mirror = await createWorld({ edgeKey: null });
    const terminal = await mirror.addTerminal("gate-1");
    const sealed = await rescue([await broken.batch()]);
    expect((await sendSigned(mirror.app, terminal, "/v1/rescues", sealed, { headers: media })).status).toBe(404);
  });
});

describe("ledger import", () => {
  let records: string;
  let operator: OperatorKey;
  let broken: TestTerminal;
  let file: string;
  beforeEach(async () => {
    records = await makeRecords();
    const keys = await openKeyFiles(pathsIn(records).keys);
    operator = await importOperatorKey(keys.operator.bytes, keys.operator.version);
    broken = await createTerminal("gate-1", await drawKey("P-256"));
    const registry = createSqliteRegistry(pathsIn(records).registry);
    const at = { enrolledAt: 1, revokedAt: null, lastSeenAt: null };
    const profile = { service: "library", programme: "p", site: "s", name: "Desk", actuator: "simulated" } as const;
    registry.putTerminal({ id: "gate-1", profile, key: broken.key.jwk, ...at });
    registry.close();
    await write(broken, 6);
    file = `${nowhere()}.glr`;
  });
  const saving = (bytes: Uint8Array): string => {
    writeFileSync(file, bytes);
    return file;
  };
  const count = async (): Promise<number> => {
    const ledger = createSqliteLedger(pathsIn(records).ledger);
    const entries = await ledger.count();
    await ledger.close();
    return entries;
  };
  const rescue = async (from: number, to: number) => makeRescue("gate-1", [await broken.batch(from, to)], operator);

  it("takes the rescues of a file, and says what was new", async () => {
    saving(concatBytes(await rescue(1, 3), await rescue(4, 6)));
    expect(await must(records, "ledger", "import", file)).toBe(
      "gate-1: 3 new, 0 there already.\ngate-1: 3 new, 0 there already.\n",
    );
    expect(JSON.parse(await must(records, "ledger", "import", file, "--json"))).toMatchObject({
      rescues: [
        { terminal: "gate-1", added: 0, present: 3, refused: [], cause: null },
        { terminal: "gate-1", added: 0, present: 3, refused: [], cause: null },
      ],
    });
    expect(await count()).toBe(6);
    expect(await must(records, "ledger", "verify")).toContain("Nothing is wrong.");
  });

  it("takes the texts of a moving code", async () => {
    const frames = await encodeFrames(await rescue(1, 6));
    expect(frames.length).toBeGreaterThan(1);
    saving(toUtf8(`${frames.toReversed().join("\r\n")}\n`));
    expect(await must(records, "ledger", "import", file)).toBe("gate-1: 6 new, 0 there already.\n");
    saving(toUtf8(frames.slice(1).join("\n")));
    const ran = await run(records, ["ledger", "import", file]);
    expect([ran.code, ran.err]).toEqual([
      2,
      `greenlane: ledger import: ${file}: 1 of ${frames.length} texts of the moving code are missing\n`,
    ]);
  });

  it("takes what it can, names the rest, and ends with 1", async () => {
    saving(concatBytes(await rescue(1, 2), await rescue(4, 6), (await rescue(3, 6)).slice(0, -5)));
    const { code, out } = await run(records, ["ledger", "import", file]);
    expect(code).toBe(1);
    expect(out.trim().split("\n")).toEqual([
      "gate-1: 2 new, 0 there already.",
      "gate-1: 0 new, 0 there already.",
      "gate-1: entries 4 to 6 refused: Entries are missing before these (gap); the ledger needs entry 3 first.",
      "A part of the file was refused: it is not whole: its end is missing. Take it off the terminal again.",
    ]);
    expect(await count()).toBe(2);
  });

  it.each([
    [
      "of another operator",
      async () => makeRescue("gate-1", [await broken.batch()], await importOperatorKey(toUtf8("x"))),
      /sealed for another operator/,
    ],
    ["that is none", async () => gzip(toUtf8("a picture")), /this is no rescue of a terminal/],
    ["that is empty", async () => new Uint8Array(0), /it is empty/],
  ])("refuses a file %s in one line, and changes nothing", async (_, make, cause) => {
    saving(await make());
    const { code, err } = await run(records, ["ledger", "import", file]);
    expect([code, err.split("\n").length]).toEqual([2, 2]);
    expect(err).toMatch(cause);
    expect(await count()).toBe(0);
  });

  it("refuses a file that is not there", async () => {
    const { code, err } = await run(records, ["ledger", "import", join(records, "nowhere.glr")]);
    expect([code, err]).toEqual([2, expect.stringMatching(/there is no such file or folder\n$/)]);
  });
});
