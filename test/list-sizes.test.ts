import { describe, expect, it } from "vitest";
import { applyPatch, encodePatch } from "../shared/list-patch.ts";
import { encodeSnapshot } from "../shared/list-snapshot.ts";
import { changeList, createDraw, floorOfPatch, floorOfSnapshot, sampleList } from "./list-sample.ts";

describe("sizes beside the information floor", () => {
  const million = 1_000_000;

  describe.each([0.95, 0.8, 0.6])("with %d in the largest band", (skew) => {
    const draw = createDraw(20_261_122);
    const city = sampleList(million, skew, draw);

    it("a snapshot: within 1.005", () => {
      expect(encodeSnapshot(city).length / floorOfSnapshot(city)).toBeLessThan(1.005);
    });

    it.each([0.001, 0.01])("a patch of %d: within 1.05", (share) => {
      const next = changeList(city, share, skew, draw);
      const patch = encodePatch(city, next);
      expect(patch.length / floorOfPatch(city, next)).toBeLessThan(1.05);
      expect(applyPatch(city, patch)).toEqual({ kind: "valid", value: next });
    });

    it("a patch of 0.0001, a hundred citizens: within 20 bytes, for a head of 7 and what is learned on the way", () => {
      const next = changeList(city, 0.0001, skew, draw);
      expect(encodePatch(city, next).length - floorOfPatch(city, next)).toBeLessThan(20);
    });

    it("a patch of 30 days' changes: within 1.1 of what has changed in the end", () => {
      let next = city;
      for (let day = 0; day < 30; day++) next = changeList(next, 0.001, skew, draw);
      expect(encodePatch(city, next).length / floorOfPatch(city, next)).toBeLessThan(1.1);
    });

    it("new citizens in a patch: within 1.005 of what they alone need", () => {
      const added = sampleList(100_000, skew, draw);
      const grown = { packed: new Uint8Array([...city.packed, ...added.packed]), entries: million + 100_000 };
      expect(encodePatch(city, grown).length / floorOfSnapshot(added)).toBeLessThan(1.005);
    });
  });

  it.each([0.95, 0.8, 0.6])("a patch of 0.0001 of ten million with %d in the largest band: within 1.05", (skew) => {
    const draw = createDraw(1);
    const city = sampleList(10 * million, skew, draw);
    const next = changeList(city, 0.0001, skew, draw);
    expect(encodePatch(city, next).length / floorOfPatch(city, next)).toBeLessThan(1.05);
  });
});
