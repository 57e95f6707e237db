/**
 * Taps as short lines of JSON, to be put aside and read back within one run: what recurs (sites, terms, policies) is
 * written once and kept in memory, and the lines have its number.
 */
import type { Terms } from "../shared/terms.ts";
import type { Journey } from "./reconcile.ts";
import type { Tap } from "./tap.ts";

export type TapCode = {
  readonly encode: (tap: Tap) => string;
  readonly decode: (line: string) => Tap;
  readonly encodeJourney: (journey: Journey) => string;
  readonly decodeJourney: (line: string) => Journey;
};

export const createTapCode = (): TapCode => {
  const words = new Map<string, number>();
  const values: string[] = [];
  const numberOf = (word: string): number => {
    const known = words.get(word);
    if (known !== undefined) return known;
    words.set(word, values.length);
    return values.push(word) - 1;
  };
  const wordAt = (number: number): string => values[number] ?? "";
  const termsKnown = new Map<number, Terms>();
  const termsAt = (number: number): Terms => {
    const known = termsKnown.get(number) ?? (JSON.parse(wordAt(number)) as Terms);
    termsKnown.set(number, known);
    return known;
  };

  const rowOf = (tap: Tap): Row => [
    ...([tap.ref, tap.at, numberOf(tap.service), numberOf(tap.action), numberOf(tap.programme)] as const),
    ...([tap.home === null ? null : numberOf(tap.home), numberOf(tap.site), tap.pseudonym, tap.thing] as const),
    ...([
      tap.identity,
      tap.session,
      tap.zone,
      tap.terms === null ? null : numberOf(JSON.stringify(tap.terms)),
    ] as const),
    ...([tap.isOverridden, numberOf(tap.policy), tap.outcome, tap.outcomeSeq, tap.accepted, tap.deposit] as const),
    ...([tap.isAnnulled, tap.isErased, tap.owed, tap.taken, tap.isReleased] as const),
  ];
  const tapOf = (row: Row): Tap => ({
    ...{ ref: row[0], at: row[1], service: wordAt(row[2]), action: wordAt(row[3]), programme: wordAt(row[4]) },
    ...{ home: row[5] === null ? null : wordAt(row[5]), site: wordAt(row[6]), pseudonym: row[7], thing: row[8] },
    ...{ identity: row[9], session: row[10], zone: row[11], terms: row[12] === null ? null : termsAt(row[12]) },
    ...{ isOverridden: row[13], policy: wordAt(row[14]), outcome: row[15], outcomeSeq: row[16], accepted: row[17] },
    ...{ deposit: row[18], isAnnulled: row[19], isErased: row[20], owed: row[21], taken: row[22], isReleased: row[23] },
  });

  return {
    encode: (tap) => JSON.stringify(rowOf(tap)),
    decode: (line) => tapOf(JSON.parse(line) as Row),
    encodeJourney: ({ start, end, renewals, endedAt }) =>
      JSON.stringify([rowOf(start), end === null ? null : rowOf(end), renewals.map(rowOf), endedAt]),
    decodeJourney: (line) => {
      const [start, end, renewals, endedAt] = JSON.parse(line) as readonly [Row, Row | null, Row[], number | null];
      return { start: tapOf(start), end: end === null ? null : tapOf(end), renewals: renewals.map(tapOf), endedAt };
    },
  };
};

type Row = readonly [
  ...[ref: string, at: number, service: number, action: number, programme: number],
  ...[home: number | null, site: number, pseudonym: string | null, thing: string | null],
  ...[identity: string | null, session: string | null, zone: string | null, terms: number | null],
  ...[isOverridden: boolean, policy: number, outcome: Tap["outcome"], outcomeSeq: number, accepted: boolean | null],
  ...[deposit: number, isAnnulled: boolean, isErased: boolean, owed: Tap["owed"], taken: number, isReleased: boolean],
];
