/** What `programme check` says of a pack: where, and what would be right. And the schema that editors do the same by. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findPlaces } from "../edge-server/json-places.ts";
import { lineOf, reportPack } from "../edge-server/pack-report.ts";
import { packSchema, packSchemaText, type SchemaPart } from "../edge-server/pack-schema-file.ts";

const right = `{
  "v": 1,
  "programme": "here",
  "version": 3,
  "name": { "zh": "此地", "en": "Here" },
  "context": "city services",
  "currency": "CNY",
  "scale": { "min": 0, "max": 1000 },
  "cuts": { "version": 7, "at": [650, 700] },
  "objection": { "zh": "窗口", "en": "The desk" },
  "services": {
    "library": {
      "ordinary": { "deposit": 100, "priceFactor": 900, "freeSeconds": 0, "loanSeconds": 9, "itemsMax": 2, "payLater": false, "greenChannel": false },
      "fullPrice": null,
      "perks": [
        { "id": "none", "atLeast": 650, "terms": { "deposit": 50 }, "certainty": "S", "source": "x", "since": null },
        { "id": "more", "atLeast": 700, "terms": { "deposit": 0, "itemsMax": 4 }, "certainty": "S", "source": "x", "since": "2026-01-31" }
      ],
      "card": null,
      "passbackSeconds": 0
    }
  }
}
`;

const said = (text: string, currency = "CNY"): readonly string[] => {
  const report = reportPack(text, currency);
  return report.kind === "right" ? [] : report.findings.map(lineOf);
};

/** The pack with `find` replaced, once. */
const spoilt = (...pairs: readonly (readonly [find: string, replace: string])[]): string =>
  pairs.reduce((text, [find, replace]) => {
    expect(text).toContain(find);
    return text.replace(find, replace);
  }, right);

it("takes a pack that is right", () => {
  expect(reportPack(right, "CNY")).toEqual({ kind: "right", pack: JSON.parse(right) });
});

describe("says where it is wrong, and what would be right", () => {
  const inquiry = right
    .slice(right.indexOf('"library"') + 9, right.lastIndexOf("    }") + 5)
    .replace('null,\n      "pass', '{ "perks": false, "tapsMaxPerDay": 1 },\n      "pass');
  const tier = (terms: string) =>
    `"tiers": [{ "id": "t", "name": { "zh": "押", "en": "T" }, "terms": ${terms}, "certainty": "S", "source": "x", "since": null }],\n      "perks": [`;
  const kinds = (...starts: readonly string[]) =>
    `"kinds": [${starts.map((each, at) => `{ "id": "${"ab"[at]}", "name": { "zh": "书", "en": "B" }, "startsWith": ${each} }`)}],`;
  it.each<[name: string, text: string, lines: readonly string[]]>([
    ["no JSON", spoilt(['"v": 1,', '"v": 1']), ["3:3  not JSON: Expected ',' or '}' after property value"]],
    ["nothing at all", "", ["1:1  not JSON: Unexpected end of JSON input"]],
    ["a list", "[]", ["1:1  must be an object, from { to }"]],
    [
      "a misspelt field",
      spoilt(['"context"', '"contxet"']),
      ["6:3  contxet: there is no such field; did you mean context?"],
    ],
    [
      "a field of something else",
      spoilt(['"fullPrice": null,', '"fullPrice": null, "colour": 1,']),
      [
        "14:26  services.library.colour: there is no such field; it can be ordinary, numbers, fullPrice, tariff, tiers, kinds, perks, card, passbackSeconds, capacity",
      ],
    ],
    [
      "a service that is none",
      spoilt(['"library"', '"libary"']),
      ["12:5  services.libary: there is no such field; did you mean library?"],
    ],
    [
      "a restriction",
      spoilt(['"card": null', '"blacklist": [4], "card": null']),
      [
        "19:7  services.library.blacklist: a pack cannot restrict anybody; a lawful restriction is applied when a list is published: scores publish --restrictions",
      ],
    ],
    [
      "a key that stands twice",
      spoilt(['"passbackSeconds": 0', '"passbackSeconds": 0, "card": null']),
      ["20:29  services.library.card: stands there twice; keep one"],
    ],
    [
      "another currency",
      spoilt(['"CNY"', '"EUR"']),
      ["7:15  currency: the amounts are in EUR, and the operator's in CNY; convert them, or leave the field out"],
    ],
    ["unsorted bands", spoilt(["[650, 700]", "[700, 650]"]), ["9:39  cuts.at.1: cuts must rise, inside the scale"]],
    [
      "bands that overlap",
      spoilt(["[650, 700]", "[650, 650, 700]"]),
      ["9:39  cuts.at.1: cuts must rise, inside the scale"],
    ],
    [
      "two perks for one band",
      spoilt(['"atLeast": 700', '"atLeast": 650']),
      ["17:36  services.library.perks.1.atLeast: two perks start at 650; make one of them"],
    ],
    [
      "a threshold that is no cut",
      spoilt(['"atLeast": 700', '"atLeast": 699']),
      ["17:36  services.library.perks.1.atLeast: more starts at 699, which is no cut; the cuts are 650, 700"],
    ],
    [
      "a perk dearer than ordinary",
      spoilt(['"deposit": 50', '"deposit": 50, "priceFactor": 901']),
      [
        "16:82  services.library.perks.0.terms.priceFactor: none is worse than the ordinary service in priceFactor; a score only adds",
        "17:52  services.library.perks.1.terms.priceFactor: more is worse than none in priceFactor, which asks for less; name there what none gives",
      ].slice(0, 1),
    ],
    [
      "a higher perk that gives less",
      spoilt(['"deposit": 0, "itemsMax"', '"itemsMax"']),
      [
        "17:50  services.library.perks.1.terms.deposit: more is worse than none in deposit, which asks for less; name there what none gives",
      ],
    ],
    [
      "a price above the full one",
      spoilt(['"priceFactor": 900', '"priceFactor": 1001']),
      ["13:52  services.library.ordinary.priceFactor: must be at most 1000, and is 1001"],
    ],
    [
      "words for numbers",
      spoilt(['"atLeast": 700', '"atLeast": "high"'], ['"itemsMax": 2', '"itemsMax": "2"']),
      [
        '13:105  services.library.ordinary.itemsMax: must be a number, and is "2"',
        '17:36  services.library.perks.1.atLeast: must be a number or "unknown", and is "high"',
      ],
    ],
    [
      "a deposit that buys less",
      spoilt(['"perks": [', tier('{ "deposit": 200, "loanSeconds": 8 }')]),
      ["15:106  services.library.tiers.0.terms.loanSeconds: t asks for a deposit, and gives less in loanSeconds"],
    ],
    [
      "an item of two kinds",
      spoilt(['"perks": [', `${kinds('["A-"]', '["B-", "A-"]')} "perks": [`]),
      ["15:155  services.library.kinds.1.startsWith.1: A- stands there twice; an item is of one kind"],
    ],
    [
      "a limit of a kind that there is not",
      spoilt(
        ['"perks": [', `${kinds("[]", "[]")} "perks": [`],
        ['"itemsMax": 2, "pay', '"itemsMax": 2, "itemsByKind": { "a": 1, "d": 1 }, "pay'],
        ['"itemsMax": 4 }', '"itemsMax": 4, "itemsByKind": { "c": 3 } }'],
      ),
      [
        "13:138  services.library.ordinary.itemsByKind.d: d is none of the kinds",
        "17:103  services.library.perks.1.terms.itemsByKind.c: c is none of the kinds",
      ],
    ],
    [
      "an inquiry by card",
      spoilt(['"services": {', `"services": { "inquiry"${inquiry},`]),
      [
        "18:15  services.inquiry.card: must be null: what a code gives is said to its holder alone, never to whoever holds a card",
      ],
    ],
    [
      "many things at once",
      spoilt(['"version": 3', '"version": -1, "nmae": 1'], ['"CNY"', '"cny"'], ["[650, 700]", "[0.5]"]),
      [
        "4:14  version: must be at least 0, and is -1",
        "4:18  nmae: there is no such field; did you mean name?",
        "7:15  currency: must be an ISO 4217 code such as CNY",
        "7:15  currency: the amounts are in cny, and the operator's in CNY; convert them, or leave the field out",
        "9:34  cuts.at.0: must be a whole number, and is 0.5",
      ],
    ],
  ])("%s", (_name, text, lines) => {
    expect(said(text)).toEqual(lines);
  });

  it("takes a deposit that buys more, and a pack that names no currency", () => {
    expect(
      said(spoilt(['"perks": [', tier('{ "deposit": 200, "itemsMax": 9 }')], ['  "currency": "CNY",\n', ""])),
    ).toEqual([]);
  });

  it("whatever it is given, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(reportPack(text, "CNY").kind).toBe("wrong");
      }),
    );
    expect(said("[".repeat(50_000) + "]".repeat(50_000))).toHaveLength(1);
  });
});

describe("places in a text", () => {
  it("are those of every value and key, however it is written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, 3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const lines = text.split("\n");
        const places = findPlaces(text);
        expect(places.again).toEqual([]);
        const check = (each: unknown, path: readonly (string | number)[]): void => {
          const { line, column } = places.placeOf(path);
          const from = [lines[line - 1]?.slice(column - 1), ...lines.slice(line)].join("\n");
          expect(from.startsWith(JSON.stringify(each, null, indent).split("\n")[0] ?? "")).toBe(true);
          if (Array.isArray(each))
            each.forEach((one, index) => {
              check(one, [...path, index]);
            });
          else if (typeof each === "object" && each !== null) {
            for (const [key, one] of Object.entries(each)) {
              const { line: at, column: from } = places.placeOfKey([...path, key]);
              expect(lines[at - 1]?.slice(from - 1).startsWith(JSON.stringify(key))).toBe(true);
              check(one, [...path, key]);
            }
          }
        };
        check(value, []);
      }),
    );
  });

  it("tell every key that stands there again, also written otherwise", () => {
    const { again } = findPlaces('{"a": {"b": 1,\n "\\u0062": 2}, "b": 3, "a": 4}');
    expect(again).toEqual([
      { path: ["a", "b"], place: { line: 2, column: 2 } },
      { path: ["a"], place: { line: 2, column: 24 } },
    ]);
  });
});

describe("the schema for editors", () => {
  const folder = new URL("../shared/programmes/", import.meta.url);

  it("is what stands beside the packs (npx vitest -u writes it)", async () => {
    await expect(packSchemaText).toMatchFileSnapshot("../shared/programmes/pack.schema.json");
  });

  it("is named by every pack", () => {
    const files = readdirSync(folder).filter((file) => file !== "pack.schema.json");
    expect(files).toHaveLength(11);
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), "utf8");
      expect(JSON.parse(text).$schema).toBe("./pack.schema.json");
      expect(said(text)).toEqual([]);
    }
  });

  it("explains every field", () => {
    const silent: string[] = [];
    const walk = (part: SchemaPart & { readonly description?: string }, path: string): void => {
      for (const [name, each] of Object.entries(part.properties ?? {})) {
        const isSaid = "description" in each || each.$ref !== undefined;
        if (!isSaid) silent.push(`${path}.${name}`);
        walk(each, `${path}.${name}`);
      }
      for (const each of [...(part.anyOf ?? []), ...(part.oneOf ?? []), ...(part.allOf ?? [])]) walk(each, path);
      if (part.items !== undefined) walk(part.items, `${path}[]`);
      if (typeof part.additionalProperties === "object") walk(part.additionalProperties, `${path}.*`);
      for (const [name, each] of Object.entries(part.$defs ?? {})) walk(each, name);
    };
    walk(packSchema, "");
    expect(silent).toEqual([]);
  });
});
