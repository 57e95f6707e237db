import { describe, expect, it } from "vitest";
import { decide, type Facts, type Reading } from "../shared/decide.ts";
import { perkInBand, termsOfPerk } from "../shared/policy.ts";
import type { Standing } from "../shared/status-list.ts";
import type { Action, Request, ServiceName } from "../shared/terms.ts";
import { faults } from "../shared/verify.ts";
import { now, samplePack, samplePolicy, sampleRules } from "./sample.ts";

/**
 * The ladder of `decide`, one row a reason, in its order; each row also breaks every later rule that it can, so that a
 * rule in the wrong place shows. Then both sides of every boundary.
 *
 *   code      phone, card; `-elsewhere`: of another programme; staff, staff-card; none; or a fault of verification
 *   seen      this identity was seen before
 *   card      how the service takes cards: refused, ordinary (without perks), perks
 *   taps      of this card today; at most 20
 *   since     seconds since the same person did the same; below 60 is a passback
 *   items     already checked out in this session; 2 is the most, 4 with the perk of band 3
 *   trust, policy, list   seconds since it was confirmed; perks go on for 1000
 *   cuts      the version that the list was made with; 7 is the pack's; `-`: there is no list
 */
const ladder = `
  reason            | programme service action  code            seen standing  card     taps since items | trust policy list  cuts
  ------------------|------------------------------------------------------------------------------------|------------------------
  not-offered       | elsewhere library checkin none            yes  revoked   refused  99   0     99    | never never  never -
  not-offered       | here      nowhere checkin none            yes  revoked   refused  99   0     99    | never never  never -
  not-offered       | here      library entry   none            yes  revoked   refused  99   0     99    | never never  never -
  no-code-needed    | here      library checkin none            yes  revoked   refused  99   0     99    | never never  never -
  unreadable        | here      library checkout none           yes  revoked   refused  99   0     99    | never never  never -
  stale             | here      library checkout stale          yes  revoked   refused  99   0     99    | never never  never -
  staff-badge       | here      library checkout staff          yes  revoked   refused  99   0     99    | never never  never -
  staff-badge       | here      library checkout staff-card     yes  revoked   refused  99   0     99    | never never  never -
  replay            | here      library checkout phone-elsewhere yes revoked   refused  99   0     99    | never never  never -
  revoked           | here      library checkout phone-elsewhere no  revoked   refused  99   0     99    | never never  never -
  revoked           | here      library checkout card-elsewhere yes  revoked   refused  99   0     99    | never never  never -
  card-not-accepted | here      library checkout card-elsewhere yes  unknown   refused  99   0     99    | never never  never -
  card-limit        | here      library checkout card-elsewhere yes  unknown   ordinary 20   0     99    | never never  never -
  passback          | here      library checkout card-elsewhere yes  unknown   ordinary 19   59    99    | never never  never -
  passback          | here      library checkout phone-elsewhere no  unknown   ordinary 99   59    99    | never never  never -
  items-max         | here      library checkout card-elsewhere yes  unknown   ordinary 19   60    2     | never never  never -
  other-programme   | here      library checkout card-elsewhere yes  unknown   ordinary 19   60    1     | never never  never -
  ordinary          | here      library checkout card           yes  unknown   ordinary 19   60    1     | never never  never -
  trust-stale       | here      library checkout card           yes  unknown   perks    19   60    1     | never never  never -
  trust-stale       | here      library checkout phone          no   unknown   perks    99   60    1     | 1001  1001   1001  -
  policy-stale      | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  1001   1001  -
  policy-stale      | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  never  1001  -
  list-missing      | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  1000   1001  -
  list-stale        | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  1000   1001  6
  list-stale        | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  1000   never 6
  cuts-differ       | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  1000   1000  6
  cuts-differ       | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  1000   1000  8
  band-unknown      | here      library checkout phone          no   unknown   perks    99   60    1     | 1000  1000   1000  7
  band-unknown      | here      library checkout phone          no   4         perks    99   60    1     | 1000  1000   1000  7
  ordinary          | here      library checkout phone          no   none      perks    99   60    1     | 1000  1000   1000  7
  ordinary          | here      library checkout phone          no   suspended perks    99   60    1     | 1000  1000   1000  7
  ordinary          | here      library checkout phone          no   1         perks    99   60    1     | 1000  1000   1000  7
  perk              | here      library checkout phone          no   2         perks    99   60    1     | 1000  1000   1000  7
`;

const boundaries = `
  reason            | programme service action  code            seen standing  card     taps since items | trust policy list  cuts
  ------------------|------------------------------------------------------------------------------------|------------------------
  perk              | here      library checkout phone          no   2         perks    0    -     0     | 0     0      0     7
  perk              | here      library checkout phone          no   2         perks    20   -     0     | 0     0      0     7
  perk              | here      library checkout phone          no   2         refused  0    -     0     | 0     0      0     7
  perk              | here      library checkout card           no   2         perks    0    -     0     | 0     0      0     7
  perk              | here      library checkout card           yes  2         perks    19   -     0     | 0     0      0     7
  card-limit        | here      library checkout card           no   2         perks    20   -     0     | 0     0      0     7
  perk              | here      library checkout phone          no   2         perks    0    60    0     | 0     0      0     7
  passback          | here      library checkout phone          no   2         perks    0    59    0     | 0     0      0     7
  passback          | here      library checkout phone          no   2         perks    0    -59   0     | 0     0      0     7
  perk              | here      library checkout phone          no   2         perks    0    -60   0     | 0     0      0     7
  perk              | here      bike    trip_start phone        no   1         refused  0    0     0     | 0     0      0     7
  perk              | here      bike    trip_start phone        no   1         refused  0    -1    0     | 0     0      0     7
  perk              | here      library checkout phone          no   2         perks    0    -     1     | 0     0      0     7
  items-max         | here      library checkout phone          no   2         perks    0    -     2     | 0     0      0     7
  perk              | here      library checkout phone          no   3         perks    0    -     3     | 0     0      0     7
  items-max         | here      library checkout phone          no   3         perks    0    -     4     | 0     0      0     7
  items-max         | here      library checkout phone          no   3         perks    0    -     2     | 0     0      1001  7
  perk              | here      library renew   phone           no   2         perks    0    -     99    | 0     0      0     7
  perk              | here      library session phone           no   2         perks    0    -     99    | 0     0      0     7
  perk              | here      metro   entry   phone           no   2         perks    0    -     99    | 0     0      0     7
  perk              | here      metro   exit    phone           no   3         perks    0    -     99    | 0     0      0     7
  perk              | here      library checkout phone          no   2         perks    0    -     0     | 1000  0      0     7
  trust-stale       | here      library checkout phone          no   2         perks    0    -     0     | 1001  0      0     7
  trust-stale       | here      library checkout phone          no   2         perks    0    -     0     | -1001 0      0     7
  perk              | here      library checkout phone          no   2         perks    0    -     0     | 0     1000   0     7
  policy-stale      | here      library checkout phone          no   2         perks    0    -     0     | 0     1001   0     7
  perk              | here      library checkout phone          no   2         perks    0    -     0     | 0     0      1000  7
  list-stale        | here      library checkout phone          no   2         perks    0    -     0     | 0     0      1001  7
  perk              | here      library checkout phone          no   2         perks    0    -     0     | 0     0      -1000 7
  ordinary          | here      bike    trip_start phone        no   none      refused  0    -     0     | 0     0      0     7
  no-code-needed    | here      bike    trip_end none           no   none      refused  0    -     0     | 0     0      0     7
  no-code-needed    | here      library checkin phone           no   2         perks    0    -     0     | 0     0      0     7
`;

type Row = {
  readonly reason: string;
  readonly programme: string;
  readonly service: ServiceName;
  readonly action: Action;
  readonly code: string;
  readonly seen: string;
  readonly standing: string;
  readonly card: string;
  readonly taps: string;
  readonly since: string;
  readonly items: string;
  readonly trust: string;
  readonly policy: string;
  readonly list: string;
  readonly cuts: string;
};

const rowsOf = (table: string): readonly Row[] => {
  const [head, , ...lines] = table
    .trim()
    .split("\n")
    .map((line) => line.split(/[\s|]+/).filter(Boolean));
  return lines.map((line) => {
    if (line.length !== head?.length) throw new Error(`a row of ${line.length} columns: ${line.join(" ")}`);
    return Object.fromEntries(line.map((word, column) => [head[column], word])) as Row;
  });
};

const requestOf = (row: Row): Request => ({
  service: row.service,
  action: row.action,
  programme: row.programme,
  place: { site: "north" },
  at: now,
  itemsBefore: Number(row.items),
});

const readingOf = (code: string): Reading => {
  if (code === "none") return { kind: "none" };
  const fault = faults.find((each) => each === code);
  if (fault !== undefined) return { kind: "fault", fault };
  return {
    kind: "verified",
    form: code.includes("card") ? "bearer" : "presentation",
    use: code.startsWith("staff") ? "staff" : "citizen",
    programme: code.endsWith("-elsewhere") ? "elsewhere" : code.startsWith("staff") ? null : "here",
  };
};

const cards = {
  refused: null,
  ordinary: { perks: false, tapsMaxPerDay: 20 },
  perks: { perks: true, tapsMaxPerDay: 20 },
} as const;

const factsOf = (row: Row): Facts => {
  const ago = (seconds: string): number | null =>
    seconds === "never" || seconds === "-" ? null : now - Number(seconds);
  const card = cards[row.card as keyof typeof cards];
  const services = { ...samplePack.services, library: { ...sampleRules("library"), card } };
  const standing = /^\d$/.test(row.standing) ? Number(row.standing) : row.standing;
  return {
    policy: { ...samplePolicy, packs: [{ ...samplePack, services }] },
    knowledge: {
      standing: standing as Standing,
      cuts: row.cuts === "-" ? null : Number(row.cuts),
      checkedAt: { trust: ago(row.trust), policy: ago(row.policy), list: ago(row.list) },
    },
    history: {
      seenAt: row.seen === "yes" ? now - 30 : null,
      sameActionAt: ago(row.since),
      cardTaps: Number(row.taps),
    },
  };
};

const owed = ["trust-stale", "policy-stale", "list-missing", "list-stale", "cuts-differ", "band-unknown"];
const permitted = [...owed, "perk", "ordinary", "other-programme", "no-code-needed"];

const expectedOf = (row: Row) => {
  if (!permitted.includes(row.reason)) return { effect: "refer", reason: row.reason };
  const rules = sampleRules(row.service);
  const perk = row.reason === "perk" ? perkInBand(samplePack, rules, Number(row.standing)) : null;
  return {
    effect: "permit",
    terms: perk === null ? rules.ordinary : termsOfPerk(rules, perk),
    perk: perk?.id ?? null,
    reason: row.reason,
    owed: owed.includes(row.reason),
  };
};

describe("decide, a row a reason", () => {
  it.each(rowsOf(ladder))("$reason: $code $action, $standing, card $card, since $since, items $items", (row) => {
    expect(decide(requestOf(row), readingOf(row.code), factsOf(row))).toEqual(expectedOf(row));
  });
});

describe("decide, both sides of every boundary", () => {
  it.each(rowsOf(boundaries))("$reason: $code $action, $standing, since $since, items $items, taps $taps", (row) => {
    expect(decide(requestOf(row), readingOf(row.code), factsOf(row))).toEqual(expectedOf(row));
  });
});

const [readable] = rowsOf(boundaries);

it.each(faults)("refers by the fault of the code: %s", (fault) => {
  if (readable === undefined) throw new Error("an empty table");
  expect(decide(requestOf(readable), readingOf(fault), factsOf(readable))).toEqual({ effect: "refer", reason: fault });
});

it("counts no items before where the request says nothing of them", () => {
  if (readable === undefined) throw new Error("an empty table");
  const { itemsBefore, ...request } = requestOf(readable);
  expect(itemsBefore).toBe(0);
  expect(decide(request, readingOf("phone"), factsOf(readable))).toMatchObject({ reason: "perk" });
});
