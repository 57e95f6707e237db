import { array, assert, property, string, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { createHidReports } from "../kiosk/hid-reports.ts";
import { createScanLines, textLengthMax } from "../kiosk/scan-lines.ts";
import { toUtf8 } from "../shared/bytes.ts";

/** Feeds pieces, text or bytes, each with the milliseconds before it. */
const read = (...pieces: readonly (string | readonly [pause: number, piece: string] | Uint8Array)[]) => {
  const lines = createScanLines();
  let ticks = 0;
  return pieces.flatMap((each) => {
    const [pause, piece] = typeof each === "string" || each instanceof Uint8Array ? [1, each] : each;
    ticks += pause;
    return lines.feed(typeof piece === "string" ? toUtf8(piece) : piece, ticks);
  });
};

describe("a serial scanner's lines", () => {
  test.each([
    ["ended by CR", ["GL1:ABC\r"], ["GL1:ABC"]],
    ["ended by LF", ["GL1:ABC\n"], ["GL1:ABC"]],
    ["ended by both", ["GL1:ABC\r\n"], ["GL1:ABC"]],
    ["in pieces", ["GL", "1:A", "BC", "\r"], ["GL1:ABC"]],
    ["two in one piece", ["AAAA\rBBBB\r"], ["AAAA", "BBBB"]],
    ["with spaces, which base45 has", ["GL1:A B \r"], ["GL1:A B "]],
    ["with an AIM identifier", ["]Q1GL1:ABC\r"], ["GL1:ABC"]],
    ["of another system", ["https://例.cn/?a=1&b_c\r"], ["https://例.cn/?a=1&b_c"]],
    ["of four characters", ["1234\r"], ["1234"]],
    ["after empty ones", ["\r\n\r\nAAAA\r"], ["AAAA"]],
    ["after a pause between two", ["AAAA\r", [900, "BBBB\r"]], ["AAAA", "BBBB"]],
    ["with a short gap within", ["AA", [500, "AA\r"]], ["AAAA"]],
  ] as const)("reads one %s", (_, pieces, texts) => {
    expect(read(...pieces)).toEqual(texts);
  });

  test.each([
    ["of three characters", ["123\r"]],
    ["of an AIM identifier alone", ["]Q1\r"]],
    ["that nothing ends", ["GL1:ABC"]],
    ["with a control character", ["AAAA\tBBBB\r"]],
    ["with NUL", ["AAAA\0BBBB\r"]],
    ["with the separator of GS1", ["AAAA\u001dBBBB\r"]],
    ["with a C1 control", ["AAAA\u0085BBBB\r"]],
    ["that is no UTF-8", [new Uint8Array([0x41, 0x41, 0x41, 0x41, 0xff, 0x0d])]],
    ["whose other half comes late", ["LIB-0", [501, "0042\r"]]],
  ] as const)("reads none %s", (_, pieces) => {
    expect(read(...pieces)).toEqual([]);
  });

  test("goes on with the line after a half one, however much was lost", () => {
    expect(read("LIB-0", [501, "0042\r"], "LIB-00043\r")).toEqual(["LIB-00043"]);
    expect(read("LIB-0", [501, "00"], [1, "42\rLIB-00043\r"])).toEqual(["LIB-00043"]);
  });

  test("takes nothing for whole up to the end after it was broken off", () => {
    const lines = createScanLines();
    lines.feed(toUtf8("LIB-0"), 1);
    lines.breakOff();
    expect(lines.feed(toUtf8("0042\rLIB-00043\r"), 2)).toEqual(["LIB-00043"]);
  });

  test("cuts 3,000 characters after one too many, also within a character", () => {
    expect(read(`GL1:${"A".repeat(2996)}\r`)).toEqual([`GL1:${"A".repeat(textLengthMax - 4)}`]);
    for (const text of ["é", "例", "𠮷", "a𠮷", "ab𠮷", "abc𠮷"].map((each) => each.repeat(3000))) {
      expect(read(`${text}\rNEXT\r`)).toEqual([text.slice(0, textLengthMax), "NEXT"]);
    }
  });

  test("never makes anything of any bytes but clean text, and reads the next line", () => {
    assert(
      property(array(uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        const texts = read(...pieces, "\rGL1:ABC\r");
        expect(texts.at(-1)).toBe("GL1:ABC");
        for (const text of texts) expect(text).toMatch(/^\P{Cc}{4,1025}$/u);
      }),
    );
  });

  test("reads the same in whatever pieces it comes", () => {
    assert(
      property(array(string()), array(uint8Array({ maxLength: 2 })), (texts, cuts) => {
        const bytes = toUtf8(texts.map((text) => `${text}\r`).join(""));
        const pieces: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = (cuts[turn % (cuts.length || 1)]?.[0] ?? 3) % 7;
          pieces.push(bytes.slice(at, at + length + 1));
          at += length + 1;
        }
        expect(read(...pieces)).toEqual(read(bytes));
      }),
    );
  });
});

/** The reports of one code: 56 characters each. */
const reportsOf = (text: string, offset = 0): readonly Uint8Array[] => {
  const bytes = toUtf8(text);
  const count = Math.max(1, Math.ceil(bytes.length / 56));
  return Array.from({ length: count }, (_, at) => {
    const part = bytes.slice(56 * at, 56 * (at + 1));
    const report = new Uint8Array(63);
    report.set([part.length]);
    report.set(toUtf8("]Q1"), 1 + offset);
    report.set(part, 4 + offset);
    report.set([at < count - 1 ? 1 : 0], 62);
    return report;
  });
};

const readReports = (...reports: readonly (Uint8Array | { readonly pause: number } | { readonly id: number })[]) => {
  const hid = createHidReports();
  let ticks = 0;
  return reports.flatMap((each) => {
    if ("pause" in each) ticks += each.pause;
    const text = "id" in each ? hid.feed(each.id, new Uint8Array(3), ticks) : null;
    const read = each instanceof Uint8Array ? hid.feed(2, each, ticks) : text;
    return read === null ? [] : [read];
  });
};

describe("a HID scanner's reports", () => {
  const presentation = `GL1:${"A B".repeat(137)}`;

  test("are one text, however many", () => {
    expect(readReports(...reportsOf("GL1:ABC"), ...reportsOf(presentation))).toEqual(["GL1:ABC", presentation]);
  });

  test("are read of both layouts, and with a line end", () => {
    expect(readReports(...reportsOf("GL1:ABC", 1), ...reportsOf("AAAA\r\n"))).toEqual(["GL1:ABC", "AAAA"]);
  });

  test("of other numbers are nobody's, and disturb no code", () => {
    const [first, ...rest] = reportsOf(presentation);
    expect(readReports(first ?? new Uint8Array(), { id: 3 }, ...rest)).toEqual([presentation]);
  });

  test.each([
    ["without its middle's AIM identifier", (report: Uint8Array) => report.fill(0, 1, 4)],
    ["cut short", (report: Uint8Array) => report.slice(0, 40)],
    ["empty", () => new Uint8Array(0)],
    ["with a length past its end", (report: Uint8Array) => report.fill(200, 0, 1)],
  ])("%s spoil their code, not the one after the next end", (_, spoil) => {
    const reports = reportsOf(presentation).map((report, at) => (at === 1 ? spoil(report.slice()) : report));
    expect(readReports(...reports, ...reportsOf("AAAA"))).toEqual(["AAAA"]);
  });

  test("of a code that was broken off are dropped up to the next end", () => {
    const half = reportsOf(presentation).slice(0, 3);
    expect(readReports(...half, { pause: 501 }, ...reportsOf("AAAA"), ...reportsOf("BBBB"))).toEqual(["BBBB"]);
  });

  test("without an end fill nothing", () => {
    const [endless = new Uint8Array()] = reportsOf(presentation);
    const [text = ""] = readReports(...Array.from({ length: 10_000 }, () => endless), ...reportsOf("AAAA"));
    expect(text).toHaveLength(textLengthMax);
  });

  test("of any bytes make clean text or none", () => {
    assert(
      property(array(uint8Array({ minLength: 60, maxLength: 64 }), { maxLength: 20 }), (reports) => {
        const texts = readReports(...reports, ...reportsOf("AAAA"), ...reportsOf("GL1:ABC"));
        expect(texts.at(-1)).toBe("GL1:ABC");
        for (const text of texts) expect(text).toMatch(/^\P{Cc}{4,1025}$/u);
      }),
    );
  });
});
