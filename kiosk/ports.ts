/**
 * The edges of a terminal. Everything with an effect comes in through one of these; the terminal's loop knows
 * nothing else of the world, so that tests, the demo and a real gate run the same code.
 */

import type { Bytes } from "../shared/bytes.ts";
import type { PublicJwk, SigningKey } from "../shared/keys.ts";
import type { Chain, Entry, Head } from "../shared/log.ts";
import type { ArtefactEncoding } from "../shared/manifest.ts";
import type { EnrolmentAnswer, ManifestAnswer, Problem, Profile, RescueAnswer } from "../shared/messages.ts";
import type { Instant } from "../shared/terms.ts";
import type { EntryRef } from "../shared/transaction.ts";
import type { Assertion } from "../shared/webauthn.ts";

/** One text read by a scanner. Nothing above a scanner knows which kind it was. */
export type Scan = {
  readonly text: string;
  /** `performance.now()` when what was read became available (the frame, the last key), for measuring. */
  readonly seenAt: number;
  /** The same of a camera's steps: when the frame had been copied, and when its text had been read. */
  readonly copiedAt?: number;
  readonly readAt?: number;
};

/** `broken` carries a short English cause for staff; the scanner keeps trying by itself. `isLasting`: it has done so for a while. */
export type ScannerState =
  | { readonly kind: "starting" }
  | { readonly kind: "scanning" }
  | { readonly kind: "broken"; readonly cause: string; readonly isLasting?: true };

/** Where it gives a promise, that one ends with what the scan began: until then, but not for long, a camera need not look. */
export type OnScan = (scan: Scan) => unknown;

/** Reads text. Several run at once; each reports every sighting, the loop above tells a tap from a bounce. */
export type Scanner = {
  readonly name: string;
  readonly start: (onScan: OnScan, onState: (state: ScannerState) => void) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type ChosenCamera = { readonly id: string; readonly label: string };

/** What can be seen and set while a camera is open. */
export type OpenCamera = {
  readonly id: string;
  readonly cameras: readonly ChosenCamera[];
  /** Null where this camera has no light that can be switched on. */
  readonly light: { readonly isOn: boolean; readonly turn: (isOn: boolean) => Promise<void> } | null;
};

/** What staff have set of reading and sounding. */
export type ReaderSettings = {
  /** Browsers give ids anew when storage was cleared; a camera is then found again by its label. */
  readonly camera: ChosenCamera | null;
  /** Of tones and voice, from 1 to 5. */
  readonly volume: number;
  readonly voice: boolean;
};

export type SettingsStore = {
  readonly read: () => ReaderSettings;
  readonly write: (settings: ReaderSettings) => void;
};

/* Storage. One store a terminal; everything in it is named by the terminal's slot, since frames share an origin. */

/** Who this terminal is. The private key is non-extractable and never leaves the store. */
export type Identity = {
  readonly terminal: string;
  readonly profile: Profile;
  readonly key: SigningKey;
  /** HMAC-SHA-256, non-extractable. */
  readonly operatorKey: CryptoKey;
  readonly operatorKeyVersion: number;
  readonly firstRoot: Bytes;
  readonly rootHash: Bytes;
};

export type IdentityStore = {
  readonly read: () => Promise<Identity | null>;
  /** A key pair made before the enrolment is asked for, so that a lost answer can be asked for again. */
  readonly write: (answer: EnrolmentAnswer, rootHash: Bytes, pair: CryptoKeyPair) => Promise<void>;
};

/** A bundle as it lies on disk: checked again whenever it is read. */
export type StoredBundle = {
  /** Every root after the first that led to the one it was installed under. */
  readonly roots: readonly Bytes[];
  /** The same as followed since. */
  readonly newestRoots: readonly Bytes[];
  readonly manifest: Bytes;
  /** Decoded artefacts by name. */
  readonly artefacts: ReadonlyMap<string, Bytes>;
  readonly checkedAt: Instant;
};

export type BundleStore = {
  readonly read: () => Promise<StoredBundle | null>;
  /** All at once or not at all. */
  readonly write: (bundle: StoredBundle) => Promise<void>;
  readonly stamp: (checkedAt: Instant) => Promise<void>;
  /** At once, without a newer bundle: a key that a root drops must not come back with a restart. */
  readonly keepNewestRoots: (roots: readonly Bytes[]) => Promise<void>;
  /** What is here of an encoding that is still being fetched, from its first byte on. `write` ends them all. */
  readonly readPart: (sha256: string) => Promise<Bytes>;
  /** What follows on `from` bytes of it. */
  readonly addPart: (sha256: string, from: number, bytes: Bytes) => Promise<void>;
  readonly dropPart: (sha256: string) => Promise<void>;
  /** Drops the parts of all others. */
  readonly keepParts: (sha256s: readonly string[]) => Promise<void>;
};

/** What the log store knows when it is opened. `ackedSeq` is the outbox's cursor; `floorAt` the newest signed time. */
export type StoredLog = {
  readonly chain: Chain;
  readonly head: Head;
  readonly ackedSeq: number;
  readonly floorAt: Instant;
  /** True while nothing stands in this chain: this opening had to begin it, or the one before, which was cut off. */
  readonly isNew: boolean;
};

export type LogStore = {
  readonly open: (terminal: string) => Promise<StoredLog>;
  /**
   * Resolves once the entry is durable. Where it rejects, nothing may be done that the entry says, and nothing more is
   * written until the log is opened again; the entry may turn out to be there.
   */
  readonly append: (entry: Entry) => Promise<void>;
  /** Entries in order, from `seq`, at most `max`. */
  readonly read: (seq: number, max: number) => Promise<readonly Entry[]>;
  /** Moves the cursor after a verified ack; never backwards. */
  readonly acknowledge: (seq: number, floorAt: Instant) => Promise<void>;
  /** Drops what was acknowledged at least so long before the newest ack, by the times that acks say. */
  readonly prune: (keptSeconds: number) => Promise<void>;
  /** The oldest remains behind `key` (0: the oldest of all); null where there are none. */
  readonly remains: (key: number) => Promise<Remains | null>;
  /** They stand in the log now. */
  readonly dropRemains: (key: number) => Promise<void>;
};

/** A few entries of a lost chain that were never acknowledged, as they were found: any of them may be damaged. */
export type Remains = {
  readonly key: number;
  /** Null where it lost its name. */
  readonly chain: Chain | null;
  readonly entries: readonly Partial<Entry>[];
};

/** One copy of a log, as it lies there: nothing of it is believed yet. */
export type FoundCopy = {
  readonly chain: Chain | null;
  /** What it takes for its newest entry; null where it cannot say. */
  readonly head: Head | null;
  /** A write to it was cut off: something may have been behind its head. */
  readonly isTorn: boolean;
  readonly ackedSeq: number;
  readonly floorAt: Instant;
  /** The oldest entry that was to stay, where it knows: those before it were dropped, the others may only be lost. */
  readonly keptFrom?: number;
  /** As `LogStore.read`; what cannot be read is left out. */
  readonly read: (seq: number, max: number) => Promise<readonly Entry[]>;
};

/** A whole log: entries from `firstSeq` (older ones were pruned) to the head's. */
export type LogContent = {
  readonly chain: Chain;
  readonly firstSeq: number;
  readonly head: Head;
  readonly ackedSeq: number;
  readonly floorAt: Instant;
  /** The next ones from `seq` on, at most `max`; none only behind the head. */
  readonly read: (seq: number, max: number) => Promise<readonly Entry[]>;
};

/** One of the two places where a log is kept. Whatever rejects has to be taken for unwritten. */
export type LogCopy = {
  /** Everything that lies there. A place that could hold several chains says so. */
  readonly find: () => Promise<readonly FoundCopy[]>;
  /** From now on it holds this and nothing else. Broken off, it is done again at the next start. */
  readonly rewrite: (content: LogContent) => Promise<void>;
  /** Entries that follow `after`, the newest here. Resolves once they are durable. */
  readonly append: (after: Head, entries: readonly Entry[]) => Promise<void>;
  readonly acknowledge: (seq: number, floorAt: Instant) => Promise<void>;
  /** Those before `seq` are of no more use. */
  readonly dropBefore: (seq: number) => Promise<void>;
};

/** The copy that the terminal reads from, and where the remains of lost chains lie. */
export type FirstCopy = LogCopy & {
  /** An entry that counts here by itself: in two transactions, of which a power cut takes one (database.ts). */
  readonly appendAlone: (after: Head, entry: Entry) => Promise<void>;
  readonly read: (seq: number, max: number) => Promise<readonly Entry[]>;
  /** The oldest entry that stays, where what was acknowledged so long ago may go (as `LogStore.prune`). */
  readonly firstKept: (keptSeconds: number) => Promise<number>;
  readonly keepRemains: (found: FoundCopy, entries: readonly Entry[]) => Promise<void>;
  readonly remains: LogStore["remains"];
  readonly dropRemains: LogStore["dropRemains"];
};

/** Another terminal's rescue (shared/rescue.ts), as it came. `id` names it: the same twice is one. */
export type Carried = {
  readonly id: string;
  readonly terminal: string;
  readonly entries: number;
  readonly sealed: Bytes;
};

export type CarriedStore = {
  readonly list: () => Promise<readonly Carried[]>;
  /** Resolves once it is durable. */
  readonly put: (carried: Carried) => Promise<void>;
  readonly drop: (id: string) => Promise<void>;
};

/** How far a chain was once known to reach, kept apart from its copies. `epoch` is base64url. */
export type Mark = { readonly epoch: string; readonly seq: number };
export type MarkStore = { readonly read: () => Mark | null; readonly write: (mark: Mark) => void };

/* The network. Every answer is a value: an unreachable server is the normal case, not an exception. */

export type Unreachable = { readonly kind: "unreachable"; readonly cause: string };
export type Rejected = { readonly kind: "rejected"; readonly status: number; readonly problem: Problem | null };
export type Answer<T> = { readonly kind: "answered"; readonly value: T } | Unreachable | Rejected;

/** The whole of an encoding, or what comes next of it. `oversized`: more than was declared, and not read to its end. */
export type Piece = { readonly kind: "whole" | "next"; readonly bytes: Bytes } | { readonly kind: "oversized" };

export type Uplink = {
  readonly enrol: (code: string, publicJwk: PublicJwk) => Promise<Answer<EnrolmentAnswer>>;
  /** `unchanged` where the server still has what was fetched last. */
  readonly fetchManifest: (identity: Identity) => Promise<Answer<ManifestAnswer | "unchanged">>;
  /** From byte `from` on; the server may answer with the whole instead. */
  readonly fetchArtefact: (encoded: ArtefactEncoding, from: number) => Promise<Answer<Piece>>;
  /** A batch as it travels: what takes long of sending it, and can be done before. */
  readonly packBatch: (batch: Bytes) => Promise<Bytes>;
  /** The body of the server's answer to a packed batch: the ack, not yet believed. */
  readonly sendBatch: (identity: Identity, packed: Bytes) => Promise<Answer<Bytes>>;
  /** Another terminal's rescue: what the server says of its batches, not yet believed. */
  readonly sendRescue: (identity: Identity, sealed: Bytes) => Promise<Answer<RescueAnswer>>;
  /** Calls back when the network may have returned. */
  readonly onReturn: (callback: () => void) => () => void;
};

/* The machine that moves. */

export type Command =
  | { readonly kind: "open-gate" }
  | { readonly kind: "release-item"; readonly item: string }
  | { readonly kind: "accept-item"; readonly item: string }
  | { readonly kind: "unlock-dock"; readonly dock: string }
  | { readonly kind: "lock-dock"; readonly dock: string }
  /** Everything that the machine keeps shut stands open until `close`. */
  | { readonly kind: "hold-open" | "close" }
  /** To the citizen's door. */
  | { readonly kind: "order-parcel"; readonly items: readonly string[] }
  | { readonly kind: "draw-ticket"; readonly line: "priority" | "ordinary" };

/** What the sensor said. `vehicle`: what the dock let go or took; `zone`: where that stands now; `ticket`: what was drawn. */
export type Actuated = {
  readonly outcome: "completed" | "timed-out" | "fault";
  readonly vehicle?: string;
  readonly zone?: string;
  readonly ticket?: string;
  readonly cause?: string;
};

export type Dock = { readonly dock: string; readonly vehicle: string | null };

/** Never rejects: what goes wrong is an outcome. `of` is the entry that allowed it; the same twice acts once. */
export type Actuator = {
  readonly perform: (command: Command, of: EntryRef) => Promise<Actuated>;
  readonly docks: () => Promise<readonly Dock[]>;
  /** Calls back when a fire alarm comes on. Not there where no alarm is wired to this machine. */
  readonly watchAlarm?: (onAlarm: () => Promise<void>) => void;
};

/** A security key of whoever stands here; nothing of it stays on the terminal. */
export type SecurityKey = {
  /** Of the page, as the key will sign it. */
  readonly origin: string;
  /** Asks for one of these credentials to sign the challenge; null where nobody did. */
  readonly ask: (challenge: Bytes, ids: readonly string[]) => Promise<Assertion | null>;
  /** Makes a new one for somebody; null where nobody did. */
  readonly make: (staff: string) => Promise<{ readonly id: string; readonly jwk: PublicJwk } | null>;
};

/* Time and chance. */

export type Clock = {
  /** The device's own time. */
  readonly now: () => Instant;
  /** Milliseconds that only rise, on the scale of `Scan.seenAt`. */
  readonly ticks: () => number;
  /** Calls back once after `seconds`; returns how to call it off. */
  readonly after: (seconds: number, callback: () => void) => () => void;
};

export type Random = { readonly bytes: (length: number) => Bytes };
