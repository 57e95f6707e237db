/**
 * Why somebody was served on which terms, from what was recorded (shared/why.ts): to everybody the rules that held there, to
 * the one it is about what was decided. What the code alone gets must not depend on whom it is about: it is made from what
 * the terminal knew of its rules, and from nothing else.
 */
import { fromBase64url } from "../shared/bytes.ts";
import { type Policy, packOf, rulesOf, termsOfPerk } from "../shared/policy.ts";
import { readReceiptCode, writeReceiptCode } from "../shared/receipt-code.ts";
import type { Instant, Terms } from "../shared/terms.ts";
import { type EntryRef, type RecordedDecision, readDecided, readTransaction } from "../shared/transaction.ts";
import type { OwnDecision, Rules, WhyAnswer } from "../shared/why.ts";
import { type EntryCodeEdges, findByCode, findEntry } from "./entry-view.ts";
import { type OwnEdges, type Pseudonym, recogniseOwner } from "./own-receipts.ts";
import type { PolicyShelf } from "./policy-shelf.ts";
import type { LedgerEntry } from "./ports.ts";
import { fieldsOf, readRef, refOf } from "./survey-reading.ts";

export type WhyEdges = EntryCodeEdges & OwnEdges & { readonly policyOf: PolicyShelf };

/** The entry that a code names, and the decision that it rests on: its own, or the one that it is about. */
type About = { readonly code: string; readonly entries: readonly LedgerEntry[]; readonly decided: RecordedDecision };

/** `owner`: whoever has shown that it is about them; null: anybody. */
export type Found = About & { readonly of: EntryRef; readonly owner: Pseudonym | null };

/** `own`: base64url of what a phone signed. Null where no such receipt is here. */
export const findReceipt = async (
  edges: WhyEdges,
  { code, own }: { readonly code: string; readonly own?: string },
  now: Instant,
): Promise<Found | "not-here" | "not-yours"> => {
  const about = await findAbout(edges, code);
  const [entry] = about?.entries ?? [];
  if (about === null || entry === undefined) return "not-here";
  if (own === undefined) return { ...about, of: refOf(entry), owner: null };
  const signed = fromBase64url(own);
  const owner = signed === null ? null : await recogniseOwner(edges, signed, about.code, about.entries, now);
  return owner === null ? "not-yours" : { ...about, of: refOf(entry), owner };
};

export const explain = async ({ policyOf }: WhyEdges, found: Found): Promise<WhyAnswer> => {
  const { code, decided, owner } = found;
  const { artefacts, knowledge, request } = decided;
  const policy = await policyOf(artefacts.policy);
  return {
    ...{ code, hour: decided.at - (decided.at % 3600), service: request.service.slice(0, 100) },
    ...{ policy: artefacts.policy.slice(0, 12), manifest: artefacts.manifest },
    confirmedAt: knowledge.checkedAt.policy,
    rules: policy === null ? null : rulesIn(policy, request),
    own: owner === null ? null : ownOf(found),
  };
};

const findAbout = async (edges: WhyEdges, text: string): Promise<About | null> => {
  const code = readReceiptCode(text);
  const entry = code === null ? null : await findByCode(edges, code);
  if (code === null || entry === null) return null;
  const transaction = readTransaction(entry.bytes);
  const of = transaction?.kind === "decided" ? null : readRef(transaction?.of);
  const answered = of === null ? null : await findEntry(edges.ledger, of);
  const entries = answered === null ? [entry] : [entry, answered];
  const decision = entries.map(({ bytes }) => readTransaction(bytes)).find((each) => each?.kind === "decided");
  const decided = decision === undefined || decision === null ? null : readDecided(decision);
  return decided === null ? null : { code: writeReceiptCode(code), entries, decided };
};

const rulesIn = (policy: Policy, { programme, service }: RecordedDecision["request"]): Rules | null => {
  const pack = packOf(policy, programme);
  const rules = pack === null ? null : rulesOf(pack, service);
  if (pack === null || rules === null) return null;
  return {
    currency: policy.currency,
    programme: { name: pack.name, version: pack.version, objection: pack.objection },
    ordinary: rules.ordinary,
    perks: rules.perks.map((perk) => ({
      id: perk.id,
      atLeast: typeof perk.atLeast === "number" ? perk.atLeast : null,
      terms: termsOfPerk(rules, perk),
    })),
  };
};

const ownOf = ({ decided, entries }: Found): OwnDecision => {
  const { request, result, artefacts, knowledge } = decided;
  const decision = {
    ...{ at: decided.at, site: request.place.site.slice(0, 100), isByStaff: false },
    list: artefacts.list === null ? null : { version: artefacts.list, confirmedAt: knowledge.checkedAt.list },
    ...(result.effect === "permit"
      ? {
          ...{ effect: "permit" as const, reason: result.reason, perk: result.perk },
          terms: result.terms,
          owed: result.owed,
        }
      : { ...{ effect: "refer" as const, reason: result.reason, perk: null }, terms: null, owed: false }),
  };
  const override = entries.map(({ bytes }) => readTransaction(bytes)).find((each) => each?.kind === "override");
  const terms = fieldsOf(override?.terms) as Partial<Terms>;
  if (override == null || terms.deposit === undefined) return decision;
  const perk = typeof override.perk === "string" ? override.perk : null;
  const reason = perk === null ? "ordinary" : "perk";
  return { ...decision, at: override.at, effect: "permit", reason, perk, terms: terms as Terms, isByStaff: true };
};
