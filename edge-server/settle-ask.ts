/**
 * What only a citizen's programme can tell, and how it is asked. The operator's log names nobody and has no place in a list:
 * it has a pseudonym, which the programme alone can map back, since it alone knows its subjects (FORMATS, "pseudonym").
 *
 *     ask     a line of heading {"v", "kind": "ask", "programme", "period", "pseudonymKey"}, then one line a decision:
 *             {"entry", "pseudonym", "at", "service", "action", "cause", "owedUnder": {STANDING: {"use", "deposit", "missed"}}}
 *     answer  {"v", "kind": "answer", "programme"}, then {"entry", "pseudonym", "standing"}
 *
 * STANDING: none, suspended, revoked, or a band; what the score list that was published at that moment said, or ought to
 * have said, a lawful restriction included. The programme computes the pseudonym of each of its subjects with the
 * operator's key, which travels in a file of its own. No score, name or place in a list is in either file.
 */
import * as v from "valibot";
import type { CryptoKey } from "../shared/keys.ts";
import { pseudonymOf } from "../shared/log.ts";
import type { Standing } from "../shared/status-list.ts";
import type { Instant } from "../shared/terms.ts";
import type { Money } from "./settle.ts";
import type { Ref } from "./tap.ts";

export type Asked = {
  readonly entry: Ref;
  readonly pseudonym: string;
  readonly at: Instant;
  readonly service: string;
  readonly action: string;
  readonly cause: string;
  readonly owedUnder: Readonly<Record<string, Money>>;
};

export type Answer = { readonly entry: Ref; readonly pseudonym: string; readonly standing: Standing };

/** All that can be answered, in a pack with so many cuts. */
export const standingsOf = (cuts: number): readonly Standing[] => [
  "none",
  ...([1, 2, 3, 4, 5] as const).slice(0, cuts),
  "suspended",
  "revoked",
];

export const askHeadingOf = (programme: string, period: string, pseudonymKey: number): string =>
  JSON.stringify({ v: 1, kind: "ask", programme, period, pseudonymKey });
export const answerHeadingOf = (programme: string): string => JSON.stringify({ v: 1, kind: "answer", programme });

const shortText = v.pipe(v.string(), v.maxLength(200));
const pseudonym = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/));
const standing = v.union([v.picklist(["none", "suspended", "revoked"]), v.picklist([1, 2, 3, 4, 5])]);
const heading = v.object({ v: v.literal(1), kind: v.picklist(["ask", "answer"]), programme: shortText });
const askedLine = v.object({ entry: shortText, pseudonym, at: v.pipe(v.number(), v.integer()) });
const answerLine = v.object({ entry: shortText, pseudonym, standing });

/** Null where the line is no heading of that kind. */
export const readHeading = (kind: "ask" | "answer", line: string): { readonly programme: string } | null => {
  const result = v.safeParse(heading, parse(line));
  return result.success && result.output.kind === kind ? result.output : null;
};
export const readAsked = (line: string): Pick<Asked, "entry" | "pseudonym" | "at"> | null => {
  const result = v.safeParse(askedLine, parse(line));
  return result.success ? result.output : null;
};
export const readAnswer = (line: string): Answer | null => {
  const result = v.safeParse(answerLine, parse(line));
  return result.success ? result.output : null;
};
export const readStanding = (text: string): Standing | null => {
  const result = v.safeParse(standing, /^\d$/.test(text) ? Number(text) : text);
  return result.success ? result.output : null;
};

/** A subject of the programme and what it was, from `from` on. */
export type SubjectStanding = { readonly sub: string; readonly from: Instant; readonly standing: Standing };

/** The programme's part. `since` the newest `from` that is not later than the decision holds. */
export const answerAsked = async (
  subjects: Iterable<SubjectStanding>,
  operatorKey: CryptoKey,
  programme: string,
): Promise<(asked: Pick<Asked, "entry" | "pseudonym" | "at">) => Answer | null> => {
  const standings = new Map<string, SubjectStanding[]>();
  for (const subject of subjects) {
    const name = await pseudonymOf(operatorKey, programme, subject.sub);
    const known = standings.get(name);
    if (known === undefined) standings.set(name, [subject]);
    else known.push(subject);
  }
  for (const known of standings.values()) known.sort((a, b) => a.from - b.from);
  return ({ entry, pseudonym: name, at }) => {
    const then = standings.get(name)?.findLast(({ from }) => from <= at);
    return then === undefined ? null : { entry, pseudonym: name, standing: then.standing };
  };
};

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};
