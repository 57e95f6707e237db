/**
 * Which version of the app is served: the rules by which a new one is tried, kept, or gone back from (kiosk/sw.ts keeps
 * the files and applies them).
 *
 *     bringIn   a version is here, whole, and may take over   it is served from now on, on trial; the one before is kept
 *     start     a page of it opens                            counted; it may not start for ever without a word
 *     confirm   a page of it found itself well                the trial is over
 *     condemn   a page found itself ill, or said nothing      the version before is served; this one is not tried again
 *
 * The first version of all has nothing to go back to, and so no trial.
 */
export type Versions = {
  /** What pages are served. */
  readonly inForce: string;
  /** The one before, proven; never null during a trial. Its open pages may still ask for its files. */
  readonly before: string | null;
  readonly trial: Trial | null;
  /** The newest that failed, until another one is confirmed: staff are told. */
  readonly failure: Failure | null;
  readonly bad: readonly string[];
};

/** `startedAt` in seconds, by the device's clock. */
export type Trial = { readonly starts: number; readonly startedAt: number };

export type Failure = { readonly version: string; readonly cause: string };

/** What a page is told that asks how its version stands. */
export type Standing = { readonly isOnTrial: boolean; readonly failure: Failure | null };

/** What a page says to its worker. Old and new versions speak it with each other: only ever add to it. */
export type VersionMessage =
  | { readonly greenlane: "take-over" }
  /** Answered with a `Standing`, by the port that comes along. */
  | { readonly greenlane: "starting"; readonly version: string }
  /** Another page does the work; this one only waits for it to end. */
  | { readonly greenlane: "waiting" }
  | { readonly greenlane: "confirmed"; readonly version: string }
  | { readonly greenlane: "failed"; readonly version: string; readonly cause: string };

/** From the opening of a page to its word. A large log is read from end to end in it. */
export const trialSeconds = 60;
/** A power cut is no fault of the version's. */
const startsMax = 2;
const badMax = 20;

export const bringIn = (known: Versions | null, version: string): Versions => {
  if (known === null) return { inForce: version, before: null, trial: null, failure: null, bad: [] };
  if (version === known.inForce || known.bad.includes(version)) return known;
  // Withdrawn while it was tried: the one before is offered again, and has nothing to prove.
  if (known.trial !== null && version === known.before)
    return { ...known, inForce: version, before: null, trial: null };
  const before = known.trial === null ? known.inForce : known.before;
  return { ...known, inForce: version, before, trial: { starts: 0, startedAt: 0 } };
};

/** Pages that open at nearly the same time are one start, and so is one that crashes and is opened again at once. */
export const start = (known: Versions, at: number): Versions => {
  const { trial } = known;
  if (trial === null) return known;
  if (trial.starts > 0 && Math.abs(at - trial.startedAt) <= trialSeconds) return known;
  if (trial.starts >= startsMax) return condemn(known, known.inForce, `started ${startsMax} times without a word`);
  return { ...known, trial: { starts: trial.starts + 1, startedAt: at } };
};

export const confirm = (known: Versions, version: string): Versions =>
  isOnTrial(known, version) ? { ...known, trial: null, failure: null } : known;

export const condemn = (known: Versions, version: string, cause: string): Versions => {
  if (!isOnTrial(known, version) || known.before === null) return known;
  const bad = [...known.bad, version].slice(-badMax);
  return { inForce: known.before, before: null, trial: null, failure: { version, cause }, bad };
};

export const isOnTrial = (known: Versions, version: string): boolean =>
  known.trial !== null && known.inForce === version;

/** In English, for staff. */
export const describeFailure = ({ version, cause }: Failure, running: string): string =>
  `version ${version} failed its self-check (${cause}): running version ${running}`;
