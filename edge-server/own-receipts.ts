/**
 * Whether whoever asks is the one that an entry is about: a phone whose credential is genuine and in force has signed that it
 * asks about this receipt, now, and its pseudonym is the one beside the entry. A phone that was reported lost is nobody's.
 */
import type { Bytes } from "../shared/bytes.ts";
import { verifySign1 } from "../shared/cose.ts";
import {
  type CredentialClaims,
  decodeCredential,
  phoneLifeSecondsMax,
  toleranceSeconds,
} from "../shared/credential.ts";
import { importPublicKey } from "../shared/keys.ts";
import { importPseudonymKey, pseudonymOf } from "../shared/log.ts";
import { openOwnReceipt } from "../shared/own-receipt.ts";
import { proofAgeMaxSeconds } from "../shared/proof.ts";
import { readReceiptCode, writeReceiptCode } from "../shared/receipt-code.ts";
import type { Instant } from "../shared/terms.ts";
import { readPersonal } from "../shared/transaction.ts";
import { issuerOf, openTrust } from "../shared/trust.ts";
import type { KeyStore } from "./keys.ts";
import type { LedgerEntry, Registry } from "./ports.ts";

export type OwnEdges = {
  readonly registry: Pick<Registry, "issuers" | "losses">;
  readonly operator: KeyStore["operator"];
};

export type Pseudonym = { readonly value: string; readonly key: number };

/** Null for anybody else. Never throws for anything in `bytes`. */
export const recogniseOwner = async (
  edges: OwnEdges,
  bytes: Bytes,
  code: string,
  about: readonly LedgerEntry[],
  now: Instant,
): Promise<Pseudonym | null> => {
  const asked = openOwnReceipt(bytes);
  if (asked === null || Math.abs(now - asked.at) > proofAgeMaxSeconds || !isSameCode(asked.code, code)) return null;
  const credential = decodeCredential(asked.credential);
  const trust = await openTrust(edges.registry.issuers());
  const issuer = credential === null || trust.kind === "invalid" ? null : issuerOf(trust.value, credential.kid, now);
  if (credential === null || issuer === null || issuer.entry.use !== "citizen") return null;
  const { sub, holder, status } = credential.claims;
  const { programme } = issuer.entry;
  const key = holder === undefined ? null : await importPublicKey(holder);
  if (key === null || programme === undefined || !isInForce(credential.claims, now)) return null;
  if ((await verifySign1(credential.sign1, issuer.key)) !== "ok" || !(await asked.isSignedBy(key))) return null;
  const lost = status === undefined ? [] : edges.registry.losses({ programme, list: status.uri });
  if (lost.some(({ index }) => index === status?.index)) return null;
  const value = await pseudonymOf(await importPseudonymKey(edges.operator.bytes), programme, sub);
  const isTheirs = about.some(({ personal }) => personal !== null && readPersonal(personal.text)?.pseudonym === value);
  return isTheirs ? { value, key: edges.operator.version } : null;
};

/** As a terminal sees it (verify.ts). */
const isInForce = ({ exp, iat, nbf = iat, staff }: CredentialClaims, now: Instant): boolean =>
  staff === undefined && now >= Math.max(nbf, iat) - toleranceSeconds && now < exp && exp - iat <= phoneLifeSecondsMax;

const isSameCode = (one: string, other: string): boolean => {
  const [a, b] = [readReceiptCode(one), readReceiptCode(other)];
  return a !== null && b !== null && writeReceiptCode(a) === writeReceiptCode(b);
};
