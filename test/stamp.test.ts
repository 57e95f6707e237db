/** What is read by hand of an entry is what JSON.parse reads of it, whatever it is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../shared/bytes.ts";
import { readStamp } from "../shared/stamp.ts";
import { readTransaction } from "../shared/transaction.ts";
import { decidedTap } from "./world.ts";

/** By JSON.parse alone. */
const parsed = (bytes: Uint8Array<ArrayBuffer>) => {
  const read = readTransaction(bytes);
  if (read === null) return null;
  const { v, at, kind, personal } = read;
  return { v, at, kind, personal: typeof personal === "string" ? personal : null };
};

const expectSame = (text: string): void => {
  const bytes = toUtf8(text);
  expect(readStamp(bytes), text).toEqual(parsed(bytes));
};

const stamp = '"v":1,"at":1800000000,"kind":"decided"';
const decided = JSON.stringify({
  v: 1,
  at: 1800000000,
  boot: "b",
  ...decidedTap("ab".repeat(32)),
  personal: "x".repeat(43),
});

it("reads the stamp of a decision", () => {
  expect(readStamp(toUtf8(decided))).toEqual({ v: 1, at: 1800000000, kind: "decided", personal: "x".repeat(43) });
});

describe("says what JSON.parse says", () => {
  it.each([
    "",
    "{}",
    "[]",
    "null",
    '"v"',
    `{${stamp}}`,
    `{${stamp}} `,
    `{${stamp}}}`,
    `{${stamp},}`,
    `{${stamp}`,
    `[{${stamp}}]`,
    `\ufeff{${stamp}}`,
    `{${stamp},"personal":"p"}`,
    `{${stamp},"personal":null}`,
    `{${stamp},"personal":["p"]}`,
    `{${stamp},"personal":"p","personal":7}`,
    `{${stamp},"kind":"acted"}`,
    `{"kind":"acted",${stamp}}`,
    `{${stamp},"v":"1"}`,
    `{${stamp},"at":0}`,
    `{${stamp},"at":-0}`,
    `{${stamp},"at":-1}`,
    `{${stamp},"at":1.5}`,
    `{${stamp},"at":1.0}`,
    `{${stamp},"at":1e3}`,
    `{${stamp},"at":01}`,
    `{${stamp},"at":00}`,
    `{${stamp},"at":${"9".repeat(20)}}`,
    `{${stamp},"at":${"9".repeat(400)}}`,
    `{${stamp},"v":${"9".repeat(400)}}`,
    `{${stamp},"v":.5}`,
    `{${stamp},"kind":"${"k".repeat(40)}"}`,
    `{${stamp},"kind":"${"k".repeat(41)}"}`,
    `{${stamp},"kind":"a\\"b"}`,
    `{${stamp},"kind":"\\u0061"}`,
    `{${stamp},"kin\\u0064":"acted"}`,
    `{${stamp},"kind":"登记"}`,
    `{${stamp},"cause":"门坏了","personal":"p"}`,
    `{${stamp},"cause":"a\tb"}`,
    `{${stamp},"cause":"a\nb"}`,
    `{${stamp},"cause":"\x7f"}`,
    `{${stamp},"cause":"\x00"}`,
    `{${stamp},"cause":"a\\"}`,
    `{${stamp},"cause":"a\\\\"}`,
    `{${stamp},"of":{"kind":"inner","at":7,"personal":"q"}}`,
    `{${stamp},"of":{}}`,
    `{${stamp},"of":[]}`,
    `{${stamp},"of":[1,[true,false],null,{"a":"b"}]}`,
    `{${stamp},"of":[1,]}`,
    `{${stamp},"of":[1 2]}`,
    `{${stamp},"of":tru}`,
    `{${stamp},"of":truex}`,
    `{${stamp},"of":nul`,
    `{${stamp},"of":{"a"}}`,
    `{${stamp},"of":{"a":}}`,
    `{${stamp},"of":{a:1}}`,
    `{${stamp},"of":+1}`,
    `{${stamp},"of":"open}`,
    `{${stamp},"":1}`,
    `{${stamp},"__proto__":{"v":2}}`,
    `{ ${stamp} }`,
    `{${stamp},"of":${"[".repeat(30)}${"]".repeat(30)}}`,
    `{${stamp},"of":${"[".repeat(30)}${"]".repeat(29)}}`,
    `{${stamp},"of":${"[".repeat(100_000)}`,
    `{${stamp},"of":${'{"a":'.repeat(100_000)}`,
    `{"v":1,"at":1}`,
    `{"at":1,"kind":"k"}`,
  ])("%#", expectSame);

  it("of bytes that are no UTF-8", () => {
    const bytes = toUtf8(`{${stamp},"cause":"é"}`);
    bytes[bytes.indexOf(0xc3)] = 0xff;
    expect(readStamp(bytes)).toBeNull();
  });

  it("of any value", () => {
    const fields = fc.record({ v: fc.nat(), at: fc.nat(), kind: fc.string({ maxLength: 45 }) });
    const any = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(fields, any, fc.option(fc.string()), fc.boolean(), (known, others, personal, isFirst) => {
        const beside = personal === null ? {} : { personal };
        expectSame(JSON.stringify(isFirst ? { ...known, ...beside, ...others } : { ...others, ...known, ...beside }));
      }),
      { numRuns: 2000 },
    );
  });

  it("of a decision in which something was changed, put in or left out", () => {
    const changed = fc.tuple(
      fc.nat(decided.length),
      fc.nat(3),
      fc.constantFrom(...'{}[]",:\\0129-+.eE nulltrue\n\x01é'),
    );
    fc.assert(
      fc.property(fc.array(changed, { minLength: 1, maxLength: 3 }), (changes) => {
        let text = decided;
        for (const [at, gone, put] of changes) text = text.slice(0, at) + put + text.slice(at + gone);
        expectSame(text);
      }),
      { numRuns: 5000 },
    );
  });
});
