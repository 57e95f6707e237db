/**
 * The terminal's loop: scan, verify, decide, record, act, record the outcome. One thing at a time, in one order, whether
 * there is a network or not. Everything it touches comes in by a port, so that the demo, the tests and a real gate run
 * this very code.
 *
 * Whatever throws in here (a disk that does not take an entry above all) takes the terminal out of service: nothing acts
 * that is not written down. A gate or desk that reports a fault takes the lane out of service, once who stands there has
 * been told; the log goes on, and staff put it back.
 */
import { toBase64url } from "../shared/bytes.ts";
import { type Code, readCode, saysStaff } from "../shared/credential.ts";
import { createInside, recount } from "./inside.ts";
import { createLane } from "./lane.ts";
import { createLoans, recallLoans } from "./loans.ts";
import { createMemory, readRecent, readWritten, recall } from "./memory.ts";
import { type InForce, readShown, shownWithout } from "./reading.ts";
import { createReceipts, isPassing, whySeconds } from "./receipts.ts";
import { createRefusals } from "./refusals.ts";
import { readRemains, retellRemains } from "./retelling.ts";
import type { OutOfService, Screen } from "./session.ts";
import { createShares } from "./shares.ts";
import { createSightings } from "./sightings.ts";
import { createStaffRecord } from "./staff/record.ts";
import { createStaffWing, recallStaff, standingScreen } from "./staff/wing.ts";
import { hasBadges } from "./status.ts";
import type { Keeper, Terminal, TerminalParts } from "./terminal-parts.ts";
import { createTill } from "./till.ts";
import { rulesHere } from "./told.ts";

/** A reading this slow is shown as such; a usual one would only flicker. */
const readingShownAfterSeconds = 0.25;

const idleScreens: readonly Screen["name"][] = ["ready", "setup", "out-of-service", "passage"];

export const createTerminal = (parts: TerminalParts): Terminal => {
  const { identity, journal, keeper, clock } = parts;
  const memory = createMemory(journal.floor);
  const sightings = createSightings();
  const record = createStaffRecord();
  const reader = { memory, operatorKey: identity.operatorKey };

  let inForce: InForce | null = null;
  let recordedPolicy: string | null = null;
  let isStopped = false;
  let waiting = 0;
  let queue: Promise<void> = Promise.resolve();
  let screen: Screen = { name: "setup", stage: "loading", cause: "" };
  let keepScreen = (): void => {};
  /** Why the lane is out of service; null while it serves. */
  let laneFault: string | null = null;

  const show = (next: Screen, giveWayAfter: number | null): void => {
    keepScreen();
    if (isStopped) return;
    screen = next.name === "out-of-service" ? next : (standing() ?? next);
    parts.onScreen(screen);
    if (giveWayAfter !== null) keepScreen = clock.after(giveWayAfter, ready);
  };

  /** What staff, or an alarm, put in place of everything else. */
  const standing = (): Screen | null => standingScreen(record, identity.profile.service);

  const ready = (): void => {
    if (laneFault === null) show(flow.readyScreen(), null);
    else show({ name: "out-of-service", cause: "gate", detail: laneFault }, null);
  };

  /** Nothing more is begun; what is shown stays for its time. */
  const closeLane = (cause: string): void => {
    if (laneFault !== null) return;
    laneFault = cause;
    run(() => writeLast("gate"));
  };

  const reopenLane = async (): Promise<void> => {
    if (laneFault === null || screen.name !== "out-of-service") return;
    await journal.write({ kind: "mode", mode: "in-service", cause: "gate" });
    laneFault = null;
    ready();
  };

  const keepResult = (seconds: number): void => {
    if (!isPassing(screen)) return;
    keepScreen();
    keepScreen = clock.after(seconds, ready);
  };

  const takeOutOfService = (cause: OutOfService, detail: string): void => {
    if (isStopped) return;
    show({ name: "out-of-service", cause, detail }, null);
    isStopped = true;
    // A storage that failed cannot take this either; everything else is written down.
    if (cause !== "storage") writeLast(cause).catch(fail);
  };

  const writeLast = async (cause: OutOfService): Promise<void> => {
    await refusals.flush();
    await journal.write({ kind: "mode", mode: "out-of-service", cause });
  };

  const fail = (cause: unknown): void =>
    takeOutOfService("storage", cause instanceof Error ? cause.message : String(cause));

  const run = (task: () => Promise<void>): Promise<void> => {
    waiting += 1;
    queue = queue
      .then(() => (isStopped ? undefined : task()))
      .catch(fail)
      .finally(() => {
        waiting -= 1;
      });
    return queue;
  };

  const refusals = createRefusals(clock, (refused, at) => journal.write(refused, {}, at), run);

  const till = createTill({ payments: parts.payments, journal, clock, run });
  const inside = createInside();
  const loans = createLoans();
  const capacity = (): number | null =>
    inForce === null ? null : (rulesHere(identity.profile, inForce.bundle.policy)?.capacity ?? null);
  const shares = createShares({ ...{ identity, journal, clock, inside, capacity, run }, site: parts.site });

  const receipts = createReceipts(journal, identity.profile, parts.page);
  const lane = createLane({
    profile: identity.profile,
    clock,
    journal,
    memory,
    actuator: parts.actuator,
    till,
    inside,
    loans,
    room: shares.room,
    site: parts.site,
    refusals,
    receipts,
    operatorKeyVersion: identity.operatorKeyVersion,
    screens: { show, keepResult, ready },
    withoutCode: () => shownWithout(freshly(inForce, keeper), { kind: "none" }),
    isOutOfUse: (thing) => record.blocked().has(thing),
    run,
    onFault: closeLane,
    onRecorded: parts.onRecorded,
  });

  const flow = parts.createFlow(lane);

  const staff = createStaffWing({
    ...{ identity, journal, clock, record, reader, lane, flow, refusals, receipts, run },
    actuator: parts.actuator,
    securityKey: parts.securityKey,
    inForce: () => freshly(inForce, keeper),
    isBroken: () => laneFault !== null,
    reopen: reopenLane,
    show: parts.onStaff,
  });

  /** A bundle serves only once the log says that it is in force: decisions name it. */
  const install = async (): Promise<void> => {
    const next = keeper.current();
    if (next === null) return;
    const { bundle } = next;
    if (bundle.policyHash !== recordedPolicy) {
      const signedPolicy = toBase64url(bundle.signedPolicy);
      await refusals.flush();
      await journal.write({
        kind: "installed",
        manifest: bundle.manifest.version,
        policy: bundle.policyHash,
        signedPolicy,
      });
      recordedPolicy = bundle.policyHash;
    }
    journal.raiseFloor(bundle.manifest.issuedAt);
    inForce = next;
    if (screen.name === "setup") ready();
  };

  const tap = async (text: string, code: Code, ticks: number): Promise<void> => {
    if (await flow.onText(text, ticks)) return;
    const action = flow.codeAction();
    if (action === null) return;
    const stopWaiting = clock.after(readingShownAfterSeconds, () => show({ name: "reading" }, null));
    const at = journal.now();
    const shown = await readShown(reader, freshly(inForce, keeper), code, action, at);
    stopWaiting();
    if (shown.issuedAt !== null)
      parts.onPresented({ issuedAt: shown.issuedAt, at, isRefused: shown.presentation === null });
    if (shown.presentation !== null && memory.isBounce(shown.presentation.identity, ticks)) {
      if (screen.name === "reading") ready();
      return;
    }
    sightings.mark(text, ticks, shown.reading.kind === "fault");
    await flow.onCode(shown, ticks);
  };

  return {
    start: async () => {
      try {
        const entries = [...(await readRemains(parts.log)), ...(await readRecent(parts.log, journal))];
        const known = entries.map(readWritten);
        recall(memory, known);
        recallStaff(record, known);
        recount(inside, known);
        recallLoans(loans, known);
        await journal.write({ kind: "started", app: parts.app, newEpoch: parts.isNewChain });
        await staff.start();
        till.recall(known);
        shares.start(known);
        parts.site?.listen((spent) => {
          memory.hear(spent, clock.ticks());
          record.hear(spent);
        });
      } catch (cause) {
        return fail(cause);
      }
      keeper.onChange(() => run(install));
      parts.onScreen(screen);
      run(install);
      retellRemains({ log: parts.log, journal, clock, run });
      await queue;
    },
    sight: ({ text, seenAt }) => {
      const sighting = sightings.look(text, seenAt);
      if (sighting === "held-refusal") refusals.again(journal.now());
      if (sighting !== "new" || isStopped || inForce === null) return undefined;
      const code = readCode(text);
      const isBadge = saysStaff(code);
      const isBusy = waiting > 0 || laneFault !== null || staff.isOpen() || standing() !== null;
      const isAwaited = isBadge || staff.waitsForItem();
      if ((isBusy && !isAwaited) || (sightings.isBeside(text, seenAt) && !isBadge)) return undefined;
      sightings.mark(text, seenAt, false);
      if (!isBadge && staff.waitsForItem()) return run(staff.takeItem(text));
      return run(() => (isBadge ? staff.showBadge(code, seenAt) : tap(text, code, seenAt)));
    },
    pressStaff: staff.press,
    press: (press) => {
      if (staff.press(press)) return;
      // Whoever reads why is given the time; where a session goes on, as much as it gives.
      if (press.kind === "read-why" && isPassing(screen)) return keepResult(whySeconds);
      if (press.kind === "read-why") return run(() => flow.onPress({ kind: "more-time" }));
      if (press.kind !== "try-again") return run(() => flow.onPress(press));
      if (inForce === null || !hasBadges(inForce.bundle, journal.now())) run(reopenLane);
    },
    takeOutOfService,
    isIdle: () => waiting === 0 && !refusals.isOpen() && !staff.isOpen() && idleScreens.includes(screen.name),
    settled: () => queue,
    stop: async () => {
      shares.stop();
      run(refusals.flush);
      await queue;
      isStopped = true;
    },
  };
};

/** The bundle that the log names, with the newest confirmation of it. */
const freshly = (inForce: InForce | null, keeper: Keeper): InForce => {
  if (inForce === null) throw new Error("nothing is served before there is a bundle");
  const current = keeper.current();
  return current?.bundle === inForce.bundle ? current : inForce;
};
