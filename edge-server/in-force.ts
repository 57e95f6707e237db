/** Which policy and which lists were in force at a moment, from what the publisher keeps of its publications. */
import type { Bytes } from "../shared/bytes.ts";
import type { Policy } from "../shared/policy.ts";
import type { InForceSince } from "./published.ts";
import type { InForce } from "./redecide.ts";

/** Before the first of each nothing is known. A policy that `open` does not believe counts as none. */
export const createInForce = async (
  history: readonly InForceSince[],
  open: (signed: Bytes) => Promise<Policy | null>,
): Promise<Pick<InForce, "policyAt" | "listAt">> => {
  const policies: { readonly since: number; readonly policy: Policy | null }[] = [];
  const lists = new Map<string, InForceSince[]>();
  for (const each of history) {
    if (each.signed !== null) policies.push({ since: each.since, policy: await open(each.signed) });
    const [kind, programme] = each.name.split("/");
    if (kind !== "list" || programme === undefined) continue;
    const known = lists.get(programme);
    if (known === undefined) lists.set(programme, [each]);
    else known.push(each);
  }
  return {
    policyAt: (at) => policies.findLast(({ since }) => since <= at)?.policy ?? null,
    listAt: (programme, at) => {
      const then = (lists.get(programme) ?? []).filter(({ since }) => since <= at);
      const last = then.at(-1);
      const isOne = then.every(({ name }) => name === last?.name);
      return last === undefined || last.cuts === null || !isOne ? null : { version: last.version, cuts: last.cuts };
    },
  };
};
