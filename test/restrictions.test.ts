import { describe, expect, it } from "vitest";
import { readRestrictions, restrictList } from "../edge-server/restrictions.ts";
import { packStatuses } from "../shared/status-list.ts";

const now = 1_800_000_000; // 2027-01-15 08:00 UTC
const read = (...rows: readonly string[]) => readRestrictions(["idx,basis,until,appeal", ...rows].join("\n"), 100, now);
const row = (changed: { idx?: string; basis?: string; until?: string; appeal?: string } = {}) => {
  const { idx = "7", basis = "a law", until = "2027-09-01", appeal = "a court" } = changed;
  return [idx, basis, until, appeal].join(",");
};

describe("restrictions in a file", () => {
  it("are read with their basis, end and appeal", () => {
    expect(read(row(), '8,"a law, article ""2""",1800000001,https://court.example/', "")).toEqual({
      kind: "read",
      restrictions: [
        { index: 7, basis: "a law", until: Date.UTC(2027, 8, 1) / 1000, appeal: "a court" },
        { index: 8, basis: 'a law, article "2"', until: 1_800_000_001, appeal: "https://court.example/" },
      ],
    });
    expect(
      readRestrictions(`\uFEFFidx,basis,until,appeal\r\n${row({ basis: "《办法》第十二条" })}\r\n`, 100, now),
    ).toMatchObject({
      restrictions: [{ basis: "《办法》第十二条" }],
    });
    expect(read()).toEqual({ kind: "read", restrictions: [] });
    expect(read(row({ idx: "99" }), row({ idx: "0" }))).toMatchObject({ kind: "read" });
  });

  it.each<[string, string, string]>([
    ["no index", row({ idx: "" }), "the idx must be"],
    ["a negative index", row({ idx: "-1" }), "the idx must be"],
    ["a fractional index", row({ idx: "1.5" }), "the idx must be"],
    ["an index with a leading zero", row({ idx: "007" }), "the idx must be"],
    ["an index past the end", row({ idx: "100" }), "the list has no idx 100"],
    ["a huge index", row({ idx: "9".repeat(50) }), "the list has no idx 999999999999:"],
    ["no basis", row({ basis: " " }), "the basis is missing"],
    ["no end", row({ until: "" }), "the end is missing"],
    ["an end that is a word", row({ until: "never" }), "until must be"],
    ["an end that is no day", row({ until: "2027-02-30" }), "until must be"],
    ["an end in the past", row({ until: "2027-01-15" }), "it is over already"],
    ["an end at this second", row({ until: String(now) }), "it is over already"],
    ["no appeal", row({ appeal: "" }), "the appeal is missing"],
    ["a basis without end", row({ basis: "x".repeat(301) }), "at most 300 characters"],
    ["three fields", "7,a law,2027-09-01", "it must be idx,basis,until,appeal"],
    ["five fields", `${row()},x`, "it must be idx,basis,until,appeal"],
    ["a quote that does not end", '7,"a law,2027-09-01,a court', "it must be idx,basis,until,appeal"],
    ["a quote within a text", '7,a "law",2027-09-01,a court', "it must be idx,basis,until,appeal"],
    ["an empty line in between", "", "it must be idx,basis,until,appeal"],
    ["an index twice", row({ idx: "3" }), "idx 3 was there before"],
  ])("with %s end it, with the line", (_, bad, problem) => {
    const read3 = read(row({ idx: "3" }), bad, row({ idx: "5" }));
    expect(read3).toEqual({ kind: "invalid", line: 3, problem: expect.stringContaining(problem) });
  });

  it.each(["", "idx,basis,until", "idx,until,basis,appeal", "idx;basis;until;appeal"])(
    "need their header: %j",
    (header) => {
      expect(readRestrictions(`${header}\n${row()}`, 100, now)).toMatchObject({ kind: "invalid", line: 1 });
    },
  );
});

describe("a restricted list", () => {
  const every = Array.from({ length: 16 }, (_, value) => value);

  it("has no band there, and everything else as it was", () => {
    const list = { packed: packStatuses(every), entries: 16 };
    const all = restrictList(
      list,
      every.map((index) => ({ index })),
    );
    expect(all).toEqual(packStatuses([0, 1, 2, 0, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0]));
    expect(restrictList(list, [{ index: 13 }, { index: 16 }, { index: 99 }])).toEqual(
      packStatuses(every.map((value) => (value === 13 ? 0 : value))),
    );
    expect(list.packed).toEqual(packStatuses(every));
  });
});
