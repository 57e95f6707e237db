/** The payment port's adapters: what they say of what a payment system answers, and that a key moves money once. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { httpPayments } from "../kiosk/adapters/payments-http.ts";
import { simulatedPayments } from "../kiosk/adapters/payments-simulated.ts";
import type { PaymentOrder } from "../kiosk/payments.ts";

const hold: PaymentOrder = {
  order: "hold",
  of: { terminal: "t-1", epoch: "abc", seq: 7 },
  account: "person",
  amount: 19_900,
  currency: "CNY",
};

describe("a gateway over HTTP", () => {
  let server: Server;
  let answer: { readonly status?: number; readonly body: string } | "hang-up";
  let asked: { readonly url: string | undefined; readonly body: unknown }[];

  beforeEach(async () => {
    asked = [];
    server = createServer(async (request, response) => {
      const body = await new Response(request as never).json();
      asked.push({ url: request.url, body });
      if (answer === "hang-up") return request.socket.destroy();
      response.writeHead(answer.status ?? 200).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const ask = (order: PaymentOrder = hold) =>
    httpPayments(`http://127.0.0.1:${(server.address() as AddressInfo).port}/pay`).ask(order);

  it("is asked as it is documented, by the entry's key", async () => {
    answer = { body: '{"outcome":"done"}' };
    expect(await ask()).toEqual({ outcome: "done" });
    const body = { key: "t-1/abc/7", order: "hold", account: "person", amount: 19_900, currency: "CNY" };
    expect(asked).toEqual([{ url: "/pay/payments", body }]);
  });

  it("may refuse, with a cause or without", async () => {
    answer = { body: '{"outcome":"refused","cause":"not covered"}' };
    expect(await ask()).toEqual({ outcome: "refused", cause: "not covered" });
    answer = { body: '{"outcome":"refused"}' };
    expect(await ask()).toEqual({ outcome: "refused", cause: "" });
  });

  it.each([
    ["hangs up after it was asked", "hang-up"],
    ["answers an error", { status: 500, body: '{"outcome":"done"}' }],
    ["answers no JSON", { body: "done" }],
    ["answers something else", { body: '{"outcome":"maybe"}' }],
    ["answers too much", { body: `{"outcome":"done","x":"${"x".repeat(20_000)}"}` }],
  ] as const)("that %s leaves it unknown", async (_, said) => {
    answer = said;
    expect(await ask()).toMatchObject({ outcome: "unknown", cause: expect.stringMatching(/^the payment system/) });
  });

  it("that is not there leaves it unknown", async () => {
    expect(await httpPayments("http://127.0.0.1:1").ask(hold)).toMatchObject({ outcome: "unknown" });
  });
});

describe("simulated accounts", () => {
  const open = (storage = new Map<string, string>()) => {
    const told = { isReachable: true, pays: true };
    const payments = simulatedPayments({
      slot: "main",
      clock: {
        after: (_, callback) => {
          callback();
          return () => {};
        },
      },
      storage: {
        getItem: (key: string) => storage.get(key) ?? null,
        setItem: (key: string, value: string) => void storage.set(key, value),
      } as Storage,
      isReachable: () => told.isReachable,
      pays: () => told.pays,
    });
    return { payments, told, storage };
  };

  it("say that they are, do as they are asked, also the same again, and refuse a key that was released", async () => {
    const { payments, storage } = open();
    expect(await payments.ask(hold)).toEqual({ outcome: "done", cause: "simulated" });
    expect(await open(storage).payments.ask(hold)).toMatchObject({ outcome: "done" });
    expect(await payments.ask({ ...hold, order: "release" })).toMatchObject({ outcome: "done" });
    expect(await payments.ask(hold)).toMatchObject({ outcome: "refused" });
  });

  it("can say no, and still say yes to what they did before", async () => {
    const { payments, told } = open();
    await payments.ask(hold);
    told.pays = false;
    expect(await payments.ask(hold)).toMatchObject({ outcome: "done" });
    expect(await payments.ask({ ...hold, of: { ...hold.of, seq: 8 } })).toMatchObject({ outcome: "refused" });
  });

  it("answer nothing while they cannot be reached, or cannot remember", async () => {
    const { payments, told, storage } = open();
    told.isReachable = false;
    expect(await payments.ask(hold)).toMatchObject({ outcome: "unknown" });
    expect(storage.size).toBe(0);
    told.isReachable = true;
    storage.set = () => {
      throw new Error("full");
    };
    expect(await payments.ask(hold)).toMatchObject({ outcome: "unknown" });
  });
});
