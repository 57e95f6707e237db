/**
 * Credit events: facts for a citizen's programme, which alone makes anything of them. CloudEvents 1.0 in JSON:
 *
 *     id        the entry that it rests on and the fact: the same fact has the same id, however often it is told
 *     source    urn:greenlane:operator: and the first 16 hex digits of the SHA-256 of the operator's first root
 *     type      city.greenlane.returned-on-time.v1, city.greenlane.parked-in-zone.v1,
 *               city.greenlane.volunteer-shift-checked-in.v1
 *     subject   the citizen's pseudonym at this operator
 *     data      {"service", "programme", "site", "zone"?, "entries"}
 *
 * There is no score in them and nothing that could punish: who is late is in no event at all.
 */
import type { Policy } from "../shared/policy.ts";
import { forfeitAtOf } from "../shared/tariff.ts";
import type { Instant } from "../shared/terms.ts";
import type { Journey } from "./reconcile.ts";
import { rulesIn } from "./settle.ts";
import { type Ref, stateOf, type Tap } from "./tap.ts";

export type CreditEvent = {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: `city.greenlane.${Fact}.v1`;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: {
    readonly service: string;
    readonly programme: string;
    readonly site: string;
    readonly zone?: string;
    readonly entries: readonly Ref[];
  };
};

type Fact = "returned-on-time" | "parked-in-zone" | "volunteer-shift-checked-in";

export const sourceOf = (firstRootHash: string): string => `urn:greenlane:operator:${firstRootHash.slice(0, 16)}`;

/** Of one journey, for the programme `home` of the citizen. */
export const eventsOf = (
  { start, end, renewals }: Journey,
  home: string,
  source: string,
  policyOf: (sha256: string) => Policy | null,
): readonly CreditEvent[] => {
  if (start.home !== home || start.pseudonym === null || stateOf(start) === "void") return [];
  if (start.action === "shift" && stateOf(start) === "done") {
    return [eventOf("volunteer-shift-checked-in", start, start, source, [start.ref])];
  }
  if (end === null || stateOf(end) !== "done") return [];
  const dueAt = dueBackAt(start, renewals, policyOf(start.policy));
  const facts: Fact[] = [];
  if (dueAt !== null && end.at <= dueAt) facts.push("returned-on-time");
  if (end.action === "trip_end" && end.zone !== null) facts.push("parked-in-zone");
  return facts.map((fact) => eventOf(fact, start, end, source, [start.ref, end.ref]));
};

/** It came about with `at`. */
const eventOf = (
  fact: Fact,
  { service, programme, pseudonym }: Tap,
  { ref, at, site, zone }: Tap,
  source: string,
  entries: readonly Ref[],
): CreditEvent => ({
  specversion: "1.0",
  id: `${ref}#${fact}`,
  source,
  type: `city.greenlane.${fact}.v1`,
  subject: pseudonym ?? "",
  time: new Date(at * 1000).toISOString(),
  datacontenttype: "application/json",
  data: { service, programme, site, ...(zone === null ? {} : { zone }), entries },
});

/** A loan ends when its terms say; a trip is on time until its deposit would be kept. Null where no rule says. */
const dueBackAt = (start: Tap, renewals: readonly Tap[], policy: Policy | null): Instant | null => {
  if (start.action === "checkout") {
    return Math.max(...[start, ...renewals].map(({ at, terms }) => at + (terms?.loanSeconds ?? 0)));
  }
  const tariff = start.action === "trip_start" ? rulesIn(policy, start)?.tariff : undefined;
  return tariff === undefined ? null : forfeitAtOf(tariff, start.at);
};
