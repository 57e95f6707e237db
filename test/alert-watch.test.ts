import { describe, expect, it } from "vitest";
import { watchAlerts } from "../edge-server/alert-watch.ts";
import type { LogLine } from "../edge-server/events.ts";
import type { Alert } from "../shared/admin.ts";

const ending: Alert = { what: "certificate", name: "https", at: 10, severity: "soon" };

/** A watch whose looks are answered by hand, and whose time passes by hand. */
const openWatch = () => {
  const lines: LogLine[] = [];
  const looks: { readonly resolve: (alerts: readonly Alert[]) => void; readonly reject: (cause: Error) => void }[] = [];
  const waits: { readonly seconds: number; readonly callback: () => void }[] = [];
  const stop = watchAlerts({
    alerts: () => new Promise((resolve, reject) => looks.push({ resolve, reject })),
    after: (seconds, callback) => {
      const wait = { seconds, callback };
      waits.push(wait);
      return () => void waits.splice(waits.indexOf(wait), 1);
    },
    writeLog: (line) => lines.push(line),
  });
  return { lines, looks, waits, stop };
};

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the alert watch", () => {
  it("says what ends soon at once, and again each day", async () => {
    const { lines, looks, waits } = openWatch();
    looks[0]?.resolve([ending]);
    await settle();
    expect(lines).toEqual([{ event: "alert", what: "certificate", name: "https", severity: "soon" }]);
    expect(waits.map(({ seconds }) => seconds)).toEqual([86_400]);
    waits[0]?.callback();
    looks[1]?.resolve([ending]);
    await settle();
    expect(lines).toHaveLength(2);
  });

  it("says that it could not read, and reads again after an hour", async () => {
    const { lines, looks, waits } = openWatch();
    looks[0]?.reject(new Error("EACCES: tls.pem"));
    await settle();
    expect(lines).toEqual([{ event: "alerts-unread", cause: "EACCES: tls.pem" }]);
    expect(waits.map(({ seconds }) => seconds)).toEqual([3600]);
  });

  it("stops after the look that is under way, and looks no more", async () => {
    const { looks, waits, stop } = openWatch();
    let isStopped = false;
    const stopped = stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect(isStopped).toBe(false);
    looks[0]?.resolve([]);
    await stopped;
    expect(waits).toEqual([]);
  });

  it("stops at once while it waits", async () => {
    const { looks, waits, stop } = openWatch();
    looks[0]?.resolve([]);
    await settle();
    await stop();
    expect(waits).toEqual([]);
  });
});
