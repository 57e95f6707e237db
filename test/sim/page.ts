/**
 * The terminal's page, wired as kiosk/main.tsx wires it, on a simulated device. The bundle is one that stays in force; who
 * the terminal is is kept outside. `watch` sees what the code does to its log; the code does not see `watch`.
 */

import { logMark } from "../../kiosk/adapters/log-mark.ts";
import { databaseCopy } from "../../kiosk/adapters/store-log.ts";
import { leaveChain } from "../../kiosk/dead-end.ts";
import { createJournal } from "../../kiosk/journal.ts";
import { journalCopy } from "../../kiosk/journal-copy.ts";
import type { Flow, Lane } from "../../kiosk/lane.ts";
import { createOutbox, type Outbox } from "../../kiosk/outbox.ts";
import type { Actuator, Identity, LogStore, StoredLog, Uplink } from "../../kiosk/ports.ts";
import type { Screen } from "../../kiosk/session.ts";
import { createTerminal } from "../../kiosk/terminal.ts";
import type { Terminal } from "../../kiosk/terminal-parts.ts";
import { createTwinLog, type TwinLog } from "../../kiosk/twin-log.ts";
import { edgeKeysAt } from "../../shared/root.ts";
import type { City } from "./city.ts";
import type { Device } from "./device.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./locks.ts";

export type PageParts = {
  readonly device: Device;
  readonly city: City;
  readonly identity: Identity;
  readonly createFlow: (lane: Lane) => Flow;
  readonly isNewHere: boolean;
  readonly dice: Dice;
  readonly actuatorFor: (life: Life) => Actuator;
  readonly uplink: Pick<Uplink, "sendBatch" | "onReturn">;
  readonly watch: (life: Life, log: LogStore, stored: StoredLog) => LogStore;
  readonly reload: (life: Life) => void;
  readonly onScreen: (life: Life, screen: Screen) => void;
};

export type Page = {
  readonly life: Life;
  /** Null until it serves. */
  readonly terminal: () => Terminal | null;
  readonly outbox: () => Outbox | null;
  readonly log: TwinLog;
  readonly ticks: () => number;
  readonly alarms: () => readonly string[];
};

const slot = "main";

export const openPage = (parts: PageParts): Page => {
  const { device, city, identity, dice } = parts;
  const life = device.startPage();
  const clock = device.clockFor(life);
  const random = { bytes: (length: number) => dice.bytes(length) };
  const lock = device.locks.lockFor(life);
  const show = (screen: Screen): void => {
    if (life.isAlive) parts.onScreen(life, screen);
  };
  let terminal: Terminal | null = null;
  let outbox: Outbox | null = null;

  const log = createTwinLog({
    first: databaseCopy(device.openDatabase(life)),
    second: journalCopy(slot, () => device.startThread(life)),
    marks: logMark(slot, device.storageFor(life)),
    clock,
    random,
    isNewHere: () => parts.isNewHere,
  });

  const start = async (): Promise<void> => {
    await device.locks.holdForGood(`greenlane/${slot}`, life);
    const stored = await log.open(identity.terminal);
    const watched = parts.watch(life, log, stored);
    const journal = createJournal(stored, watched, clock, random);
    const sending = createOutbox({
      ...{ log: watched, chain: stored.chain, ackedSeq: stored.ackedSeq, identity, clock, random, lock },
      uplink: { ...parts.uplink, packBatch: async (batch) => batch } as Uplink,
      edgeKeys: () => edgeKeysAt(city.root, journal.now()),
      now: journal.now,
      head: journal.head,
      onSigned: journal.raiseFloor,
      onDeadEnd: (from) => void leaveChain(from, { serving, log, clock, show, beginAgain: () => parts.reload(life) }),
    });
    const serving = createTerminal({
      ...{ app: "sim", page: "edge/why", identity, journal, clock, log: watched, isNewChain: stored.isNew },
      createFlow: parts.createFlow,
      keeper: { current: () => city.inForce, onChange: () => {} },
      actuator: parts.actuatorFor(life),
      payments: { ask: async () => ({ outcome: "done" }) },
      onScreen: show,
      onStaff: () => {},
      site: null,
      securityKey: null,
      onPresented: () => {},
      onRecorded: () => {},
    });
    log.onFailed((cause) => serving.takeOutOfService("storage", cause));
    journal.onWritten(sending.nudge);
    outbox = sending;
    terminal = serving;
    await serving.start();
    sending.start();
  };
  start().catch((cause: unknown) => show({ name: "out-of-service", cause: "storage", detail: String(cause) }));

  return {
    life,
    log,
    ticks: clock.ticks,
    terminal: () => terminal,
    outbox: () => outbox,
    alarms: () => [...log.alarms(), ...(outbox?.alarms() ?? [])],
  };
};
