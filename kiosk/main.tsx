/**
 * The terminal, wired. One page a slot (`?slot=`, `main` where none is named); a second one waits for the first to end.
 * `?scanner=demo` in a frame of our own takes codes from the parent page instead of a camera.
 */

import { edgeKeysAt } from "../shared/root.ts";
import { browserClock as clock } from "./adapters/clock.ts";
import { openDatabase } from "./adapters/database.ts";
import { fileJournal } from "./adapters/file-journal.ts";
import { makeKeyPair } from "./adapters/key-pair.ts";
import { holdForGood, withLock } from "./adapters/locks.ts";
import { logMark } from "./adapters/log-mark.ts";
import { leaveOldLogFile } from "./adapters/old-log-file.ts";
import { browserRandom as random } from "./adapters/random.ts";
import { demoEntryOf, joinDemoFrame } from "./adapters/scanner-demo.ts";
import { securityKeyHere } from "./adapters/security-key.ts";
import { httpSite } from "./adapters/site-http.ts";
import { beatOn, estimateRoom } from "./adapters/storage-room.ts";
import { bundleStore } from "./adapters/store-bundle.ts";
import { identityStore } from "./adapters/store-identity.ts";
import { databaseCopy } from "./adapters/store-log.ts";
import { tellWaiting, version } from "./adapters/trial.ts";
import { createUplink } from "./adapters/uplink.ts";
import { keepAwake } from "./adapters/wake-lock.ts";
import { wiredHere } from "./adapters/wired.ts";
import { createBundleKeeper } from "./bundle-keeper.ts";
import { wireCare } from "./care/main.ts";
import { clockAlarms, noteAck, notePresented, nothingSeen } from "./clock-watch.ts";
import { leaveChain } from "./dead-end.ts";
import { createDisplay } from "./display.tsx";
import { identify, takeLink } from "./enrol.ts";
import { loadFlow } from "./flows/flow.ts";
import { createJournal } from "./journal.ts";
import { inLull } from "./lull.ts";
import { watchForOpeningAgain } from "./opening-again.ts";
import { createOutbox } from "./outbox.ts";
import type { Identity, LogCopy } from "./ports.ts";
import { watchReach } from "./reach.ts";
import type { RescueDesk } from "./rescue/desk.ts";
import { startScanners } from "./scanners.ts";
import { nothingKnown, statusOf } from "./status.ts";
import { watchStorage } from "./storage-watch.ts";
import { createTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal-parts.ts";
import { createTwinLog, type TwinLog } from "./twin-log.ts";
import { languageOf } from "./ui/language.ts";
import { loadScreens } from "./ui/later-screens.ts";
import { wireUpdates } from "./update/main.ts";
import type { Started } from "./update/self-check.ts";
import { describeWaiting, isEnrolling, outOfService, setup } from "./waiting.ts";

const query = new URLSearchParams(location.search);
const slot = /^[a-z0-9-]{1,32}$/.exec(query.get("slot") ?? "")?.[0] ?? "main";
const link = takeLink(location.hash, () => history.replaceState(null, "", location.pathname + location.search));
const demo = query.get("scanner") === "demo" ? joinDemoFrame() : null;
const wired = wiredHere(demo !== null);
const cameraHost = demo === null ? document.createElement("div") : null;
/** What staff should know, by what it is about. */
const notices = new Map<string, string>();
let terminal: Terminal | null = null;
/** Where staff hand entries over, once it is known who this terminal is. */
let desk: RescueDesk | null = null;
let started: Started | null = null;
/** Writes down what is open, in both copies. */
let finish = async (): Promise<void> => {};
/** A batch or a download is under way. */
let isInFlight = (): boolean => false;

const care = wireCare(slot, () => display.showStatus(display.shown().status));

const watchScreen = watchForOpeningAgain({
  ...{ clock, openAgain: () => location.reload() },
  isHeld: () => notices.has("full") || desk?.isOpen() === true,
});

const display = createDisplay({
  host: document.getElementById("app") ?? document.body,
  cameraHost,
  screen: setup("loading"),
  status: nothingKnown,
  language: languageOf(navigator.language),
  onPress: (press) => void (terminal?.pressStaff(press) || desk?.press(press) || terminal?.press(press)),
  onShow: (screen) => {
    desk?.give(screen);
    watchScreen(screen);
  },
  ...care.onScreen,
  connectables: wired.connectables,
  onConnect: wired.connect,
});

const connect = (now: () => number) => {
  const uplink = createUplink({ origin: location.origin, now, random });
  return watchReach(demo === null ? uplink : demo.cut(uplink));
};

type Database = Awaited<ReturnType<typeof openDatabase>>;

const serve = async (identity: Identity, database: Database, log: TwinLog, second: LogCopy): Promise<void> => {
  const rescue = import("./rescue/main.ts").then(({ wireRescue }) => {
    const wired = wireRescue({ identity, database, second, display });
    desk = wired.desk;
    return wired;
  });
  const stored = await log.open(identity.terminal);
  const journal = createJournal(stored, log, clock, random);
  const reach = connect(journal.now);
  const always = () => true;
  const told = demo ?? { turns: always, isReachable: always, pays: always };
  const simulated = { slot, clock, storage: localStorage, ...told };
  const machine = await wired.machineFor(identity.profile, simulated);
  const { uplink } = reach;
  const now = journal.now;
  let watch = nothingSeen;
  const keeper = createBundleKeeper({ store: bundleStore(database), uplink, clock, random, identity, now });
  const edgeKeys = () => {
    const inForce = keeper.current();
    return inForce === null ? [] : edgeKeysAt(inForce.bundle.root, now());
  };
  const { carrier, ...opened } = (await rescue).whileServing({ uplink, edgeKeys, now });
  desk = opened.desk;
  const outbox = createOutbox({
    ...{ log, chain: stored.chain, ackedSeq: stored.ackedSeq, uplink, identity, edgeKeys },
    ...{ clock, random, now, head: journal.head, lock: withLock },
    onSigned: (at) => {
      watch = noteAck(watch, at, clock.now());
      journal.raiseFloor(at);
    },
    onDeadEnd: (from) => {
      notices.set("dead-end", "the ledger cannot go on with this terminal's log: a new epoch begins");
      void leaveChain(from, { serving, log, clock, show: display.show, beginAgain: () => location.reload() });
    },
  });
  const serving = createTerminal({
    ...{ app: version, page: `${location.host}/why`, identity, journal, log, keeper, clock },
    createFlow: await loadFlow(identity.profile),
    isNewChain: stored.isNew,
    actuator: care.latency.watchCommands(machine.actuator),
    payments: machine.payments,
    site: httpSite(identity, now, reach),
    onScreen: (screen) => {
      display.show(screen);
      void tellDemo();
    },
    onStaff: display.showStaff,
    securityKey: securityKeyHere(),
    onPresented: (presented) => {
      watch = notePresented(watch, presented);
    },
    onRecorded: (start, end, steps) => {
      care.latency.record(start, end, steps);
      performance.clearMeasures("tap");
      performance.measure("tap", { start, end });
    },
  });
  terminal = serving;
  finish = async () => {
    await serving.stop();
    await log.settled();
  };
  const screen = () => display.shown().screen;
  started = { chain: stored.chain, head: journal.head, log, hasBundle: () => keeper.current() !== null, screen };
  isInFlight = () => outbox.isSending() || keeper.progress() !== null;

  const refresh = (): void => {
    const alarms = [
      ...notices.values(),
      ...log.alarms(),
      ...keeper.alarms(),
      ...outbox.alarms(),
      ...carrier.alarms(),
      ...clockAlarms(watch, { device: clock.now(), floor: journal.floor() }),
    ];
    const { programme } = identity.profile;
    const download = keeper.progress();
    const known = { inForce: keeper.current(), programme, now: now(), pending: outbox.pending(), download, alarms };
    display.showStatus(statusOf({ ...known, version, isOnline: reach.isOnline() }));
    void tellDemo();
  };

  const tellDemo = async (): Promise<void> => {
    if (demo === null) return;
    const entries = await log.read(Math.max(1, journal.head().seq - 29), 30);
    const { screen, status } = display.shown();
    const told = entries.map((entry) => demoEntryOf(entry, outbox.ackedSeq()));
    demo.tell(slot, screen, status, told);
  };

  // The gate is told before the ledger, and what became of it goes there with it.
  const sendSoon = inLull(clock, outbox.nudge);
  journal.onWritten(() => {
    sendSoon();
    refresh();
  });
  outbox.onChange(refresh);
  carrier.onChange(refresh);
  log.onChange(refresh);
  log.onFailed((cause) => serving.takeOutOfService("storage", cause));
  reach.onChange(() => {
    if (reach.isOnline()) for (const each of [outbox, carrier]) each.nudge();
    refresh();
  });
  keeper.onPolled(() => {
    if (keeper.isRevoked()) serving.takeOutOfService("revoked", "the operator took this terminal out of service");
    else if (keeper.current() === null) display.show(describeWaiting(reach.isOnline(), keeper.alarms(), null));
    outbox.nudge();
    refresh();
  });
  keeper.onProgress(() => {
    if (keeper.current() === null) display.show(describeWaiting(true, [], keeper.progress()));
    refresh();
  });
  const refreshAgain = (): void => {
    refresh();
    clock.after(statusSeconds, refreshAgain);
  };

  await keeper.start();
  await serving.start();
  if (machine.unknown !== null) serving.takeOutOfService("gate", machine.unknown);
  outbox.start();
  if (demo === null) care.watchHealth(identity, now, display.shown, keeper.current);
  await carrier.start();
  watchStorage({
    estimate: estimateRoom,
    beat: beatOn(database),
    clock,
    onJudged: ({ kind, cause }) => {
      for (const each of ["short", "full"]) notices.delete(each);
      if (kind !== "roomy") notices.set(kind, cause);
      if (kind === "full") serving.takeOutOfService("storage", cause);
      refresh();
    },
  });
  await updates.prove(database);
  refreshAgain();
  // What cannot be had now is fetched where it is shown, which says so.
  requestIdleCallback(() => void loadScreens().catch(() => {}));
  const scanners = [
    ...wired.scanners().map((each) => () => each),
    ...(demo === null ? [] : [() => demo.scanner]),
    ...(cameraHost === null ? [] : [() => care.loadCamera(cameraHost, identity)]),
  ];
  await startScanners(scanners, {
    hear: (scan) => desk?.sight(scan) || serving.sight(scan),
    ...{ notices, onChange: refresh },
  });
};

const statusSeconds = 10;

const updates = wireUpdates({
  ...{ slot, notices, finish: () => finish(), started: () => started },
  isIdle: () => (terminal?.isIdle() ?? !isEnrolling(display.shown().screen)) && desk?.isOpen() !== true,
  isInFlight: () => isInFlight(),
});

const start = async (): Promise<void> => {
  updates.install();
  keepAwake();
  await holdForGood(`greenlane/${slot}`, () => {
    display.show(outOfService("second-tab", ""));
    tellWaiting();
  });
  if (!(await navigator.storage.persist()) && demo === null) {
    notices.set("storage", "the browser may clear this storage when it runs low: install the page as an app");
  }
  await leaveOldLogFile(slot);
  const database = await openDatabase(slot);
  let isNewHere = false;
  const second = fileJournal(slot);
  const log = createTwinLog({
    first: databaseCopy(database),
    second,
    marks: logMark(slot, localStorage),
    ...{ clock, random, isNewHere: () => isNewHere },
  });
  const { identity, refusal } = await identify({
    link,
    uplink: connect(clock.now).uplink,
    store: identityStore(database),
    log,
    makeKeys: makeKeyPair,
    clock,
    onEnrolling: () => display.show(setup("enrolling")),
    onNoServer: (cause) => display.show(setup("no-server", cause)),
  });
  if (identity === null) {
    await updates.prove(database);
    return display.show(refusal === null ? setup("not-enrolled") : setup("refused", refusal));
  }
  if (refusal !== null) notices.set("enrolment", `the enrolment link was not used: ${refusal}`);
  isNewHere = link !== null && refusal === null;
  await serve(identity, database, log, second);
};

start().catch((cause: unknown) => {
  display.show(outOfService("storage", String(cause)));
  return updates.giveUp(cause);
});
