/** Which version is served: what is tried, kept, and gone back from, whatever is said and whenever it is said. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bringIn,
  condemn,
  confirm,
  describeFailure,
  start,
  trialSeconds,
  type Versions,
} from "../kiosk/update/versions.ts";

const first = bringIn(null, "A");
const onTrial = bringIn(first, "B");
const proven = confirm(start(onTrial, 100), "B");
const gone = condemn(start(onTrial, 100), "B", "log: gone");

describe("a version", () => {
  test("that is the first has nothing to go back to, and is on no trial", () => {
    expect(first).toEqual({ inForce: "A", before: null, trial: null, failure: null, bad: [] });
    expect(condemn(first, "A", "ill")).toBe(first);
  });

  test("that is new is served, on trial, and the one before is kept", () => {
    expect(onTrial).toMatchObject({ inForce: "B", before: "A", trial: { starts: 0 } });
  });

  test("that is confirmed stays; the one before is kept until the next comes", () => {
    expect(proven).toMatchObject({ inForce: "B", before: "A", trial: null, failure: null });
    expect(condemn(proven, "B", "ill")).toBe(proven);
    expect(bringIn(proven, "C")).toMatchObject({ inForce: "C", before: "B" });
  });

  test("that is condemned is gone back from, said, and never tried again", () => {
    expect(gone).toEqual({
      ...{ inForce: "A", before: null, trial: null, bad: ["B"] },
      failure: { version: "B", cause: "log: gone" },
    });
    expect(bringIn(gone, "B")).toBe(gone);
    expect(confirm(gone, "B")).toBe(gone);
    expect(gone.failure && describeFailure(gone.failure, "A")).toBe(
      "version B failed its self-check (log: gone): running version A",
    );
  });

  test("that follows a failed one is tried as any; confirmed, staff are told nothing more", () => {
    const next = bringIn(gone, "C");
    expect(next).toMatchObject({ inForce: "C", before: "A", failure: { version: "B" } });
    expect(confirm(start(next, 0), "C")).toMatchObject({ failure: null, bad: ["B"] });
  });

  test("that comes during another's trial is backed by what was proven, not by what was not", () => {
    expect(bringIn(onTrial, "C")).toMatchObject({ inForce: "C", before: "A" });
    expect(confirm(bringIn(onTrial, "C"), "B")).toMatchObject({ inForce: "C", trial: { starts: 0 } });
    expect(condemn(bringIn(onTrial, "C"), "B", "late")).toMatchObject({ inForce: "C", bad: [] });
  });
});

test("that is withdrawn during its trial gives way to the one before, which has nothing to prove", () => {
  expect(bringIn(onTrial, "A")).toEqual(first);
});

describe("starting", () => {
  test("in a row is one start: a page that crashes and is opened again, or several at once", () => {
    const once = start(onTrial, 100);
    for (const at of [100, 100 + trialSeconds, 100 - trialSeconds]) expect(start(once, at)).toBe(once);
  });

  test("is granted twice, since a power cut is no fault of the version's, and not a third time", () => {
    const twice = start(start(onTrial, 100), 101 + trialSeconds);
    expect(twice).toMatchObject({ inForce: "B", trial: { starts: 2 } });
    expect(start(twice, 300 + trialSeconds)).toMatchObject({
      inForce: "A",
      bad: ["B"],
      failure: { cause: "started 2 times without a word" },
    });
  });

  test("with a clock that was set back is another start: no trial goes on for ever", () => {
    expect(start(start(onTrial, 10_000), 5)).toMatchObject({ trial: { starts: 2 } });
  });

  test("of what is proven is not counted", () => {
    expect(start(proven, 5)).toBe(proven);
  });
});

test("whatever happens, what is served is no version that failed, and a trial always has a way back", () => {
  const version = fc.constantFrom("A", "B", "C", "D");
  const step: fc.Arbitrary<(known: Versions) => Versions> = fc.oneof(
    version.map((name) => (known: Versions) => bringIn(known, name)),
    fc.nat(1000).map((at) => (known: Versions) => start(known, at)),
    version.map((name) => (known: Versions) => confirm(known, name)),
    version.map((name) => (known: Versions) => condemn(known, name, "ill")),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let known = first;
      for (const each of steps) {
        known = each(known);
        expect(known.bad).not.toContain(known.inForce);
        expect(known.bad).not.toContain(known.before);
        if (known.trial !== null) expect(known.before).not.toBeNull();
        expect(known.before).not.toBe(known.inForce);
      }
    }),
  );
});
