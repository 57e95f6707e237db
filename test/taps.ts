/** A made-up city's taps, as pieces and as entries, for the tests of reconciliation and settlement. */

import type { RulesFor } from "../edge-server/reconcile.ts";
import type { InForce } from "../edge-server/redecide.ts";
import { priceOf, rulesIn, type Settling } from "../edge-server/settle.ts";
import { type Piece, readPiece, type Tap } from "../edge-server/tap.ts";
import { toBase64url } from "../shared/bytes.ts";
import { decide, type Facts } from "../shared/decide.ts";
import type { Policy } from "../shared/policy.ts";
import type { Standing } from "../shared/status-list.ts";
import type { Price, Tariff } from "../shared/tariff.ts";
import type { Action, Instant, ServiceName } from "../shared/terms.ts";
import type { EntryRef, Happening, Outcome, Personal, Transaction } from "../shared/transaction.ts";
import { now, samplePack, samplePolicy } from "./sample.ts";

export const policyName = "ab".repeat(32);

/** The sample with prices: fares by distance with a cap, hours for bikes. */
export const withPrices = (
  prices: { readonly [service in ServiceName]?: Price },
  forfeitAfterSeconds: number | null = null,
): Policy => {
  const services = Object.fromEntries(
    Object.entries(samplePack.services).map(([service, rules]) => {
      const price = prices[service as ServiceName];
      const tariff: Tariff | undefined = price === undefined ? undefined : { price, forfeitAfterSeconds };
      return [service, { ...rules, ...(tariff === undefined ? {} : { tariff }) }];
    }),
  );
  return { ...samplePolicy, packs: [{ ...samplePack, services }] };
};

export const distance = {
  kind: "distance" as const,
  sites: ["east", "west", "north"],
  fares: [
    [200, 405, 603],
    [405, 200, 301],
    [603, 301, 200],
  ],
  minSeconds: [
    [0, 600, 900],
    [600, 0, 300],
    [900, 300, 0],
  ],
  capPerDay: 1000,
} satisfies Price;
export const hours: Price = { kind: "time", unitSeconds: 3600, unitPrice: 101, capPerDay: 1000, capInAll: 5000 };
export const pricedPolicy: Policy = withPrices({ metro: distance, bike: hours });

export const inForceOf = (policy: Policy): InForce => ({
  policyAt: () => policy,
  policyOf: () => policy,
  listAt: () => null,
});
export const settlingOf = (policy: Policy, changes: Partial<Settling> = {}): Settling => ({
  inForce: inForceOf(policy),
  answerFor: () => undefined,
  dayOf: (at) => Math.floor(at / 86_400),
  until: now + 400 * 86_400,
  ...changes,
});
export const rulesForOf =
  (policy: Policy): RulesFor =>
  (tap: Tap) => {
    const rules = rulesIn(policy, tap);
    return rules === null ? null : { passbackSeconds: rules.passbackSeconds, price: priceOf(rules) };
  };

/** An entry as it stands in a ledger. */
export type Written = { readonly ref: EntryRef; readonly transaction: Transaction; readonly personal: Personal };

export const pieceOf = ({ ref, transaction, personal }: Written): Piece | null =>
  readPiece(
    `${ref.terminal}/${ref.epoch}/${ref.seq}`,
    transaction,
    Object.keys(personal).length === 0 ? null : JSON.stringify(personal),
  );
export const piecesOf = (written: readonly Written[]): readonly Piece[] =>
  written.flatMap((each) => pieceOf(each) ?? []);

/** What our data was like when somebody was decided about; `fresh` is an always-online terminal. */
export const causes = [
  "fresh",
  "trust-stale",
  "policy-stale",
  "list-missing",
  "list-stale",
  "cuts-differ",
  "band-unknown",
] as const;
export type Cause = (typeof causes)[number];

export type Asking = {
  readonly service: ServiceName;
  readonly action: Action;
  readonly at: Instant;
  readonly site: string;
  readonly person: string | null;
  readonly thing?: string;
  readonly standing?: Standing;
  readonly cause?: Cause;
  readonly outcome?: Outcome | null;
  readonly accepted?: boolean;
  readonly identity?: string;
  readonly session?: EntryRef;
  readonly form?: "presentation" | "bearer";
};

/** A log of each terminal, written as the real one writes. */
export const createLogs = (policy: Policy, policyHash = policyName, programme = "here", cuts = 7) => {
  const heads = new Map<string, number>();
  const written: Written[] = [];
  const write = (terminal: string, at: Instant, happening: Happening, personal: Personal): EntryRef => {
    const seq = (heads.get(terminal) ?? 0) + 1;
    heads.set(terminal, seq);
    const ref = { terminal, epoch: toBase64url(new Uint8Array(16).fill(1)), seq };
    const bound = Object.keys(personal).length === 0 ? {} : { personal: "bound" };
    const transaction = { v: 1, at, boot: "boot", clock: "device", ...happening, ...bound } as Transaction;
    written.push({ ref, transaction, personal });
    return ref;
  };

  const ask = (terminal: string, asking: Asking): EntryRef => {
    const { service, action, at, site, person, cause = "fresh", standing = "none" } = asking;
    const request = { service, action, programme, place: { site } };
    const reading =
      person === null
        ? ({ kind: "none" } as const)
        : ({ kind: "verified", form: asking.form ?? "presentation", use: "citizen", programme } as const);
    const facts = { policy, ...factsOf(cause, standing, at, cuts) };
    const result = decide({ ...request, at }, reading, facts);
    const ref = write(
      terminal,
      at,
      {
        kind: "decided",
        request,
        reading,
        ...(person === null ? {} : { identity: asking.identity ?? `${terminal} ${at} ${person}` }),
        ...{ knowledge: facts.knowledge, history: facts.history, result },
        artefacts: { manifest: 1, policy: policyHash, list: 1 },
        ...(asking.session === undefined ? {} : { of: asking.session }),
      },
      {
        ...(person === null ? {} : { pseudonym: person }),
        ...(service === "library" && asking.thing !== undefined ? { item: asking.thing } : {}),
      },
    );
    if (result.effect === "refer") return ref;
    if (asking.accepted !== undefined) {
      const { deposit } = result.terms;
      write(terminal, at, { kind: "agreed", of: ref, accepted: asking.accepted, deposit, currency: "CNY" }, {});
    }
    const { outcome = "completed" } = asking;
    if (outcome === null) return ref;
    const vehicle = action.startsWith("trip_") && asking.thing !== undefined ? { vehicle: asking.thing } : {};
    write(terminal, at + 2, { kind: "acted", of: ref, outcome }, vehicle);
    return ref;
  };
  return { written, write, ask };
};

const factsOf = (cause: Cause, standing: Standing, at: Instant, cuts: number): Omit<Facts, "policy"> => {
  const old = at - 10_000;
  return {
    knowledge: {
      standing:
        cause === "list-missing" || cause === "band-unknown" ? "unknown" : cause === "list-stale" ? "none" : standing,
      cuts: cause === "list-missing" ? null : cause === "cuts-differ" ? cuts + 1 : cuts,
      checkedAt: {
        trust: cause === "trust-stale" ? old : at,
        policy: cause === "policy-stale" ? old : at,
        list: cause === "list-missing" ? null : cause === "list-stale" ? old : at,
      },
    },
    history: { seenAt: null, sameActionAt: null, cardTaps: 0 },
  };
};
