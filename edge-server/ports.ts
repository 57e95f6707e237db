/**
 * The edges of the server: the ledger that keeps what terminals did, on SQLite or on PostgreSQL, and the registry of whom
 * it knows and what it has published, on SQLite. Every implementation passes the contract suite of its port.
 */
import type { Position } from "../shared/admin.ts";
import type { Bytes } from "../shared/bytes.ts";
import type { PublicJwk } from "../shared/keys.ts";
import type { Chain, Entry, Head } from "../shared/log.ts";
import type { Profile } from "../shared/messages.ts";
import type { Pack, Recognition } from "../shared/policy.ts";
import type { StaffRules } from "../shared/staff-rules.ts";
import type { Instant } from "../shared/terms.ts";
import type { TrustEntry } from "../shared/trust.ts";
import type { KeyUse, ServerKeys } from "./keys.ts";
import type { StaffRow } from "./staff-book.ts";

/* The ledger. Insert-only: nothing in it is edited, and it refuses no fact. */

/** What stands beside the bytes, to be searched by (see columns.ts); null where they are no transaction. */
export type Columns = { readonly at: Instant | null; readonly kind: string | null };

export type LedgerEntry = Entry &
  Chain &
  Columns & {
    readonly receivedAt: Instant;
    /** Received after the terminal was revoked: kept, and said. */
    readonly isAfterRevocation: boolean;
  };

/** A checkpoint of the terminal with the ack that answered it, both as signed. */
export type Receipt = Chain & { readonly seq: number; readonly checkpoint: Bytes; readonly ack: Bytes };

/** Two histories under one name: the batch that did not fit, as evidence. */
export type Fork = Chain & { readonly seq: number; readonly batch: Bytes; readonly receivedAt: Instant };

/**
 * What a terminal signed and nobody believes: kept, and never part of a chain. `seq` is where it begins (of a fork: where
 * the histories part), `hash` the head that the terminal signed. `fork`: more of a history whose first batch is a `Fork`;
 * `altered`: its bytes are not what was signed; `gap`: what comes after a fork. `full`: as much of this terminal is kept as
 * is kept of one, and the batch is not.
 */
export type Evidence = Chain & {
  readonly seq: number;
  readonly hash: Bytes;
  readonly cause: "fork" | "altered" | "gap" | "full";
  readonly batch: Bytes;
  readonly receivedAt: Instant;
};

/** What is kept and not believed, without its batches: sums by cause, and the newest first. `overrides`: of staff, in no chain. */
export type Doubts = {
  readonly sums: readonly {
    readonly cause: Evidence["cause"];
    readonly batches: number;
    readonly entries: number;
    readonly overrides: number;
  }[];
  readonly newest: readonly Doubt[];
};
export type Doubt = Omit<Evidence, "hash" | "batch"> & { readonly entries: number; readonly overrides: number };

/** That personal fields of so many of a terminal's entries were erased, and not what they said. */
export type Erasure = {
  readonly terminal: string;
  readonly at: Instant;
  readonly cause: "age" | "pseudonym" | "terminal" | "entry";
  readonly by: string;
  readonly entries: number;
};

/** Personal fields that are there, with when their entry came. */
export type PersonalRow = { readonly seq: number; readonly text: string; readonly receivedAt: Instant };

/** A batch that came: which places of its chain it is about, and when. */
export type Arrival = Chain & {
  readonly from: number;
  readonly to: number;
  readonly receivedAt: Instant;
  readonly isAfterRevocation: boolean;
};

/** What the ledger holds of a chain. `hashAt` knows the places of the arrival and the one before them. */
export type HeldChain = { readonly head: Head | null; readonly hashAt: (seq: number) => Bytes | null };

/**
 * The entries follow the head that was shown. The first receipt and the first fork at a place stay. Of a terminal there is
 * only so much evidence (`evidenceMax`), and a gap is evidence only in a chain that has forked: else it comes again, whole.
 */
export type Addition =
  | {
      readonly kind: "entries";
      readonly entries: readonly (Entry & Columns)[];
      readonly receipt: Pick<Receipt, "checkpoint" | "ack">;
    }
  | ({ readonly kind: "evidence" } & Pick<Evidence, "seq" | "hash" | "batch"> & {
        readonly cause: Exclude<Evidence["cause"], "full">;
      });

export type Judge<T> = (held: HeldChain) => Promise<{ readonly answer: T; readonly addition: Addition | null }>;

/** `unavailable`: the database cannot tell now, nor whether anything was stored. To come again does no harm. */
export type Settled<T> =
  | { readonly kind: "settled"; readonly answer: T }
  | { readonly kind: "unavailable"; readonly cause: string };

/**
 * What reconciliation looks at: an entry without its hash, as text, and what is personal beside it without its salt. One
 * chain is one object. `text` null, or not quite what was written, where the bytes are no UTF-8.
 */
export type ArrivedEntry = Columns & {
  readonly chain: Chain;
  readonly seq: number;
  readonly text: string | null;
  readonly personal: string | null;
  readonly isAfterRevocation: boolean;
};

export type LedgerReader = {
  /** By when they first came, then by terminal and epoch. */
  readonly chains: () => Promise<readonly Chain[]>;
  /** In order of seq. Streams. */
  readonly entries: (chain: Chain) => AsyncIterable<LedgerEntry>;
  readonly receipts: (chain: Chain) => AsyncIterable<Receipt>;
  /** By when they came. Streams. */
  readonly forks: () => AsyncIterable<Fork>;
  readonly evidence: () => AsyncIterable<Evidence>;
  readonly erasures: () => AsyncIterable<Erasure>;
};

/** Finds the way about: what there is, and any part of it. */
export type LedgerParts = {
  /** Every chain with the seq of its last entry. */
  readonly heads: () => Promise<readonly (Chain & { readonly seq: number })[]>;
  /** What stands at each of these places, in their order; null where nothing does. */
  readonly at: (places: readonly (Chain & { readonly seq: number })[]) => Promise<readonly (LedgerEntry | null)[]>;
  /** Those after `seq`, in order, at most `rowsMax`. */
  readonly part: (chain: Chain, seq: number, rowsMax: number) => Promise<readonly LedgerEntry[]>;
};

export type WholeReader = LedgerReader & {
  /** All of every chain, each in order of seq, in whichever order is read fastest. Streams. */
  readonly everything: () => AsyncIterable<ArrivedEntry>;
};

export type Ledger = WholeReader &
  LedgerParts & {
    /**
     * Shows `judge` what is held and stores what it adds, all or nothing, as though nobody else added to the chain, whatever
     * other servers do at once: one chain never forks. Durable when it resolves. May ask `judge` again.
     */
    readonly settle: <T>(arrival: Arrival, judge: Judge<T>) => Promise<Settled<T>>;
    /** How many arrivals are worth settling at once. */
    readonly settlingMax: number;
    /** What is personal beside the entries after `seq`, in their order, at most `rowsMax`. */
    readonly personal: (chain: Chain, seq: number, rowsMax: number) => Promise<readonly PersonalRow[]>;
    /** Erases what is personal beside these entries and records that, together; how many had any. */
    readonly erase: (
      chain: Chain,
      seqs: readonly number[],
      record: Omit<Erasure, "terminal" | "entries">,
    ) => Promise<number>;
    readonly head: (chain: Chain) => Promise<Head | null>;
    readonly doubts: (rowsMax: number) => Promise<Doubts>;
    readonly count: () => Promise<number>;
    /** Everything as it is at one moment, whatever is added meanwhile. */
    readonly snapshot: () => Promise<LedgerSnapshot>;
    readonly close: () => Promise<void>;
  };

export type LedgerSnapshot = WholeReader & { readonly close: () => Promise<void> };

/* The registry: the operator's own records. */

export type TerminalRow = {
  readonly id: string;
  readonly profile: Profile;
  /** Null until enrolled. */
  readonly key: PublicJwk | null;
  readonly enrolledAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly lastSeenAt: Instant | null;
};

/** `hash` is the SHA-256 of the one-time code: the code itself is never stored. */
export type EnrolmentCode = { readonly hash: Bytes; readonly terminal: string; readonly expiresAt: Instant };

export type ListName = { readonly programme: string; readonly list: string };

/** A score list, without its values. */
export type ListHead = ListName & { readonly version: number; readonly cuts: number; readonly entries: number };

/** `packed` is the whole list, 4 bits a citizen, as the programme gave it: restrictions are not in it. */
export type ListRow = ListHead & { readonly packed: Bytes };

/** A version as terminals have it, coded by shared/list-snapshot: what patches start from. */
export type ListSnapshot = ListName & {
  readonly version: number;
  readonly entries: number;
  readonly publishedAt: Instant;
  readonly snapshot: Bytes;
};

/** In force until `until`, and not any more from then on. */
export type Restriction = {
  readonly index: number;
  readonly basis: string;
  readonly until: Instant;
  readonly appeal: string;
};

/** A place whose phone is gone. `movedTo`: the place that took over from a revoked one. */
export type LostPlace = {
  readonly index: number;
  readonly standing: "suspended" | "revoked";
  readonly movedTo: number | null;
};

export type Registry = {
  readonly packs: () => readonly Pack[];
  readonly putPack: (pack: Pack) => void;
  /** Whose visitors are recognised where. */
  readonly recognitions: () => readonly Recognition[];
  readonly putRecognition: (recognition: Recognition) => void;
  readonly dropRecognition: (visitor: string, here: string) => void;
  readonly issuers: () => readonly TrustEntry[];
  readonly putIssuer: (entry: TrustEntry) => void;
  readonly lists: () => readonly ListHead[];
  readonly list: (name: ListName) => ListRow | null;
  readonly putList: (list: ListRow) => void;
  /** Newest first. */
  readonly snapshots: (name: ListName) => readonly Omit<ListSnapshot, "snapshot">[];
  readonly snapshot: (name: ListName, version: number) => ListSnapshot | null;
  readonly putSnapshot: (snapshot: ListSnapshot) => void;
  /** Forgets every version below `version`. */
  readonly dropSnapshots: (name: ListName, version: number) => void;
  /** By index. */
  readonly restrictions: (name: ListName) => readonly Restriction[];
  /** In place of those before. */
  readonly putRestrictions: (name: ListName, restrictions: readonly Restriction[]) => void;
  /** Forgets those that are over, and each list that had one becomes its next version. */
  readonly endRestrictions: (now: Instant) => void;
  /** When the next one is over; null where there is none. */
  readonly nextRestrictionEnd: () => Instant | null;
  /** In the order in which they were first reported. */
  readonly losses: (name: ListName) => readonly LostPlace[];
  /** In place of what was said of that place; the list becomes its next version. */
  readonly putLoss: (name: ListName, lost: LostPlace) => void;
  readonly dropLoss: (name: ListName, index: number) => void;
  /** Where sites are, for the map; a site without a position is not among them. */
  readonly places: () => ReadonlyMap<string, Position>;
  readonly putPlace: (site: string, at: Position | null) => void;
  /** In the order in which they were made. */
  readonly terminals: () => readonly TerminalRow[];
  readonly terminal: (id: string) => TerminalRow | null;
  readonly putTerminal: (terminal: TerminalRow) => void;
  /** Forgets a terminal that was never enrolled, with its codes. An enrolled one stays: its log names it. */
  readonly dropTerminal: (id: string) => void;
  readonly putEnrolmentCode: (code: EnrolmentCode) => void;
  /** Takes the code so that nobody can use it again; null where there is none, or not any more. */
  readonly takeEnrolmentCode: (hash: Bytes, now: Instant) => EnrolmentCode | null;
  /** In the order in which they got their badges. */
  readonly staff: () => readonly StaffRow[];
  readonly putStaff: (row: StaffRow) => void;
  /** Null: what holds by itself. */
  readonly staffRules: () => StaffRules | null;
  readonly putStaffRules: (rules: StaffRules) => void;
  /** Runs `change` in one transaction: all of it is stored, or nothing. */
  readonly atomically: <T>(change: () => T) => T;
  readonly close: () => void;
};

/* What is published. */

/** The bundle in force, as it goes over the wire. `keys`: hex list keys by the SHA-256 (hex) of the sealed encoding. */
export type Published = {
  readonly version: number;
  readonly firstRoot: Bytes;
  readonly laterRoots: readonly Bytes[];
  readonly manifest: Bytes;
  readonly keys: Readonly<Record<string, string>>;
};

/**
 * Turns the registry into a signed bundle. `current` follows what another process (the command line) has published.
 * `publish` signs a new version, all or nothing; it re-signs by itself in `current` when half the life of the manifest is
 * over, so that a server that runs is never the cause of an expired one, and when a restriction is over.
 */
export type Publisher = {
  readonly current: () => Promise<Published>;
  readonly artefact: (sha256: string) => Bytes | null;
  /** `say` hears of what takes long, line by line. */
  readonly publish: (say?: (line: string) => void) => Promise<Published>;
  /** Makes the next root with new keys for these uses, and publishes everything by the keys in force then. */
  readonly rotate: (uses: ReadonlySet<KeyUse>) => Promise<Published>;
  /** Those in force: another process may have rotated them. */
  readonly keys: () => Promise<ServerKeys>;
};
