/**
 * Problem details (RFC 9457) for everything that an answer refuses. The words are stable: `type` is
 * `urn:greenlane:problem:WORD`. No detail repeats what was submitted.
 */
import type { Context } from "hono";
import { type Problem, problemType } from "../shared/messages.ts";

export const problems = {
  malformed: [400, "The request is not what /openapi.json describes"],
  "not-signed": [401, "The request is not signed by an enrolled terminal"],
  "not-signed-in": [401, "Sign in first"],
  "sign-in-refused": [401, "The name or the password is not right"],
  "role-missing": [403, "Your role does not allow this"],
  "https-needed": [403, "The console is reached by HTTPS, or on this machine itself"],
  "terminal-revoked": [403, "This terminal was revoked"],
  "other-origin": [403, "Only a page of this server may ask for this"],
  "code-refused": [403, "The code is unknown, used or too old"],
  "passkey-refused": [403, "The passkey cannot be kept"],
  "proof-refused": [403, "The proof does not entitle to a credential"],
  "badge-refused": [403, "No staff badge is given for this"],
  "recovery-refused": [403, "The lost phone cannot be seen to"],
  "not-yours": [403, "The phone that asks is not the one that the receipt is about"],
  "not-found": [404, "There is nothing here"],
  "wrong-method": [405, "Not with this method"],
  gap: [409, "Entries are missing before these"],
  fork: [409, "Another history is kept under this name"],
  altered: [409, "Entries and checkpoint do not fit each other"],
  "answered-before": [409, "The case has been answered, and an answer is given once"],
  "rehearsal-missing": [409, "Rehearse exactly this first"],
  "rehearsal-outdated": [409, "It was rehearsed beside something that is not in force any more"],
  "too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "Not in this media type or encoding"],
  "range-not-satisfiable": [416, "The range begins after the end"],
  "proposal-refused": [422, "This cannot be published as it stands"],
  "rescue-refused": [422, "The rescue cannot be taken here"],
  "too-many": [429, "Too many requests at the moment"],
  internal: [500, "Something went wrong here"],
  "not-ready": [503, "Not ready yet"],
  unavailable: [503, "The ledger cannot be asked at the moment"],
} as const;

export type ProblemWord = keyof typeof problems;
type Extra = { readonly detail?: string; readonly next?: number };

export const answerProblem = (
  c: Context,
  word: ProblemWord,
  extra: Extra = {},
  headers: Readonly<Record<string, string>> = {},
): Response => {
  const [status, title] = problems[word];
  const problem: Problem = { type: problemType(word), title, status, ...extra };
  return c.body(JSON.stringify(problem), status, {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...headers,
  });
};
