/** A chain of which the ledger takes no more: when it is left, and what is shown where it cannot be. */
import { describe, expect, test } from "vitest";
import { leaveChain } from "../kiosk/dead-end.ts";
import type { Screen } from "../kiosk/session.ts";

const leave = async (busySeconds: number, abandon: () => Promise<void>) => {
  const did: string[] = [];
  const shown: Screen[] = [];
  let busy = busySeconds;
  await leaveChain(7, {
    serving: {
      isIdle: () => busy === 0,
      stop: async () => void did.push("stop"),
    },
    log: {
      settled: async () => void did.push("settled"),
      abandon: async (fromSeq) => {
        did.push(`abandon ${fromSeq}`);
        await abandon();
      },
    },
    clock: {
      after: (seconds, callback) => {
        busy -= seconds;
        did.push("wait");
        queueMicrotask(callback);
        return () => {};
      },
    },
    show: (screen) => void shown.push(screen),
    beginAgain: () => void did.push("begin again"),
  });
  return { did, shown };
};

describe("leaving a chain", () => {
  test("whoever is being served is served first; then the page begins again", async () => {
    const { did, shown } = await leave(2, async () => {});
    expect(did).toEqual(["wait", "wait", "stop", "settled", "abandon 7", "begin again"]);
    expect(shown).toEqual([]);
  });

  test("a disk that does not take it: out of service, and not stopped without a word", async () => {
    const { did, shown } = await leave(0, () => Promise.reject(new Error("the disk is full")));
    expect(did).toEqual(["stop", "settled", "abandon 7"]);
    expect(shown).toEqual([{ name: "out-of-service", cause: "storage", detail: "Error: the disk is full" }]);
  });
});
