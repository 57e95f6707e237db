/**
 * What somebody was due at a refusal, had there been none: what `decide` says of the same code without a history. A code that
 * was not to be believed, or is nobody's any more, is due what everybody is. Staff permit this and no more, and the audit
 * finds it again from what is recorded. Null where the service is not offered at all.
 */
import { decide, type Facts, type Reading } from "./decide.ts";
import { packOf, rulesOf } from "./policy.ts";
import type { Decision, Request } from "./terms.ts";

export type Permit = Extract<Decision, { readonly effect: "permit" }>;

export const permitAfter = (
  request: Request,
  reading: Reading,
  { policy, knowledge }: Omit<Facts, "history">,
): Permit | null => {
  const history = { seenAt: null, sameActionAt: null, cardTaps: 0 };
  const again = decide(request, reading, { policy, knowledge, history });
  return again.effect === "permit" ? again : ordinaryPermit(request, policy);
};

/** As for somebody without a code. */
export const ordinaryPermit = (request: Request, policy: Facts["policy"]): Permit | null => {
  const pack = packOf(policy, request.programme);
  const rules = pack === null ? null : rulesOf(pack, request.service);
  if (rules === null) return null;
  return { effect: "permit", terms: rules.ordinary, perk: null, reason: "ordinary", owed: false };
};
