/**
 * A terminal in a made-up world: the real loop on ports that live in memory, a clock that moves when told, and phones
 * that show real codes. Disks and gates fail when told.
 */

import type { Presented } from "../kiosk/clock-watch.ts";
import { loadFlow } from "../kiosk/flows/flow.ts";
import { createJournal } from "../kiosk/journal.ts";
import type { PaymentOrder, Payments } from "../kiosk/payments.ts";
import type {
  Actuated,
  Actuator,
  Clock,
  Command,
  Identity,
  LogStore,
  Random,
  Remains,
  SecurityKey,
} from "../kiosk/ports.ts";
import type { Press, Screen, StaffScreen } from "../kiosk/session.ts";
import { createTerminal } from "../kiosk/terminal.ts";
import type { Terminal } from "../kiosk/terminal-parts.ts";
import type { Bundle } from "../shared/bundle.ts";
import { fromUtf8, sha256, toHex, toUtf8 } from "../shared/bytes.ts";
import { sigStructureOf } from "../shared/cose.ts";
import { issueCredential, present, presentationSecondsMax, readCode, toQrText } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Entry, genesisOf } from "../shared/log.ts";
import type { Places, Profile, SpentCode, Stay } from "../shared/messages.ts";
import { encodePolicy, type Policy } from "../shared/policy.ts";
import { packStatuses } from "../shared/status-list.ts";
import { readDecided, readTransaction, replayDecision } from "../shared/transaction.ts";
import { openTrust } from "../shared/trust.ts";
import { drawKey, samplePolicy, now as startAt } from "./sample.ts";

export type Phone = { readonly code: () => Promise<string>; readonly card: () => Promise<string> };

/** Indices of the sample list, by what stands there. */
export const indexOf = { none: 0, revoked: 1, suspended: 2, band1: 3, band2: 4, band3: 5, pastTheEnd: 99 } as const;
/** Of a pack with more cuts than the sample's: up to 5. */
export const indexOfBand = (band: number): number => indexOf.band1 + band - 1;
const statuses = [0, 1, 2, 3, 12, 13, 14, 15];

/** What can be told to go wrong, or differently. */
export type Faults = {
  failAppend: boolean;
  outcome: Actuated["outcome"];
  holdGate: Promise<void> | null;
  key: SecurityKey["ask"] | null;
  /** What a security key makes. */
  newKey: Awaited<ReturnType<SecurityKey["make"]>>;
  /** `silent`: nothing reaches it. `mute`: it does what it is asked, and its answer is lost. */
  payments: "answer" | "refuse" | "silent" | "mute";
  /** What the other terminals of the site have seen; null: the server is away. */
  seenElsewhere: ((pseudonym: string) => Stay) | null;
  /** How the gates of its place stand. */
  gates: (() => Places) | null;
  /** Tells it of a code that was shown to another terminal there. */
  tellSpent: (spent: SpentCode) => void;
};

export type World = {
  readonly issuer: SigningKey;
  /** What badges are signed with. */
  readonly badges: SigningKey;
  readonly site: string;
  readonly operatorKey: Identity["operatorKey"];
  /** Sounds the fire alarm. */
  readonly alarm: () => Promise<void>;
  readonly faults: Faults;
  readonly screens: readonly Screen[];
  /** What staff see now; null: nothing. */
  readonly staff: () => StaffScreen | null;
  /** What phones said of the time. */
  readonly presented: readonly Presented[];
  readonly screen: () => Screen;
  readonly commands: readonly { readonly command: Command; readonly entriesBefore: number }[];
  readonly payments: PaymentSystem;
  readonly entries: () => readonly Entry[];
  /** The transactions, as JSON, oldest first; `kind` narrows. */
  readonly written: (kind?: string) => readonly Readonly<Record<string, unknown>>[];
  readonly phone: (index: number, form?: "phone" | "card") => Promise<Phone>;
  readonly scan: (text: string) => Promise<void>;
  readonly press: (press: Press) => Promise<void>;
  readonly pass: (seconds: number) => Promise<void>;
  readonly setBundle: (change: (bundle: Bundle) => Bundle) => Promise<void>;
  readonly setCheckedAt: (at: number) => void;
  /** `lost`: what it finds of a chain that it had before. */
  readonly restart: (lost?: readonly Remains[]) => Promise<void>;
  readonly remains: () => readonly Remains[];
  readonly terminal: () => Terminal;
  readonly now: () => number;
};

export const profiles = {
  metro: { service: "metro", action: "entry", programme: "here", site: "gate-1", name: "Gate", actuator: "simulated" },
  library: { service: "library", programme: "here", site: "desk-1", name: "Desk", actuator: "simulated" },
  bike: { service: "bike", docks: ["1", "2"], programme: "here", site: "st-1", name: "Station", actuator: "simulated" },
} as const satisfies Record<string, Profile>;

/** `signer`: whose credentials it accepts, where another world's phones are to be shown here. `hasBadges`: there is staff. */
export const createWorld = async (
  profile: Profile,
  policy: Policy = samplePolicy,
  signer: SigningKey | null = null,
  hasBadges = false,
): Promise<World> => {
  const issuer = signer ?? (await drawKey());
  const clock = createFakeClock();
  const log = createMemoryLog();
  const faults: Faults = {
    ...{ failAppend: false, outcome: "completed", holdGate: null, key: null, newKey: null, payments: "answer" },
    ...{ seenElsewhere: null, gates: null, tellSpent: () => {} },
  };
  const screens: Screen[] = [];
  const staffScreens: (StaffScreen | null)[] = [];
  const presented: Presented[] = [];
  const commands: { command: Command; entriesBefore: number }[] = [];
  const identity = await createIdentity(profile);
  const badges = await drawKey();
  const listeners = new Set<() => void>();
  let bundle = await createBundle(policy, issuer, hasBadges ? badges : null);
  let checkedAt = startAt;
  let terminal: Terminal;

  const docks = new Map<string, string | null>([
    ["1", "bike-7"],
    ["2", null],
  ]);
  const alarms = new Set<() => Promise<void>>();
  const actuator: Actuator = {
    watchAlarm: (onAlarm) => void alarms.add(onAlarm),
    docks: async () => [...docks].map(([dock, vehicle]) => ({ dock, vehicle })),
    perform: async (command) => {
      commands.push({ command, entriesBefore: log.entries.length });
      if (faults.holdGate !== null) await faults.holdGate;
      const vehicle = {
        ...("dock" in command ? { vehicle: "bike-7" } : {}),
        ...(command.kind === "lock-dock" ? { zone: "fence-1" } : {}),
        ...(command.kind === "draw-ticket" ? { ticket: command.line === "priority" ? "A001" : "B001" } : {}),
      };
      return { outcome: faults.outcome, ...(faults.outcome === "completed" ? vehicle : {}) };
    },
  };
  const payments = createPaymentSystem(faults);
  const store: LogStore = {
    ...log,
    append: async (entry) => {
      if (faults.failAppend) throw new Error("the disk is full");
      await log.append(entry);
    },
  };

  const start = async (): Promise<void> => {
    const isNewChain = log.entries.length === 0;
    const journal = createJournal(await log.open(identity.terminal), store, clock, countingRandom());
    listeners.clear();
    alarms.clear();
    terminal = createTerminal({
      app: "test",
      page: "edge.example.org/why",
      identity,
      journal,
      log: store,
      createFlow: await loadFlow(profile),
      isNewChain,
      keeper: { current: () => ({ bundle, checkedAt }), onChange: (callback) => listeners.add(callback) },
      actuator,
      payments,
      site: {
        stayOf: async (pseudonym) => faults.seenElsewhere?.(pseudonym) ?? null,
        places: async () => faults.gates?.() ?? null,
        listen: (hear) => {
          faults.tellSpent = hear;
        },
      },
      clock,
      onScreen: (screen) => screens.push(screen),
      onStaff: (screen) => staffScreens.push(screen),
      securityKey: {
        origin: "https://edge.example.org",
        ask: (...asked) => faults.key?.(...asked) ?? Promise.resolve(null),
        make: async () => faults.newKey,
      },
      onPresented: (each) => presented.push(each),
      onRecorded: () => {},
    });
    await terminal.start();
  };
  await start();

  const settle = async (): Promise<void> => {
    if (faults.holdGate === null) await terminal.settled();
    else await new Promise((resolve) => setTimeout(resolve, 50));
  };

  const written: World["written"] = (kind) =>
    log.entries
      .map((entry) => JSON.parse(fromUtf8(entry.bytes) ?? "null"))
      .filter((each) => kind === undefined || each.kind === kind);

  return {
    issuer,
    badges,
    site: profile.site,
    operatorKey: identity.operatorKey,
    alarm: async () => {
      for (const sound of alarms) await sound();
      await settle();
    },
    faults,
    screens,
    staff: () => staffScreens.at(-1) ?? null,
    presented,
    commands,
    payments,
    screen: () => screens.at(-1) ?? { name: "setup", stage: "loading", cause: "" },
    entries: () => log.entries,
    written,
    phone: (index, form = "phone") => createPhone(issuer, clock, index, form),
    scan: async (text) => {
      terminal.sight({ text, seenAt: clock.ticks() });
      await settle();
    },
    press: async (press) => {
      terminal.press(press);
      await settle();
    },
    pass: async (seconds) => {
      for (let second = 0; second < seconds; second++) {
        clock.move(1);
        await settle();
      }
    },
    setBundle: async (change) => {
      bundle = change(bundle);
      for (const listener of listeners) listener();
      await settle();
    },
    setCheckedAt: (at) => {
      checkedAt = at;
    },
    restart: async (lost = []) => {
      await terminal.stop();
      log.lost = [...lost];
      await start();
    },
    remains: () => log.lost,
    terminal: () => terminal,
    now: clock.now,
  };
};

/** An operator's payment system: each order under a key is carried out once, whoever asks how often. */
export type PaymentSystem = Payments & {
  readonly asked: readonly PaymentOrder[];
  /** What is held or was taken, by key; and how often money moved. */
  readonly standing: () => ReadonlyMap<string, number>;
  readonly moves: () => number;
};

const createPaymentSystem = (faults: Faults): PaymentSystem => {
  const asked: PaymentOrder[] = [];
  const standing = new Map<string, number>();
  const released = new Set<string>();
  let moves = 0;

  const carryOut = ({ order, of, amount }: PaymentOrder): boolean => {
    const key = `${of.terminal}/${of.seq}`;
    if (order === "release") {
      standing.delete(key);
      released.add(key);
      return true;
    }
    if (released.has(key)) return false;
    if (!standing.has(key)) moves += 1;
    standing.set(key, amount);
    return true;
  };

  return {
    asked,
    standing: () => standing,
    moves: () => moves,
    ask: async (order) => {
      asked.push(order);
      if (faults.payments === "silent") return { outcome: "unknown", cause: "no answer" };
      if (faults.payments === "refuse" && order.order !== "release")
        return { outcome: "refused", cause: "not covered" };
      const isDone = carryOut(order);
      if (faults.payments === "mute") return { outcome: "unknown", cause: "no answer" };
      return isDone ? { outcome: "done" } : { outcome: "refused", cause: "released before" };
    },
  };
};

/** What is told of a phone's code that another terminal has taken at the moment `at`. */
export const spentCodeOf = async (text: string, at: number): Promise<SpentCode> => {
  const code = readCode(text);
  if (code.kind !== "presentation") throw new Error("no code of a phone");
  const identity = toHex(await sha256(sigStructureOf(code.sign1)));
  return { identity, at, windowUntil: code.issuedAt + presentationSecondsMax };
};

/** Every decision in a log, decided again from what was recorded. */
export const replayAll = (entries: readonly Entry[], policy: Policy): readonly boolean[] =>
  entries.flatMap((entry) => {
    const transaction = readTransaction(entry.bytes);
    const decided = transaction === null ? null : readDecided(transaction);
    return decided === null ? [] : [replayDecision(decided, policy).same];
  });

const createFakeClock = (): Clock & { readonly move: (seconds: number) => void } => {
  let ticks = 1000;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => startAt + Math.floor((ticks - 1000) / 1000),
    ticks: () => ticks,
    after: (seconds, callback) => {
      const timer = { at: ticks + seconds * 1000, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    move: (seconds) => {
      ticks += seconds * 1000;
      for (const timer of [...timers]) {
        if (timer.at <= ticks && timers.delete(timer)) timer.callback();
      }
    },
  };
};

export const createMemoryLog = (): LogStore & { readonly entries: Entry[]; lost: Remains[] } => {
  const entries: Entry[] = [];
  const epoch = new Uint8Array(16).fill(7);
  const log: ReturnType<typeof createMemoryLog> = {
    entries,
    lost: [],
    open: async (terminal) => {
      const last = entries.at(-1);
      const head = last ?? (await genesisOf({ terminal, epoch }));
      return { chain: { terminal, epoch }, head, ackedSeq: 0, floorAt: 0, isNew: last === undefined };
    },
    append: async (entry) => {
      entries.push(entry);
    },
    read: async (seq, max) => entries.slice(seq - 1, seq - 1 + max),
    acknowledge: async () => {},
    prune: async () => {},
    remains: async (after) => log.lost.find(({ key }) => key > after) ?? null,
    dropRemains: async (dropped) => {
      log.lost = log.lost.filter(({ key }) => key !== dropped);
    },
  };
  return log;
};

export const countingRandom = (): Random => {
  let next = 0;
  return { bytes: (length) => new Uint8Array(length).fill(++next % 256) };
};

const createIdentity = async (profile: Profile): Promise<Identity> => ({
  terminal: "t-1",
  profile,
  key: await drawKey(),
  operatorKey: await crypto.subtle.importKey(
    "raw",
    new Uint8Array(32).fill(9),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  ),
  operatorKeyVersion: 1,
  firstRoot: new Uint8Array(0),
  rootHash: new Uint8Array(32),
});

const createBundle = async (policy: Policy, issuer: SigningKey, badges: SigningKey | null): Promise<Bundle> => {
  const trust = await openTrust([
    { kid: issuer.kid, use: "citizen", jwk: issuer.jwk, programme: "here", lists: ["a"] },
    ...(badges === null ? [] : [{ kid: badges.kid, use: "staff", jwk: badges.jwk } as const]),
  ]);
  if (trust.kind === "invalid") throw new Error(trust.error);
  return {
    root: { version: 1, threshold: 1, roots: [], publishers: [], edges: [] },
    manifest: {
      v: 1,
      operator: "o",
      version: 1,
      issuedAt: startAt,
      expiresAt: startAt + 86_400,
      root: 1,
      artefacts: [],
    },
    trust: trust.value,
    trustVersion: 1,
    policy,
    policyHash: "aa".repeat(32),
    signedPolicy: toUtf8(encodePolicy(policy)),
    staff: { v: 1, revoked: [] },
    lists: [
      {
        programme: "here",
        list: "a",
        version: 1,
        cuts: 7,
        statuses: { packed: packStatuses(statuses), entries: statuses.length },
      },
    ],
  };
};

export const createPhone = async (
  issuer: SigningKey,
  clock: Clock,
  index: number,
  form: "phone" | "card",
): Promise<Phone> => {
  const holder = await drawKey(form === "phone" ? "P-256" : "Ed25519");
  const sub = `person-${String(index).padStart(4, "0")}-${form}`;
  const iat = clock.now() - 1000;
  const claims = { sub, iat, exp: iat + 86_400, status: { uri: "a", index } };
  const phone = await issueCredential({ ...claims, holder: holder.jwk }, issuer);
  const card = await issueCredential(claims, issuer);
  return {
    code: async () => toQrText(await present(phone, holder, clock.now())),
    card: async () => toQrText(card),
  };
};
