/** What a terminal loads, as it is built: little before its first screen, and all of it from its own disk from then on. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { firstLoadFiles, firstLoadGoalKilobytes, firstLoadKilobytes, readBuilt } from "../first-load.ts";

const assets = readdirSync(join(import.meta.dirname, "../../dist/kiosk/assets"));

test("the JavaScript before the first screen is small", () => {
  expect(firstLoadFiles().length).toBeGreaterThan(0);
  expect(firstLoadKilobytes()).toBeLessThanOrEqual(firstLoadGoalKilobytes);
});

test("what staff and sessions need is not part of it, and is kept for when there is no network", () => {
  const later = ["staff-desk", "hand-over", "session", "library", "actuator-modbus", "scanner-camera"];
  const worker = readBuilt("sw.js");
  for (const part of later) {
    const file = assets.find((each) => each.startsWith(`${part}-`) && each.endsWith(".js"));
    expect(file, part).toBeDefined();
    expect(firstLoadFiles(), part).not.toContain(`assets/${file}`);
  }
  for (const file of assets.filter((each) => each.endsWith(".js"))) expect(worker, file).toContain(`assets/${file}`);
});
