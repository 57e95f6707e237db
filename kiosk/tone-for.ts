/** Which tone goes with a change of screens: one for everyone let through, one for "look here", none for all else. */
import type { Screen } from "./session.ts";
import type { ToneKind } from "./ui/tones.ts";

export const toneFor = (before: Screen, next: Screen): ToneKind | null => {
  if (next.name === "refer") return "refer";
  const isOpening = next.name === "result" && next.stage === "acting";
  const wasOpening = before.name === "result" && before.stage === "acting";
  if (isOpening && !wasOpening) return "permit";
  const wasFree = before.name === "ready" || before.name === "reading" || before.name === "refer";
  const isServed = next.name === "session" && "granted" in next && next.granted !== null;
  return wasFree && isServed ? "permit" : null;
};
