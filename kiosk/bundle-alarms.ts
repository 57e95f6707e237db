/** What staff are told of the bundle, in English: one line each. */
import type { Manifest } from "../shared/manifest.ts";
import type { Opened } from "../shared/root.ts";
import type { Instant } from "../shared/terms.ts";
import type { Rejected } from "./ports.ts";

export type Refusal = Extract<Opened<never>, { readonly kind: "refused" }>;

export const describeRefused = (what: string, { fault, detail }: Refusal): string =>
  `${what} is refused: ${fault} (${detail})`;

export const describeRejected = ({ status, problem }: Rejected): string =>
  `the server refuses the manifest: ${problem === null ? status : `${status} ${problem.title}`}`;

export const describeDamaged = (names: readonly string[]): string =>
  `damaged in the store, nobody has a band there until it is fetched again: ${names.join(", ")}`;

/** Said while there is still a quarter of its life to do something about it. */
export const expiryAlarms = ({ issuedAt, expiresAt }: Manifest, at: Instant): readonly string[] => {
  if (expiresAt <= at) return ["the manifest has expired"];
  const hours = Math.ceil((expiresAt - at) / 3600);
  return expiresAt - at < (expiresAt - issuedAt) / 4 ? [`the manifest expires within ${hours} h`] : [];
};
