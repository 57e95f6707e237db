/**
 * What is proposed for publication on the console, and what became of it. A rehearsal is of exact bytes, named by their
 * SHA-256, beside exactly what is in force; only after it, and while nothing else was published, those very bytes are
 * published, through the publisher of the command line. One is under way at a time; the newest few are kept, an hour long,
 * until the server ends.
 *
 * - Nothing proposed is in force, or on the disk, before it is published.
 * - Who publishes what stands on record before it is in force.
 * - Whatever goes on here ends before `stop` does.
 */
import { createHash } from "node:crypto";
import type { Rehearsal } from "../shared/rehearsal.ts";
import type { Instant } from "../shared/terms.ts";
import type { Act, OperatorStore } from "./operators.ts";
import type { Publisher, Registry } from "./ports.ts";
import type { ProblemWord } from "./problem.ts";
import type { Rehearse } from "./rehearse-run.ts";
import type { KnownCuts, Proposal } from "./rehearse-standings.ts";

export type Refusal = { readonly kind: "refused"; readonly problem: ProblemWord; readonly detail: string };
export type Started = { readonly kind: "started"; readonly rehearsal: Rehearsal } | Refusal;
export type Publishing = { readonly kind: "published"; readonly rehearsal: Rehearsal } | Refusal;

/** What was read of the bytes. `based`: what was in force, in a word; `base`: the word for now. `put`: into the registry. */
export type Proposed = Pick<Rehearsal, "sha256" | "version" | "listsToPublishAnew" | "change"> & {
  readonly proposal: Proposal | null;
  readonly based: string;
  readonly base: () => string;
  readonly put: () => void;
};
export type ReadProposed = (
  stop: AbortSignal,
  onRead: (bytes: number) => void,
) => Promise<({ readonly kind: "read" } & Proposed) | Refusal>;

export type Asked = Pick<Rehearsal, "programme" | "list" | "days" | "by">;

export type Rehearsals = {
  /** Resolves when the bytes are read, before they are rehearsed. `bytes`: how many they are. */
  readonly start: (asked: Asked, bytes: number, read: ReadProposed) => Promise<Started>;
  /** Newest first. */
  readonly list: () => readonly Rehearsal[];
  /** Null where there is none. One that is over stays as it is. */
  readonly cancel: (number: number, by: string) => Promise<Rehearsal | null>;
  readonly publish: (number: number, sha256: string, by: string) => Promise<Publishing>;
  readonly stop: () => Promise<void>;
};

export type RehearsalsEdges = {
  readonly registry: Pick<Registry, "atomically">;
  readonly operators: Pick<OperatorStore, "recordAct">;
  readonly publish: Publisher["publish"];
  readonly rehearse: Rehearse;
  readonly knownCuts: () => Promise<readonly KnownCuts[]>;
  /** How many there are, to say how far it is. */
  readonly entries: () => number;
  readonly now: () => Instant;
};

type Held = { rehearsal: Rehearsal; proposed: Proposed | null; isBusy: boolean };

const keptSeconds = 3600;
const keptMax = 3;
const daySeconds = 86_400;

export const createRehearsals = (edges: RehearsalsEdges): Rehearsals => {
  const { registry, operators, now } = edges;
  let all: readonly Held[] = [];
  let number = 0;
  let underWay: { readonly held: Held; readonly stop: AbortController; ended: Promise<void> } | null = null;
  let publishing: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  const change = (held: Held, changes: Partial<Rehearsal>): void => {
    held.rehearsal = { ...held.rehearsal, ...changes };
  };
  const record = (act: string, { rehearsal }: Held, by: string): Act => ({
    at: now(),
    by,
    act,
    what: nameOf(rehearsal),
  });
  const dropOld = (): void => {
    all = all.filter((held, index) => held.isBusy || (index < keptMax && now() - held.rehearsal.at < keptSeconds));
  };

  const rehearse = async (held: Held, { proposal }: Proposed, stop: AbortSignal): Promise<void> => {
    if (proposal === null) return change(held, { state: "done" });
    const until = now();
    const from = until - held.rehearsal.days * daySeconds;
    const asked = { proposal, cuts: await edges.knownCuts(), from, until };
    if (stop.aborted) return cancelled(held);
    const result = await edges.rehearse(asked, stop, (done) =>
      change(held, { done: Math.min(done, held.rehearsal.total) }),
    );
    if (result === null) return cancelled(held);
    change(held, { state: "done", result, done: held.rehearsal.total });
  };

  const cancelled = (held: Held): void => {
    held.proposed = null;
    change(held, { state: "cancelled" });
  };
  const failed = (held: Held, error: unknown): void => {
    held.proposed = null;
    change(held, { state: "failed", cause: (error instanceof Error ? error.message : String(error)).slice(0, 300) });
  };

  const start: Rehearsals["start"] = async (asked, bytes, read) => {
    if (isStopped) return refuse("unavailable", "The server is about to end.");
    if (underWay !== null) return refuse("too-many", "A rehearsal is under way: wait for it, or cancel it.");
    const held: Held = { rehearsal: rehearsalOf(asked, ++number, now(), bytes), proposed: null, isBusy: true };
    all = [held, ...all];
    dropOld();
    const stop = new AbortController();
    let end = (): void => {};
    underWay = { held, stop, ended: new Promise<void>((resolve) => (end = resolve)) };
    const finish = (): void => {
      held.isBusy = false;
      underWay = null;
      end();
    };
    try {
      const proposed = await read(stop.signal, (done) => change(held, { done: held.rehearsal.done + done }));
      if (stop.signal.aborted) {
        cancelled(held);
        finish();
        return { kind: "started", rehearsal: held.rehearsal };
      }
      if (proposed.kind === "refused") {
        all = all.filter((each) => each !== held);
        finish();
        return proposed;
      }
      const { sha256, version, listsToPublishAnew, change: moved } = proposed;
      held.proposed = proposed;
      const total = edges.entries();
      change(held, { state: "running", sha256, version, listsToPublishAnew, change: moved, done: 0, total });
      await operators.recordAct(record("rehearsal", held, asked.by));
      void rehearse(held, proposed, stop.signal)
        .catch((error: unknown) => failed(held, error))
        .finally(finish);
      return { kind: "started", rehearsal: held.rehearsal };
    } catch (error) {
      failed(held, error);
      finish();
      throw error;
    }
  };

  const publish = async (held: Held, { proposed, rehearsal }: Held, by: string): Promise<Publishing> => {
    if (proposed === null) return refuse("rehearsal-missing", "It is not rehearsed to its end: rehearse it again.");
    if (proposed.base() !== proposed.based) return refuseOutdated;
    // Before it happens, by whoever tries: should somebody else be quicker now, it is refused all the same.
    await operators.recordAct(record(rehearsal.list === null ? "policy-published" : "list-published", held, by));
    const isInTime = registry.atomically(() => {
      if (proposed.base() !== proposed.based) return false;
      proposed.put();
      return true;
    });
    if (!isInTime) return refuseOutdated;
    // Should the publisher fail now, the same may be tried again.
    held.proposed = { ...proposed, based: proposed.base() };
    const { version } = await edges.publish();
    held.proposed = null;
    change(held, { state: "published", bundle: version });
    return { kind: "published", rehearsal: held.rehearsal };
  };

  return {
    start,
    list: () => {
      dropOld();
      return all.map(({ rehearsal }) => rehearsal);
    },
    cancel: async (wanted, by) => {
      const held = all.find((each) => each.rehearsal.number === wanted);
      if (held === undefined) return null;
      if (underWay?.held === held) {
        const { stop, ended } = underWay;
        await operators.recordAct(record("rehearsal-cancelled", held, by));
        stop.abort();
        await ended;
      }
      return held.rehearsal;
    },
    publish: async (wanted, sha256, by) => {
      dropOld();
      const held = all.find((each) => each.rehearsal.number === wanted);
      if (held === undefined)
        return refuse("not-found", "It was kept an hour, or until the server ended: rehearse it again.");
      const { state } = held.rehearsal;
      if (state === "published" || (state === "done" && held.isBusy)) {
        return refuse("rehearsal-outdated", "Somebody has published it already.");
      }
      if (state !== "done")
        return refuse("rehearsal-missing", "It is not rehearsed to its end: wait for it, or rehearse it again.");
      if (sha256 !== held.rehearsal.sha256) {
        return refuse("rehearsal-missing", "Other bytes than these were rehearsed: rehearse these.");
      }
      if (isStopped) return refuse("unavailable", "The server is about to end.");
      held.isBusy = true;
      const published = publish(held, held, by).finally(() => {
        held.isBusy = false;
      });
      publishing = Promise.allSettled([publishing, published]);
      return published;
    },
    stop: async () => {
      isStopped = true;
      underWay?.stop.abort();
      await Promise.all([underWay?.ended, publishing]);
    },
  };
};

/** Such as "fuzhou-moli version 5 SHA-256 ...". */
const nameOf = ({ programme, list, version, sha256 }: Rehearsal): string =>
  `${programme} ${list === null ? `version ${version}` : `list ${list}`} SHA-256 ${sha256}`;

const rehearsalOf = (asked: Asked, number: number, at: Instant, bytes: number): Rehearsal => ({
  ...asked,
  ...{ number, at, version: null, sha256: null, state: "reading", done: 0, total: bytes, cause: "" },
  ...{ listsToPublishAnew: [], bundle: null, change: null, result: null },
});

const refuse = (problem: ProblemWord, detail: string): Refusal => ({ kind: "refused", problem, detail });

const refuseOutdated = refuse(
  "rehearsal-outdated",
  "Something else was published meanwhile: rehearse it again, and look what it says now.",
);

/** A word for bytes, or for what stands in a text. */
export const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};
