/** Where staff hand entries over: what it shows, when it gives way, and that it closes by itself. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { TakenOver } from "../kiosk/rescue/carrier.ts";
import { createRescueDesk, framesPerSecond, type RescueDesk } from "../kiosk/rescue/desk.ts";
import type { Gathered } from "../kiosk/rescue/gather.ts";
import type { HandOver, Press } from "../kiosk/session.ts";
import type { Bytes } from "../shared/bytes.ts";
import { encodeFrames, frameBytes } from "../shared/rescue-frames.ts";
import { createFakeClock, type FakeClock } from "./city.ts";

let clock: FakeClock;
let desk: RescueDesk;
let shown: (HandOver | null)[];
let gathered: Gathered;
let gathering: () => Promise<Gathered>;
let saved: { readonly name: string; readonly bytes: Bytes }[];
let isPicked: boolean;
let chosen: Bytes | null;
let taken: Bytes[];
let answer: TakenOver | Error;

const bytesOf = (length: number): Bytes => Uint8Array.from({ length }, (_, index) => index % 251);

beforeEach(() => {
  clock = createFakeClock();
  [shown, saved, isPicked, chosen, taken] = [[], [], true, null, []];
  gathered = { entries: 7, rescues: [bytesOf(3 * frameBytes - 20)], unread: [] };
  gathering = async () => gathered;
  answer = { entries: 5, refused: null };
  open(true);
});

const open = (canTake: boolean): void => {
  desk = createRescueDesk({
    terminal: "gate-1",
    gather: () => gathering(),
    carrier: canTake ? { take: takeIt, pending: () => 3 } : null,
    show: (screen) => shown.push(screen),
    loadQr: async () => (text) => ({ size: 9, path: `M${text.length}` }),
    saveFile: async (name, bytes) => {
      if (isPicked) saved.push({ name, bytes });
      return isPicked ? "saved" : null;
    },
    openFile: async () => chosen,
    clock,
  });
};
const takeIt = async (file: Bytes): Promise<TakenOver> => {
  taken.push(file);
  if (answer instanceof Error) throw answer;
  return answer;
};

const now = (): HandOver | null | undefined => shown.at(-1);
type Kind = "hand-over" | "save-file" | "show-moving" | "take-over" | "open-file" | "pause" | "slow" | "back" | "leave";
const press = (kind: Kind | "more-time"): boolean => desk.press({ kind } as Press);
/** In a moment, since it reads and hashes. */
const shows = (screen: object | null): Promise<void> =>
  vi.waitFor(() => expect(now()).toEqual(screen === null ? null : expect.objectContaining(screen)), {
    timeout: 20_000,
    interval: 2,
  });
/** Opened, and everything counted. */
const openDesk = async (): Promise<void> => {
  press("hand-over");
  await shows({ stage: "menu", unsent: gathered.entries });
};
const sight = (text: string): boolean => desk.sight({ text, seenAt: 0 });

describe("the menu", () => {
  it("counts what is unsent, and says what can be done", async () => {
    expect(desk.press({ kind: "hand-over" })).toBe(true);
    expect(now()).toMatchObject({ stage: "menu", unsent: null, canMove: false, canTake: true, carried: 3 });
    await shows({ stage: "menu", unsent: 7, canMove: true, notice: null });
  });

  it("offers no moving code where it would take too long, or there are several rescues", async () => {
    gathered = { ...gathered, rescues: [bytesOf(1200 * frameBytes)] };
    await openDesk();
    expect(now()).toMatchObject({ unsent: 7, canMove: true });
    gathered = { ...gathered, rescues: [bytesOf(1200 * frameBytes + 1)] };
    await openDesk();
    expect(now()).toMatchObject({ unsent: 7, canMove: false });
    gathered = { ...gathered, rescues: [bytesOf(10), bytesOf(10)] };
    await openDesk();
    expect(now()).toMatchObject({ unsent: 7, canMove: false });
  });

  it("says what could not be read", async () => {
    gathered = { entries: 0, rescues: [], unread: ["the disk does not answer"] };
    await openDesk();
    expect(now()).toMatchObject({ unsent: 0, notice: { kind: "failed", detail: "the disk does not answer" } });
  });

  it("takes nothing over before there is a bundle", async () => {
    open(false);
    await openDesk();
    expect(now()).toMatchObject({ canTake: false, carried: 0 });
  });

  it("calls nobody back who went on before all was counted", async () => {
    press("hand-over");
    press("take-over");
    await encodeFrames(gathered.rescues[0] ?? bytesOf(0)); // as the desk does with it
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(now()).toMatchObject({ stage: "taking" });
    press("back");
    expect(now()).toMatchObject({ stage: "menu", unsent: 7 });
  });

  it("leaves presses alone that are not its own", async () => {
    expect(press("leave")).toBe(false);
    await openDesk();
    expect(press("leave")).toBe(true);
    expect([now(), desk.isOpen()]).toEqual([null, false]);
    expect(press("leave")).toBe(false);
  });
});

describe("a file", () => {
  it("has every rescue one after another, and a name", async () => {
    gathered = { ...gathered, rescues: [bytesOf(10), bytesOf(20)] };
    await openDesk();
    press("save-file");
    await shows({ stage: "menu", notice: { kind: "saved", entries: 7 } });
    expect(saved.map(({ name, bytes }) => [name, bytes.length])).toEqual([
      ["greenlane-rescue-gate-1-2027-01-15.glr", 30],
    ]);
  });

  it("is not said to be saved where nobody chose one", async () => {
    isPicked = false;
    await openDesk();
    const before = shown.length;
    press("save-file");
    await expect.poll(() => shown.length).toBe(before + 1);
    expect([saved, now()]).toMatchObject([[], { stage: "menu", notice: null }]);
  });

  it("of another terminal is taken over, or why not", async () => {
    await openDesk();
    const before = shown.length;
    press("open-file");
    await expect.poll(() => shown.length).toBe(before + 1);
    expect([taken, now()]).toMatchObject([[], { stage: "menu", notice: null }]);
    chosen = bytesOf(50);
    press("open-file");
    await shows({ notice: { kind: "taken", entries: 5 } });
    expect(taken).toEqual([chosen]);
    answer = { entries: 0, refused: "foreign" };
    press("open-file");
    await shows({ notice: { kind: "refused", fault: "foreign" } });
    answer = new Error("the disk is full");
    press("open-file");
    await shows({ notice: { kind: "failed", detail: "the disk is full" } });
  });
});

describe("a moving code", () => {
  const start = async (): Promise<readonly string[]> => {
    await openDesk();
    press("show-moving");
    await shows({ stage: "moving", frame: 1 });
    return encodeFrames(gathered.rescues[0] ?? bytesOf(0));
  };
  const frames = (): readonly unknown[] => shown.flatMap((each) => (each?.stage === "moving" ? [each.code.text] : []));

  it("shows every text, over and over, at its pace", async () => {
    const texts = await start();
    expect(texts).toHaveLength(3);
    for (let step = 0; step < 6; step++) clock.move(1 / framesPerSecond.usual);
    expect(frames()).toEqual([...texts, ...texts, texts[0]]);
    expect(now()).toMatchObject({ frame: 1, frames: 3 });
  });

  it("stands still, goes on, and goes slower", async () => {
    await start();
    press("pause");
    const before = frames().length;
    clock.move(5);
    expect([frames().length, now()]).toMatchObject([before, { isPaused: true, frame: 1 }]);
    press("slow");
    press("pause");
    expect(now()).toMatchObject({ isPaused: false, isSlow: true, frame: 1 });
    clock.move(1 / framesPerSecond.usual);
    expect(now()).toMatchObject({ frame: 1 });
    clock.move(1 / framesPerSecond.slow);
    expect(now()).toMatchObject({ frame: 2 });
  });

  it("closes by itself, after ten minutes and a warning", async () => {
    await start();
    let seconds = 0;
    for (; desk.isOpen() && seconds < 2000; seconds += 0.5) clock.move(0.5);
    expect(seconds).toBeGreaterThan(600 + 60);
    expect(seconds).toBeLessThan(600 + 60 + 40);
    expect(shown.filter((each) => each?.warning === 25).length).toBeGreaterThan(0);
  });

  it("is gone with the desk", async () => {
    await start();
    press("leave");
    clock.move(5);
    expect(now()).toBeNull();
  });
});

describe("another terminal's moving code", () => {
  const rescue = bytesOf(2 * frameBytes + 7);

  it("is taken over once every text was read, in any order", async () => {
    const [first = "", second = "", third = ""] = await encodeFrames(rescue);
    expect(sight(first)).toBe(true); // nobody asked for it yet, and it is nobody's tap
    expect(shown).toEqual([]);
    await openDesk();
    expect(sight(first)).toBe(true);
    press("take-over");
    expect(now()).toMatchObject({ stage: "taking", read: 0, total: null });
    expect([sight(third), sight(third), sight(first)]).toEqual([true, true, true]);
    expect(now()).toMatchObject({ read: 2, total: 3 });
    expect(taken).toEqual([]);
    sight(second);
    sight(second);
    await shows({ stage: "menu", notice: { kind: "taken", entries: 5 } });
    expect(taken).toEqual([rescue]);
  });

  it("leaves the codes of citizens to the terminal, and swallows what is half of its own", async () => {
    await openDesk();
    press("take-over");
    expect([sight("GL1:ABC"), sight("9787302511625"), sight("GLR1:ABC")]).toEqual([false, false, true]);
    expect(now()).toMatchObject({ stage: "taking", read: 0 });
  });

  it("begins anew when it is another one, and when it was left", async () => {
    const [first = "", second = ""] = await encodeFrames(rescue);
    const [other = ""] = await encodeFrames(bytesOf(9 * frameBytes));
    await openDesk();
    press("take-over");
    sight(first);
    sight(other);
    expect(now()).toMatchObject({ read: 1, total: 9 });
    press("back");
    press("take-over");
    sight(second);
    expect(now()).toMatchObject({ read: 1, total: 3 });
  });
});

describe("the desk gives way", () => {
  it("to whoever is served", async () => {
    for (const name of ["ready", "setup", "out-of-service"] as const) {
      await openDesk();
      desk.give({ name } as never);
      expect(desk.isOpen()).toBe(true);
    }
    for (const name of ["reading", "result", "refer", "session"] as const) {
      await openDesk();
      desk.give({ name } as never);
      expect([desk.isOpen(), now()]).toEqual([false, null]);
    }
  });

  it("when nobody uses it, after a warning that can be answered", async () => {
    await openDesk();
    clock.move(60);
    expect(now()).toMatchObject({ stage: "menu", warning: 25 });
    press("more-time");
    expect(now()).toMatchObject({ stage: "menu", warning: null });
    clock.move(59);
    expect(desk.isOpen()).toBe(true);
    for (let second = 0; second < 30; second++) clock.move(1);
    expect([desk.isOpen(), now()]).toEqual([false, null]);
  });

  it("and does not open again when what it waited for is done", async () => {
    let finish = (): void => {};
    const waiting = new Promise<Gathered>((resolve) => {
      finish = () => resolve(gathered);
    });
    await openDesk();
    gathering = () => waiting;
    press("save-file");
    press("leave");
    finish();
    await expect.poll(() => saved.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect([desk.isOpen(), now()]).toEqual([false, null]);
  });
});
