/** The demo city's server: a fresh terminal of a service. */
import { demoTerminals, readAnswer } from "../../../shared/messages.ts";
import type { ServiceName } from "../../../shared/terms.ts";

export type Made =
  | { readonly kind: "made"; readonly hash: string }
  | { readonly kind: "failed"; readonly cause: string };

/** `hash`: the part of its enrolment link that enrols, `#enrol=CODE.ROOT`. */
export const makeTerminal = async (service: ServiceName): Promise<Made> => {
  try {
    const place = `/v1/demo/terminals/${service}`;
    const response = await fetch(place, { method: "POST", signal: AbortSignal.timeout(15_000) });
    const made = response.ok ? readAnswer(demoTerminals, await response.json()) : null;
    const link = made?.terminals[0]?.link;
    if (link === undefined) return { kind: "failed", cause: `HTTP ${response.status}` };
    return { kind: "made", hash: new URL(link).hash };
  } catch (reason) {
    return { kind: "failed", cause: reason instanceof Error ? reason.message : String(reason) };
  }
};
