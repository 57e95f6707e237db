/**
 * The policy that is published: the packs of the registry with what the operator alone decides. Composed in one place,
 * so that a change is judged as a whole before any of it is kept.
 */
import { toUtf8 } from "../shared/bytes.ts";
import {
  type Decoded,
  decodePolicy,
  encodePolicy,
  type Pack,
  type Policy,
  type Recognition,
} from "../shared/policy.ts";
import type { StaffRules } from "../shared/staff-rules.ts";

/** A terminal records the whole policy in one entry of its log, and an entry has a limit (shared/sync). */
export const policyBytesMax = 256 * 1024;

const operator = {
  v: 1,
  operator: "Greenlane",
  currency: "CNY",
  help: { zh: "请询问现场工作人员，或走普通通道。", en: "Ask the staff here, or use the ordinary way in." },
  presentationSeconds: 90,
  ageingSeconds: 12 * 3600,
  perkGraceSeconds: 72 * 3600,
} as const;

export const operatorCurrency = operator.currency;

/** `staff` null: what holds for staff by itself. `recognises`: whose visitors are served by their own scores. */
export const makePolicy = (
  packs: readonly Pack[],
  staff: StaffRules | null,
  recognises: readonly Recognition[],
): Decoded<Policy> => {
  const json = encodePolicy({
    ...operator,
    ...(staff === null ? {} : { staff }),
    packs: [...packs],
    ...(recognises.length === 0 ? {} : { recognises: [...recognises] }),
  });
  return toUtf8(json).length > policyBytesMax
    ? { kind: "invalid", errors: [`the policy would be larger than ${policyBytesMax} bytes`] }
    : decodePolicy(json);
};
