import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPostgresOrderMemory } from "../edge-server/adapters/order-memory-postgres.ts";
import { createOrderMemory, type OrderMemory } from "../edge-server/order-memory.ts";
import { type Cluster, startPostgres } from "./postgres.ts";

/** What every memory of orders promises. Where servers share one, `others` have it, too. */

let cluster: Cluster | null;
beforeAll(async () => {
  cluster = await startPostgres(["fsync=off"]);
}, 60_000);
afterAll(async () => {
  await cluster?.stop();
}, 60_000);

describe.each(["one server", "PostgreSQL"])("what is remembered of orders: %s", (name) => {
  const isShared = name === "PostgreSQL";
  let url: string;
  let memory: OrderMemory;
  const opened: OrderMemory[] = [];
  const open = async (rowsMax?: number): Promise<OrderMemory> => {
    const made = isShared ? await createPostgresOrderMemory(url, rowsMax) : createOrderMemory(rowsMax);
    opened.push(made);
    return made;
  };
  beforeEach(async ({ skip }) => {
    if (isShared && cluster === null) return skip("no PostgreSQL");
    url = (await cluster?.addDatabase()) ?? "";
    memory = await open();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  it("a code is taken once, and what was answered is told to whoever takes it again", async () => {
    expect(await memory.find("a")).toBeNull();
    expect(await memory.take("a", 10, "one", 5)).toBeNull();
    expect(await memory.take("a", 10, "two", 5)).toEqual({ items: "one", answer: null });
    const answer = { kind: "ordered", fee: 300, currency: "CNY" } as const;
    await memory.keep("a", answer);
    await memory.keep("b", answer);
    expect(await memory.find("a")).toEqual({ items: "one", answer });
    expect(await memory.find("b")).toBeNull();
    if (isShared) expect(await (await open()).take("a", 10, "one", 5)).toEqual({ items: "one", answer });
  });

  it("is taken by one of many who come at once", async () => {
    const servers = isShared ? [memory, await open()] : [memory];
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => servers[index % servers.length]?.take("a", 10, `${index}`, 5)),
    );
    expect(all.filter((each) => each === null)).toHaveLength(1);
  });

  it("is forgotten once it is over, and full before that", async () => {
    const small = await open(2);
    expect([await small.take("a", 10, "", 5), await small.take("b", 12, "", 5)]).toEqual([null, null]);
    expect(await small.take("c", 20, "", 10)).toBe("full");
    expect(await small.take("a", 10, "", 10)).toEqual({ items: "", answer: null });
    expect(await small.take("c", 20, "", 11)).toBeNull();
    expect([await small.find("a"), (await small.find("b")) === null]).toEqual([null, false]);
  });
});
