/** `POST /v1/health`. Rejects where there is no answer in time. */
import type { HealthReport } from "../../shared/health.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Identity } from "../ports.ts";
import { postSigned } from "./signed-post.ts";

const answerSeconds = 10;

export const postHealth = async (identity: Identity, report: HealthReport, at: Instant): Promise<void> => {
  const response = await postSigned(identity, { path: "/v1/health", json: report, at, seconds: answerSeconds });
  await response.body?.cancel();
};
