/** What staff are told of the terminal's clock, a row a world, and the time that is used meanwhile. */
import { describe, expect, it, test } from "vitest";
import { type ClockWatch, clockAlarms, noteAck, notePresented, nothingSeen } from "../kiosk/clock-watch.ts";
import { createJournal } from "../kiosk/journal.ts";
import type { LogStore } from "../kiosk/ports.ts";
import { createFakeClock, noChance } from "./city.ts";
import { now } from "./sample.ts";

const right = { device: now, floor: now - 60 };

/** Phones that show codes one after another, `offset` seconds off; refused as `verify` does with a window of 90 s. */
const seen = (offsets: readonly number[]): ClockWatch =>
  offsets.reduce((watch, offset, tap) => {
    const at = now + 1000 * tap;
    return notePresented(watch, { issuedAt: at + offset, at, isRefused: offset > 20 || offset < -90 });
  }, nothingSeen);

const times = (count: number, offset: number): readonly number[] => Array.from({ length: count }, () => offset);

describe("the phones shown here", () => {
  test.each<[string, readonly number[], readonly string[]]>([
    ["none", [], []],
    ["codes as phones make them", [0, -5, -29, -12, -20, -3, -15], []],
    ["30 s off", times(5, 30), []],
    ["31 s ahead of us", times(5, 31), ["clock: it seems 31 s behind the phones shown here, and most of their codes"]],
    ["30 s behind us", times(5, -30), []],
    ["31 s behind us", times(5, -31), ["clock: it seems 31 s ahead of the phones shown here"]],
    ["four of them, hours off", times(4, 7200), []],
    ["hours ahead of us", times(15, 7200), ["it seems 7200 s behind the phones shown here, and most of their codes"]],
    ["hours behind us", times(15, -7200), ["it seems 7200 s ahead of the phones shown here, and most of their codes"]],
    ["a few that are wrong among right ones", [...times(7, 7200), ...times(8, -10)], []],
    ["most of them wrong", [...times(8, 7200), ...times(7, -10)], ["behind"]],
    ["wrong to both sides", [...times(7, 7200), ...times(7, -7200), -10], []],
    ["right again, fifteen codes later", [...times(15, 7200), ...times(15, -10)], []],
    ["eight of the last fifteen right", [...times(15, 7200), ...times(8, -10)], []],
  ])("%s", (_name, offsets, alarms) => {
    const said = clockAlarms(seen(offsets), right);
    expect(said).toEqual(alarms.map((alarm) => expect.stringContaining(alarm)));
  });

  it("are not many because one old picture is held up many times", () => {
    const picture = (tap: number) => ({ issuedAt: now - 7200, at: now + tap, isRefused: true });
    const watch = Array.from({ length: 15 }, (_, tap) => picture(tap)).reduce(notePresented, seen(times(4, -10)));
    expect(clockAlarms(watch, right)).toEqual([]);
  });

  it("name the clock as the cause only where most codes are refused to one side", () => {
    const all = [...times(8, -40), ...times(7, -7200)];
    expect(clockAlarms(seen(all), right)).toEqual([expect.not.stringContaining("set the clock")]);
    const most = [...times(7, -40), ...times(8, -7200)];
    expect(clockAlarms(seen(most), right)).toEqual([expect.stringContaining("set the clock")]);
  });
});

describe("signed times", () => {
  test.each<[string, { device: number; floor: number }, number | null, readonly string[]]>([
    ["agree", { device: now, floor: now - 5 }, 0, []],
    ["30 s later than the device", { device: now, floor: now + 30 }, 30, []],
    ["31 s later than the device", { device: now, floor: now + 31 }, 31, ["31 s behind the newest signed time"]],
    ["31 s before the device, in an ack", { device: now, floor: now - 31 }, -31, ["31 s ahead of the server's"]],
    ["30 s before the device, in an ack", { device: now, floor: now - 30 }, -30, []],
    ["long ago, and no ack", { device: now, floor: now - 99_999 }, null, []],
  ])("%s", (_name, device, ackOffset, alarms) => {
    const watch = ackOffset === null ? nothingSeen : noteAck(nothingSeen, now + ackOffset, now);
    expect(clockAlarms(watch, device)).toEqual(alarms.map((alarm) => expect.stringContaining(alarm)));
  });
});

describe("the time that is used", () => {
  const journalAt = (floorAt: number) => {
    const clock = createFakeClock();
    const head = { seq: 0, hash: new Uint8Array(32) };
    const chain = { terminal: "t-1", epoch: new Uint8Array(16) };
    const written: string[] = [];
    const store = {
      append: async (entry: { readonly bytes: Uint8Array }) =>
        void written.push(JSON.parse(new TextDecoder().decode(entry.bytes)).clock),
    } as unknown as LogStore;
    return {
      clock,
      written,
      journal: createJournal({ chain, head, ackedSeq: 0, floorAt, isNew: false }, store, clock, noChance),
    };
  };
  const fault = { kind: "fault", part: "gate", cause: "a test" } as const;

  it("is the device's, unless a signed time is later: then that one, and it goes on", async () => {
    const { clock, journal, written } = journalAt(0);
    expect(journal.now()).toBe(now);
    await journal.write(fault);
    journal.raiseFloor(now + 3600);
    expect(journal.now()).toBe(now + 3600);
    await journal.write(fault);
    clock.move(50);
    expect(journal.now()).toBe(now + 3650);
    journal.raiseFloor(now + 3610);
    expect([journal.now(), journal.floor()]).toEqual([now + 3650, now + 3650]);
    expect(written).toEqual(["device", "floor"]);
  });

  it("knows the signed time that was stored", () => {
    expect(journalAt(now + 7).journal.now()).toBe(now + 7);
    expect(journalAt(now - 7).journal.now()).toBe(now);
  });
});
