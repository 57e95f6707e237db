/** `POST /v1/health`. Rejects where there is no answer in time. */
import type { HealthReport } from "../../shared/health.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Identity } from "../ports.ts";
import { askSigned } from "./signed-ask.ts";

const answerSeconds = 10;

export const postHealth = async (identity: Identity, report: HealthReport, at: Instant): Promise<void> => {
  const signal = AbortSignal.timeout(answerSeconds * 1000);
  const response = await askSigned(identity, { path: "/v1/health", json: report, at, signal });
  await response.body?.cancel();
};
