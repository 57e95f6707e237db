/** The demo city's server: three fresh terminals, one of each profile. */
import { demoTerminals, readAnswer } from "../../../shared/messages.ts";
import type { ServiceName } from "../../../shared/terms.ts";

export type Made =
  | { readonly kind: "made"; readonly hashes: Readonly<Partial<Record<ServiceName, string>>> }
  | { readonly kind: "failed"; readonly cause: string };

/** The part of each enrolment link that enrols: `#enrol=CODE.ROOT`. */
export const makeTerminals = async (): Promise<Made> => {
  try {
    const response = await fetch("/v1/demo/terminals", { method: "POST", signal: AbortSignal.timeout(15_000) });
    const made = response.ok ? readAnswer(demoTerminals, await response.json()) : null;
    if (made === null) return { kind: "failed", cause: `HTTP ${response.status}` };
    const hashes = made.terminals.map(({ profile, link }) => [profile.service, new URL(link).hash]);
    return { kind: "made", hashes: Object.fromEntries(hashes) };
  } catch (reason) {
    return { kind: "failed", cause: reason instanceof Error ? reason.message : String(reason) };
  }
};
