/** The cuts that each programme's packs have had, by version, from every policy that was published. */
import { openByAny } from "./audit-decisions.ts";
import type { Publisher } from "./ports.ts";
import type { InForceSince } from "./published.ts";
import type { KnownCuts } from "./rehearse-standings.ts";
import { openAllRoots } from "./root-chain.ts";

export const readKnownCuts = async (
  history: readonly InForceSince[],
  publisher: Pick<Publisher, "current">,
): Promise<readonly KnownCuts[]> => {
  const { firstRoot, laterRoots } = await publisher.current();
  const roots = await openAllRoots(firstRoot, laterRoots);
  const known = new Map<string, KnownCuts>();
  for (const { signed } of history) {
    const policy = signed === null ? null : await openByAny(signed, roots);
    for (const { programme, cuts } of policy?.packs ?? []) {
      known.set(`${programme} ${cuts.version}`, { programme, version: cuts.version, at: cuts.at });
    }
  }
  return [...known.values()];
};
