/** What a terminal shows before it serves. */
import type { OutOfService, Progress, Screen } from "./session.ts";

type SetupScreen = Extract<Screen, { readonly name: "setup" }>;

export const setup = (stage: SetupScreen["stage"], cause = ""): SetupScreen => ({ name: "setup", stage, cause });

export const outOfService = (cause: OutOfService, detail: string): Screen => ({
  name: "out-of-service",
  cause,
  detail,
});

/** The first bundle is asked for until it is there. */
export const describeWaiting = (isOnline: boolean, [alarm]: readonly string[], progress: Progress | null): Screen => {
  if (progress !== null) return { ...setup("loading"), progress };
  if (alarm !== undefined) return setup("refused", alarm);
  return isOnline ? setup("loading") : setup("no-server");
};

/** An enrolment link serves once: cut off, it would be lost. */
export const isEnrolling = (screen: Screen): boolean =>
  screen.name === "setup" && (screen.stage === "enrolling" || screen.stage === "no-server");
