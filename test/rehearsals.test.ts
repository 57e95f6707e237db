import * as v from "valibot";
import { afterEach, describe, expect, it } from "vitest";
import { createPostgresLedger } from "../edge-server/adapters/ledger-postgres.ts";
import { publishInThread } from "../edge-server/adapters/publication-thread.ts";
import { createRehearsalThread } from "../edge-server/adapters/rehearsal-thread.ts";
import type { Rehearse } from "../edge-server/rehearse-run.ts";
import { sha256, toHex, toUtf8 } from "../shared/bytes.ts";
import type { Pack } from "../shared/policy.ts";
import { type Rehearsal, type RehearsalRow, rehearsal, rehearsalRow, rehearsalsAnswer } from "../shared/rehearsal.ts";
import { packStatuses, valueOf as valueOfStanding } from "../shared/status-list.ts";
import { type AdminWorld, openAdminWorld } from "./admin-world.ts";
import { waitUntil } from "./live-city.ts";
import { openOperatorWorld } from "./operator-world.ts";
import { type Cluster, startPostgres } from "./postgres.ts";
import { drawKey, samplePack } from "./sample.ts";
import { createTerminal, decidedTap, problemWord, sendSigned } from "./world.ts";

let world: AdminWorld;
let cookie: string;
let cluster: Cluster | null = null;
afterEach(async () => {
  await world.close();
  await cluster?.stop();
  cluster = null;
});

/** With what one terminal recorded: three taps with the perk of band 2, and one on ordinary terms. */
const open = async (
  given: Parameters<typeof openAdminWorld>[0] = {},
  role: "operator" | "administrator" = "administrator",
) => {
  world = await openAdminWorld(given);
  const key = await drawKey("P-256");
  const terminal = await createTerminal("gate-1", key);
  const profile = {
    service: "metro",
    action: "entry",
    programme: "here",
    site: "east",
    name: "1",
    actuator: "simulated",
  } as const;
  world.registry.putTerminal({ id: "gate-1", profile, key: key.jwk, enrolledAt: 1, revokedAt: null, lastSeenAt: null });
  for (const standing of [2, 2, 2, "none"] as const) await terminal.write(decidedTap("00".repeat(32), standing));
  expect((await sendSigned(world.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
  world.clock.now += 60;
  cookie = await world.bringIn("lin.mei", role);
};

/** What was handed in is counted a moment later. */
const counted = () => waitUntil(async () => world.survey.count() === 4);

const nextPack = (changes: Partial<Pack> = {}): Pack => {
  const metro = samplePack.services.metro as NonNullable<Pack["services"]["metro"]>;
  const perks = metro.perks.map((each) => ({ ...each, terms: { ...each.terms, priceFactor: 500 } }));
  return { ...samplePack, version: 4, services: { ...samplePack.services, metro: { ...metro, perks } }, ...changes };
};
const textOf = (pack: unknown): string => JSON.stringify(pack, null, 2);

const begin = (text: string, by = cookie) => world.ask("POST", "/rehearsals", { json: { text, days: 7 }, cookie: by });
const beginList = (csv: string, query = "programme=here&list=a&days=7", headers = {}) =>
  world.ask("POST", `/list-rehearsals?${query}`, {
    body: csv,
    headers: { "content-type": "text/csv", ...headers },
    cookie,
  });
const publish = (number: number, hash: string, by = cookie) =>
  world.ask("POST", `/rehearsals/${number}/publication`, { json: { sha256: hash }, cookie: by });

const listed = async (): Promise<readonly RehearsalRow[]> =>
  v.parse(rehearsalsAnswer, await (await world.ask("GET", "/rehearsals", { cookie })).json()).rehearsals;
/** The newest one, when it is over. */
const over = async (): Promise<Rehearsal> => {
  for (;;) {
    const [newest] = await listed();
    if (newest === undefined) throw new Error("there is none");
    if (newest.state !== "running" && newest.state !== "reading") {
      return v.parse(rehearsal, await (await world.ask("GET", `/rehearsals/${newest.number}`, { cookie })).json());
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
};
const rehearsed = async (text: string): Promise<Rehearsal> => {
  const answer = await begin(text);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return over();
};
const inForce = () => world.registry.packs().find(({ programme }) => programme === "here");

/** Stands still until it is let go on, or stopped. */
const heldRehearse = () => {
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const held = { begun, isStopped: false, isOver: false, goOn: (): void => {} };
  const rehearse: Rehearse = (_, stop, say) =>
    new Promise((resolve) => {
      say(1);
      const end = (): void => {
        held.isStopped = stop.aborted;
        held.isOver = true;
        resolve(
          stop.aborted
            ? null
            : {
                isEstimate: false,
                currency: "CNY",
                services: [],
                groups: [],
                groupsLeftOut: 0,
                untold: { unreadable: 0, "other-cuts": 0 },
              },
        );
      };
      held.goOn = end;
      stop.addEventListener("abort", end);
      begin();
    });
  return { rehearse, held };
};

describe("a pack on the console", () => {
  it("is told everything that is wrong with it by line and column, and changes nothing", async () => {
    await open();
    const text = textOf({ ...nextPack(), verzion: 1, currency: "EUR" });
    const check = await (await world.ask("POST", "/pack-checks", { json: { text }, cookie })).json();
    expect(check.pack).toBeNull();
    const lines = text.split("\n");
    for (const { line, column, at } of check.findings)
      expect(lines[line - 1]?.slice(column - 1)).toContain(at === "currency" ? "EUR" : "verzion");
    expect(check.findings).toHaveLength(2);
    const refused = await begin(text);
    expect([refused.status, await problemWord(refused)]).toEqual([422, "proposal-refused"]);
    expect(await listed()).toEqual([]);
    expect(inForce()).toEqual(samplePack);
  });

  it.each([
    ["an older version", { version: 2 }, "version 3 is in force"],
    ["the same version that says something else", { version: 3 }, "version must be above"],
    ["other cuts under the same number", { cuts: { version: 7, at: [600, 697, 750] } }, "cuts.version must be above 7"],
  ])("%s is refused beside what is in force", async (_, changes, said) => {
    await open();
    const metro = { ...samplePack.services.metro, perks: samplePack.services.metro?.perks.slice(0, 1) };
    const library = { ...samplePack.services.library, perks: samplePack.services.library?.perks.slice(0, 1) };
    const text = textOf(nextPack({ services: { metro, library } as Pack["services"], ...changes }));
    const check = await (await world.ask("POST", "/pack-checks", { json: { text }, cookie })).json();
    expect(check.findings).toMatchObject([{ line: 0, text: expect.stringContaining(said) }]);
    const refused = await begin(text);
    expect([refused.status, (await refused.clone().json()).detail]).toEqual([
      422,
      expect.stringMatching(new RegExp(said, "i")),
    ]);
  });

  it("is rehearsed on the recorded past: counts, money and receipts that the console finds", async () => {
    await open();
    await counted();
    const { state, result, version, sha256: hash, done, total } = await rehearsed(textOf(nextPack()));
    expect({ state, version, done, total }).toEqual({ state: "done", version: 4, done: 4, total: 4 });
    expect(hash).toBe(toHex(await sha256(toUtf8(textOf(nextPack())))));
    expect(result?.services).toMatchObject([{ service: "metro", decisions: 4, more: 3, unchanged: 1, price: -360 }]);
    const [group] = result?.groups ?? [];
    expect(group?.examples).toHaveLength(3);
    const entry = await (await world.ask("GET", `/receipts/${group?.examples[0]}`, { cookie })).json();
    expect(entry.transaction.result.terms.priceFactor).toBe(800);
    expect(JSON.stringify(result)).not.toMatch(/band|standing|pseudonym|identity/);
    expect(inForce()).toEqual(samplePack);
  });

  it("looks at the days that were asked for alone", async () => {
    await open();
    world.clock.now += 10 * 86_400;
    cookie = await world.bringIn("later", "administrator");
    expect((await rehearsed(textOf(nextPack()))).result?.services).toEqual([]);
    await world.ask("POST", "/rehearsals", { json: { text: textOf(nextPack()), days: 30 }, cookie });
    expect((await over()).result?.services).toMatchObject([{ decisions: 4 }]);
  });

  it("comes into force as it was rehearsed, with who did it on record", async () => {
    await open();
    const { number, sha256: hash } = await rehearsed(textOf(nextPack()));
    const before = (await world.publisher.current()).version;
    const answer = await publish(number, hash ?? "");
    expect([answer.status, await answer.json()]).toMatchObject([200, { bundle: before + 1, state: "published" }]);
    expect(inForce()).toEqual(nextPack());
    expect((await world.publisher.current()).version).toBe(before + 1);
    expect((await world.acts())[0]).toMatchObject({
      by: "lin.mei",
      act: "policy-published",
      what: `here version 4 SHA-256 ${hash}`,
    });
  });
});

describe("nothing is published", () => {
  it("that was not rehearsed, or not to its end, or in other bytes", async () => {
    const { rehearse, held } = heldRehearse();
    await open({ rehearse });
    expect(await problemWord(await publish(1, "0".repeat(64)))).toBe("not-found");
    await begin(textOf(nextPack()));
    await held.begun;
    const [running] = await listed();
    const early = await publish(1, running?.sha256 ?? "");
    expect([early.status, await problemWord(early)]).toEqual([409, "rehearsal-missing"]);
    held.goOn();
    await over();
    const other = await publish(1, toHex(await sha256(toUtf8(textOf(nextPack({ version: 5 }))))));
    expect([other.status, await problemWord(other)]).toEqual([409, "rehearsal-missing"]);
    expect(inForce()).toEqual(samplePack);
  });

  it("beside something else than it was rehearsed beside", async () => {
    await open();
    const { number, sha256: hash } = await rehearsed(textOf(nextPack({ version: 5 })));
    world.registry.putPack({ ...samplePack, version: 4 });
    await world.publisher.publish();
    const late = await publish(number, hash ?? "");
    expect([late.status, (await late.clone().json()).detail]).toEqual([
      409,
      expect.stringContaining("rehearse it again"),
    ]);
    expect(await problemWord(late)).toBe("rehearsal-outdated");
    expect(inForce()?.version).toBe(4);
    expect((await world.acts()).map(({ act }) => act)).not.toContain("policy-published");
  });

  it("twice, by two who press at once", async () => {
    await open();
    const other = await world.bringIn("wang.fang", "administrator");
    const { number, sha256: hash } = await rehearsed(textOf(nextPack()));
    const answers = await Promise.all([publish(number, hash ?? ""), publish(number, hash ?? "", other)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await problemWord(await publish(number, hash ?? ""))).toBe("rehearsal-outdated");
    expect((await world.acts()).filter(({ act }) => act === "policy-published")).toHaveLength(1);
  });

  it("by an operator, who may rehearse it", async () => {
    await open({}, "operator");
    const { number, sha256: hash } = await rehearsed(textOf(nextPack()));
    expect(await problemWord(await publish(number, hash ?? ""))).toBe("role-missing");
    expect(inForce()).toEqual(samplePack);
  });

  it("for a page elsewhere", async () => {
    await open();
    const { number, sha256: hash } = await rehearsed(textOf(nextPack()));
    const elsewhere = { "sec-fetch-site": "cross-site" };
    for (const [method, path, json] of [
      ["POST", "/rehearsals", { text: textOf(nextPack()), days: 7 }],
      ["POST", `/rehearsals/${number}/publication`, { sha256: hash }],
      ["DELETE", `/rehearsals/${number}`, undefined],
    ] as const) {
      expect(await problemWord(await world.ask(method, path, { json, cookie, headers: elsewhere })), path).toBe(
        "other-origin",
      );
    }
    expect(await problemWord(await beginList("idx,score\n0,700\n", undefined, elsewhere))).toBe("other-origin");
    expect(inForce()).toEqual(samplePack);
  });
});

describe("a rehearsal under way", () => {
  it("is one, says how far it is, and is cancelled on record", async () => {
    const { rehearse, held } = heldRehearse();
    await open({ rehearse });
    await counted();
    await begin(textOf(nextPack()));
    await held.begun;
    expect(await listed()).toMatchObject([{ state: "running", done: 1, total: 4, by: "lin.mei" }]);
    expect(await problemWord(await begin(textOf(nextPack())))).toBe("too-many");
    const cancelled = await (await world.ask("DELETE", "/rehearsals/1", { cookie })).json();
    expect([cancelled.state, held.isStopped]).toEqual(["cancelled", true]);
    expect((await world.acts())[0]).toMatchObject({ act: "rehearsal-cancelled", by: "lin.mei" });
    expect(await problemWord(await publish(1, cancelled.sha256))).toBe("rehearsal-missing");
    expect((await begin(textOf(nextPack()))).status).toBe(200);
  });

  it("is over before the server has stopped", async () => {
    const { rehearse, held } = heldRehearse();
    await open({ rehearse });
    await begin(textOf(nextPack()));
    await held.begun;
    await world.stop();
    expect([held.isOver, held.isStopped]).toEqual([true, true]);
    expect(await problemWord(await begin(textOf(nextPack())))).toBe("unavailable");
  });

  it("says why it failed, and is not published", async () => {
    await open({ rehearse: async () => Promise.reject(new Error("the disk is gone")) });
    await begin(textOf(nextPack()));
    expect(await over()).toMatchObject({ state: "failed", cause: "the disk is gone" });
    expect((await begin(textOf(nextPack()))).status).toBe(200);
    await over();
  });

  it("in a thread of its own says the same, and stops when it is told to", async () => {
    const folder = { path: "" };
    const thread: Rehearse = (...asked) => createRehearsalThread({ folder: folder.path, databaseUrl: null })(...asked);
    await open({ rehearse: thread });
    folder.path = world.folder;
    const { result, state } = await rehearsed(textOf(nextPack()));
    expect([state, result?.services[0]]).toMatchObject(["done", { decisions: 4, more: 3, price: -360 }]);
    expect(result?.groups[0]?.examples).toHaveLength(3);

    const stop = new AbortController();
    const policy = { v: 1, packs: [] } as never;
    const asked = {
      proposal: { kind: "policy", before: policy, after: policy },
      cuts: [],
      from: 0,
      until: 9e9,
    } as const;
    const stopped = thread(asked, stop.signal, () => {});
    stop.abort();
    // It may have been faster than the word to stop.
    expect([null, 4]).toContain((await stopped)?.untold.unreadable ?? null);
    folder.path = "/nowhere/at/all\0";
    await expect(thread(asked, new AbortController().signal, () => {})).rejects.toThrow();
  });
});

it("reads a ledger on PostgreSQL in its thread as well", async ({ skip }) => {
  cluster = await startPostgres(["fsync=off"]);
  if (cluster === null) {
    await open(); // for what is closed after each
    return skip();
  }
  const databaseUrl = await cluster.addDatabase();
  const rehearse = createRehearsalThread({ folder: "/nowhere", databaseUrl });
  await open({ ledger: await createPostgresLedger(databaseUrl), rehearse });
  const { state, result } = await rehearsed(textOf(nextPack()));
  expect([state, result?.services[0]]).toMatchObject(["done", { decisions: 4, more: 3, price: -360 }]);
});

describe("a publication", () => {
  it("that fails is tried again as it is, and its maker is on record", async () => {
    let fails = 1;
    const publishing = async () => {
      if (fails-- > 0) throw new Error("the disk is full");
      return world.publisher.publish();
    };
    await open({ publish: publishing });
    const { number, sha256: hash } = await rehearsed(textOf(nextPack()));
    expect((await publish(number, hash ?? "")).status).toBe(500);
    expect(await listed()).toMatchObject([{ state: "done", bundle: null }]);
    expect((await publish(number, hash ?? "")).status).toBe(200);
    expect((await world.acts()).filter(({ act }) => act === "policy-published")).toHaveLength(2);
  });

  it("is waited for by whoever stops the server", async () => {
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const publishing = async () => {
      begin();
      await gate;
      return world.publisher.publish();
    };
    await open({ publish: publishing });
    const { number, sha256: hash } = await rehearsed(textOf(nextPack()));
    const answer = publish(number, hash ?? "");
    await begun;
    let isStopped = false;
    const stopped = world.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    goOn();
    expect((await answer).status).toBe(200);
    await stopped;
  });

  it("in a thread of its own is the command line's", async () => {
    await open();
    const office = await openOperatorWorld(Math.floor(Date.now() / 1000));
    try {
      office.registry.putPack(samplePack);
      const { version } = await office.publisher.publish();
      office.registry.putPack(nextPack());
      await publishInThread(office.folder);
      expect((await office.publisher.current()).version).toBe(version + 1);
      expect(office.store.history().filter(({ name }) => name === "policy")).toHaveLength(2);
      await expect(publishInThread("/nowhere/at/all\0")).rejects.toThrow();
    } finally {
      office.close();
    }
  });
});

it("stands in /openapi.json with its roles, its limits and what it refuses", async () => {
  await open();
  const { paths } = await (await world.app.request("/openapi.json")).json();
  const start = paths["/v1/admin/rehearsals"].post;
  expect(start.summary).toContain("(operator)");
  expect(start.requestBody.content["application/json"].schema).toMatchObject({
    required: ["text", "days"],
    additionalProperties: false,
    properties: { text: { maxLength: 400_000 }, days: { enum: [7, 30] } },
  });
  expect(Object.keys(start.responses).sort()).toEqual(["200", "400", "401", "403", "413", "415", "422", "429", "503"]);
  const list = paths["/v1/admin/list-rehearsals"].post;
  expect(Object.keys(list.requestBody.content)).toEqual(["text/csv"]);
  expect(list.parameters.map(({ name }: { name: string }) => name)).toEqual(["programme", "list", "days"]);
  const yes = paths["/v1/admin/rehearsals/{number}/publication"].post;
  expect(yes.summary).toContain("(administrator)");
  expect(yes.responses["409"].description).toMatch(/rehearsal-missing.*rehearsal-outdated/);
});

describe("a list on the console", () => {
  const putList = () => {
    const packed = packStatuses([2, 2, 1, "none"].map((each) => valueOfStanding(each as 1)));
    world.registry.putList({ programme: "here", list: "a", version: 1, cuts: 7, entries: 4, packed });
  };

  it("shows what would change for how many, and on the past about how often", async () => {
    await open();
    putList();
    expect((await beginList("idx,score\n0,700\n1,600\n2,800\n3,\n")).status).toBe(200);
    const { state, list, change, result, sha256: hash, number } = await over();
    expect({ state, list }).toEqual({ state: "done", list: "a" });
    expect(change).toMatchObject({ rows: 4, entries: 4, moved: { added: 0, removed: 1, changed: 1 }, restrictions: 0 });
    expect(change?.services).toContainEqual({ service: "metro", more: 1, less: 1 });
    expect(result).toMatchObject({ isEstimate: true, services: [{ decisions: 4, less: 2, unchanged: 3 }] });
    const answer = await publish(number, hash ?? "");
    expect(answer.status).toBe(200);
    expect(world.registry.list({ programme: "here", list: "a" })).toMatchObject({ version: 2, cuts: 7, entries: 4 });
    expect((await world.acts())[0]).toMatchObject({ act: "list-published", what: `here list a SHA-256 ${hash}` });
  });

  it("of a kind that was never there is published after a look at its counts", async () => {
    await open();
    await beginList("idx,band\r\n0,2\r\n1,revoked\r\n");
    const { state, result, change, number, sha256: hash } = await over();
    expect([state, result, change?.moved]).toEqual(["done", null, { added: 2, removed: 0, changed: 0 }]);
    expect((await publish(number, hash ?? "")).status).toBe(200);
  });

  it("is outdated when the list, or its policy, is another by then", async () => {
    await open();
    putList();
    await beginList("idx,score\n0,700\n");
    const first = await over();
    const packed = packStatuses([valueOfStanding(3)]);
    world.registry.putList({ programme: "here", list: "a", version: 2, cuts: 7, entries: 1, packed });
    expect(await problemWord(await publish(first.number, first.sha256 ?? ""))).toBe("rehearsal-outdated");
    await beginList("idx,score\n0,700\n");
    const second = await over();
    world.registry.putPack(nextPack());
    expect(await problemWord(await publish(second.number, second.sha256 ?? ""))).toBe("rehearsal-outdated");
    expect(world.registry.list({ programme: "here", list: "a" })?.version).toBe(2);
  });

  it.each([
    ["a wrong header", "index,score\n0,1\n", 422, "proposal-refused", "Line 1"],
    ["a score outside the scale", "idx,score\n0,1\n1,5000\n", 422, "proposal-refused", "Line 3"],
    ["the same place twice", "idx,score\n0,1\n0,2\n", 422, "proposal-refused", "Line 3"],
    ["nothing", "", 422, "proposal-refused", "Line 1"],
  ])("with %s is refused by its line, and nothing is kept", async (_, csv, status, word, detail) => {
    await open();
    const refused = await beginList(csv);
    expect([refused.status, (await refused.clone().json()).detail]).toEqual([status, expect.stringContaining(detail)]);
    expect(await problemWord(refused)).toBe(word);
    expect(await listed()).toEqual([]);
    expect((await begin(textOf(nextPack()))).status).toBe(200);
    await over();
  });

  it("is refused where it is too large, of another kind, or of nobody's programme", async () => {
    await open();
    const length = String(257 * 1024 * 1024);
    expect(await problemWord(await beginList("idx,score\n0,1\n", undefined, { "content-length": length }))).toBe(
      "too-large",
    );
    expect(await problemWord(await beginList("x", undefined, { "content-type": "text/plain" }))).toBe(
      "unsupported-media-type",
    );
    expect(await problemWord(await beginList("idx,score\n0,1\n", "programme=nobody&list=a&days=7"))).toBe(
      "proposal-refused",
    );
    for (const query of ["programme=here&list=a&days=8", "programme=here&list=../a&days=7", "programme=here&days=7"]) {
      expect(await problemWord(await beginList("idx,score\n0,1\n", query)), query).toBe("malformed");
    }
    expect(await listed()).toEqual([]);
  });

  it("that comes slowly is cancelled without waiting for its end, and so is one that the server is stopped in", async () => {
    await open();
    const slow = () => {
      const body = new ReadableStream<Uint8Array>({ start: (line) => line.enqueue(toUtf8("idx,score\n0,700\n")) });
      return world.ask("POST", "/list-rehearsals?programme=here&list=a&days=7", {
        body,
        headers: { "content-type": "text/csv" },
        cookie,
      });
    };
    /** It has come so far, and waits for more. */
    const begun = async (number: number): Promise<void> => {
      for (;;) {
        const [newest] = await listed();
        if (newest?.number === number && newest.done === 16) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const first = slow();
    await begun(1);
    expect((await (await world.ask("DELETE", "/rehearsals/1", { cookie })).json()).state).toBe("cancelled");
    expect((await (await first).json()).state).toBe("cancelled");
    const second = slow();
    await begun(2);
    await world.stop();
    expect((await (await second).json()).state).toBe("cancelled");
  });
});

it("takes no larger a pack than it says", async () => {
  await open();
  const large = await begin("x".repeat(1024 * 1024));
  expect([large.status, await problemWord(large)]).toEqual([413, "too-large"]);
  expect((await begin("x".repeat(500_000))).status).toBe(400);
});

it("keeps a few, for an hour", async () => {
  await open();
  for (let round = 0; round < 5; round++) await rehearsed(textOf(nextPack()));
  expect((await listed()).map(({ number }) => number)).toEqual([5, 4, 3]);
  world.clock.now += 3600;
  cookie = await world.bringIn("later", "administrator");
  expect(await listed()).toEqual([]);
  const late = await publish(5, "0".repeat(64));
  expect([late.status, (await late.json()).detail]).toEqual([404, expect.stringContaining("rehearse it again")]);
});

it("hands out packs as they may be written on from", async () => {
  await open();
  const { packs } = await (await world.ask("GET", "/packs", { cookie })).json();
  expect(packs).toMatchObject([{ programme: "here", version: 3, lists: [] }]);
  expect(JSON.parse(packs[0].json)).toEqual(samplePack);
  const { number, sha256: hash } = await rehearsed(textOf(nextPack()));
  await publish(number, hash ?? "");
  const [inForceNow] = (await (await world.ask("GET", "/packs", { cookie })).json()).packs;
  expect(v.is(rehearsalRow, await (await begin(inForceNow.json)).json())).toBe(true);
  expect((await over()).result).toMatchObject({ groups: [], services: [{ decisions: 4, unchanged: 4 }] });
});
