/** What the server itself decides by at this moment: what it has published, as a terminal would that has just fetched it. */
import { type Bytes, sha256, toHex } from "../shared/bytes.ts";
import type { Policy } from "../shared/policy.ts";
import { openStatusList, type Standing, standingAt } from "../shared/status-list.ts";
import { openTrust, type Trust } from "../shared/trust.ts";
import type { VerifiedPresentation } from "../shared/verify.ts";
import { openByAny } from "./audit-decisions.ts";
import { listAsPublished } from "./losses.ts";
import type { Publisher, Registry } from "./ports.ts";
import { hashesOf, type PublishedStore } from "./published.ts";
import { openAllRoots } from "./root-chain.ts";

export type RulesNow = {
  readonly manifest: number;
  readonly trust: Trust;
  readonly policy: Policy;
  /** SHA-256 of `signedPolicy`, hex. */
  readonly policyHash: string;
  readonly signedPolicy: Bytes;
};

export type RulesEdges = {
  readonly publisher: Pick<Publisher, "current">;
  readonly store: Pick<PublishedStore, "read" | "artefact">;
  readonly registry: Pick<Registry, "issuers" | "list" | "restrictions" | "losses">;
};

/** Opened once for each publication. */
export const createRulesNow = ({ publisher, store, registry }: RulesEdges): (() => Promise<RulesNow>) => {
  let known: RulesNow | null = null;
  return async () => {
    const { version, firstRoot, laterRoots } = await publisher.current();
    if (known?.manifest === version) return known;
    const artefact = store.read()?.artefacts.find(({ entry }) => entry.name === "policy");
    const signedPolicy = artefact === undefined ? null : store.artefact(hashesOf(artefact)[0] ?? "");
    const policy =
      signedPolicy === null ? null : await openByAny(signedPolicy, await openAllRoots(firstRoot, laterRoots));
    const trust = await openTrust(registry.issuers());
    if (signedPolicy === null || policy === null || trust.kind === "invalid") {
      throw new Error("what was published cannot be read");
    }
    const policyHash = toHex(await sha256(signedPolicy));
    known = { manifest: version, trust: trust.value, policy, policyHash, signedPolicy };
    return known;
  };
};

/** As the list says that was published; `version` null where it has none for this credential. */
export const standingNow = (
  registry: RulesEdges["registry"],
  { programme, statusUri, statusIndex, statusAllowed }: VerifiedPresentation,
): { readonly standing: Standing; readonly cuts: number | null; readonly version: number | null } => {
  const name = { programme: programme ?? "", list: statusUri ?? "" };
  const row = statusAllowed === false ? null : registry.list(name);
  if (row === null || statusIndex === undefined) return { standing: "unknown", cuts: null, version: null };
  const packed = listAsPublished(row, registry.restrictions(name), registry.losses(name));
  const list = openStatusList(packed, row.entries);
  const standing = list.kind === "valid" ? standingAt(list.value, statusIndex) : "unknown";
  return { standing, cuts: row.cuts, version: row.version };
};
