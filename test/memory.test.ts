import { describe, expect, it } from "vitest";
import { createMemory } from "../kiosk/memory.ts";
import type { Decided } from "../shared/transaction.ts";
import { decidedTap } from "./world.ts";

/** A presentation good until 90 s after 1000. */
const identity = "ab".repeat(32);
const shownAt = (at: number, shown = identity): Decided & { readonly at: number } => ({
  ...decidedTap("cd".repeat(32)),
  identity: shown,
  windowUntil: at + 90,
  at,
});

describe("what a terminal remembers", () => {
  it("forgets a code when its window is over for certain", () => {
    let floor = 1000;
    const memory = createMemory(() => floor);
    memory.remember(shownAt(1000), null, 1, 1);
    floor = 2000;
    memory.remember(shownAt(2000, "ef".repeat(32)), null, 2, 2);
    expect(memory.historyOf(identity, "somebody", "entry", 2000).seenAt).toBeNull();
  });

  it("remembers it while a clock that is set back could make it good again", () => {
    const memory = createMemory(() => 1000);
    memory.remember(shownAt(1000), null, 1, 1);
    memory.remember(shownAt(90_000, "ef".repeat(32)), null, 2, 2);
    expect(memory.historyOf(identity, "somebody", "entry", 1050).seenAt).toBe(1000);
  });

  it("takes back what came to nothing, as far as it is the newest, and keeps the code as used", () => {
    const memory = createMemory(() => 1000);
    const lastAt = () => memory.historyOf(identity, "somebody", "entry", 1200).sameActionAt;
    memory.remember(shownAt(1000), "somebody", 1, 1);
    memory.conclude(1, true);
    memory.remember(shownAt(1100), "somebody", 2, 3);
    memory.conclude(3, false);
    expect(lastAt()).toBe(1000);
    expect(memory.historyOf(identity, "somebody", "entry", 1200).seenAt).toBe(1100);
    memory.remember(shownAt(1150), "somebody", 3, 5);
    memory.conclude(3, false);
    memory.conclude(1, false);
    expect(lastAt()).toBe(1150);
  });
});
