/**
 * What people and pranksters hold up, thirty times a second: at most one tap of it, the right refer, and a lane that serves
 * the next in line.
 */
import { describe, expect, test } from "vitest";
import { createWorld, indexOf, profiles, type World } from "./terminal-world.ts";

const frameMilliseconds = 33;

/** Shows one text a frame, without waiting for what becomes of the last. */
const hold = async (world: World, texts: readonly string[]): Promise<void> => {
  const began = performance.now();
  for (const [at, text] of texts.entries()) {
    world.terminal().sight({ text, seenAt: began + at * frameMilliseconds });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await world.terminal().settled();
};

const permits = (world: World): number => world.commands.filter(({ command }) => command.kind === "open-gate").length;

const repeat = (count: number, text: (at: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, at) => text(at));

const expectServesNext = async (world: World): Promise<void> => {
  await world.pass(12);
  const before = permits(world);
  await world.scan(await (await world.phone(indexOf.band2)).code());
  expect(permits(world)).toBe(before + 1);
};

describe("a gate", () => {
  test("opens once for two good codes in the picture, whichever the camera reports", async () => {
    const world = await createWorld(profiles.metro);
    const [one, two] = [
      await (await world.phone(indexOf.band1)).code(),
      await (await world.phone(indexOf.band2)).code(),
    ];
    world.faults.holdGate = new Promise((resolve) => setTimeout(resolve, 100));
    await hold(
      world,
      repeat(30, (at) => (at % 2 === 0 ? one : two)),
    );
    expect(permits(world)).toBe(1);
    world.faults.holdGate = null;
    await expectServesNext(world);
  });

  test("opens once for two good codes of which one is seldom read, and for the other once it is there alone", async () => {
    const world = await createWorld(profiles.metro);
    const [clear, dim] = [
      await (await world.phone(indexOf.band1)).code(),
      await (await world.phone(indexOf.band2)).code(),
    ];
    await hold(
      world,
      repeat(60, (at) => (at % 10 === 9 ? dim : clear)),
    );
    expect(permits(world)).toBe(1);
    await hold(
      world,
      repeat(120, () => dim),
    );
    expect(permits(world)).toBe(2);
  });

  const bad: readonly [string, string, (at: number) => string][] = [
    ["of another system", "not-ours", () => "https://example.org/ticket/1"],
    ["of 3,000 characters", "unreadable", () => `GL1:${"A".repeat(3_000)}`.slice(0, 1_025)],
    ["of another system, of 3,000 characters", "not-ours", () => "x".repeat(3_000).slice(0, 1_025)],
    ["that changes with every frame", "not-ours", (at) => `ticket ${at}`],
    ["that changes with every frame and looks like ours", "unreadable", (at) => `GL1:${1_000 + at}`],
    ["of control characters", "not-ours", (at) => `\u0003\u001b[${at % 2}A\u0000`],
  ];
  test.each(bad)("refers a code %s, opens for nobody, and writes one run of refusals", async (_, reason, textOf) => {
    const world = await createWorld(profiles.metro);
    await hold(world, repeat(90, textOf));
    expect(world.screen()).toMatchObject({ name: "refer", reason });
    expect(permits(world)).toBe(0);
    await expectServesNext(world);
    const refers = world.written("decided").filter(({ result }) => Reflect.get(Object(result), "effect") === "refer");
    expect(refers).toHaveLength(1);
  });

  test("opens once for a good code that a foreign one flickers over", async () => {
    const world = await createWorld(profiles.metro);
    const good = await (await world.phone(indexOf.band1)).code();
    await hold(
      world,
      repeat(60, (at) => (at % 2 === 0 ? good : "https://example.org/ticket/1")),
    );
    expect(permits(world)).toBe(1);
    await expectServesNext(world);
  });
});
