/** What a terminal (terminal.ts) is made of, and what can be asked of it. */
import type { Presented } from "./clock-watch.ts";
import type { Journal } from "./journal.ts";
import type { Flow, Lane, Steps } from "./lane.ts";
import type { Payments } from "./payments.ts";
import type { Actuator, Clock, Identity, LogStore, Scan, SecurityKey } from "./ports.ts";
import type { InForce } from "./reading.ts";
import type { OutOfService, Press, Screen, StaffScreen } from "./session.ts";
import type { Site } from "./site.ts";

/** Where the bundle in force comes from. `onChange` is called with each new one. */
export type Keeper = {
  readonly current: () => InForce | null;
  readonly onChange: (callback: () => void) => void;
};

export type TerminalParts = {
  readonly app: string;
  /** Where the public page is that explains receipts, without `https://`. */
  readonly page: string;
  readonly identity: Identity;
  readonly journal: Journal;
  readonly log: LogStore;
  readonly createFlow: (lane: Lane) => Flow;
  readonly isNewChain: boolean;
  readonly keeper: Keeper;
  readonly actuator: Actuator;
  readonly payments: Payments;
  /** Null where nothing can be known of what others of its site have seen. */
  readonly site: Site | null;
  readonly clock: Clock;
  readonly onScreen: (screen: Screen) => void;
  /** Over the screen, until null. */
  readonly onStaff: (screen: StaffScreen | null) => void;
  /** Null where the terminal has no place for one. */
  readonly securityKey: SecurityKey | null;
  /** Somebody showed a code, and a phone said when it made it. */
  readonly onPresented: (presented: Presented) => void;
  /** A decision is durable: when its code was seen and now, in ticks, and the steps between. */
  readonly onRecorded: (seenAt: number, recordedAt: number, steps: Steps) => void;
};

export type Terminal = {
  /** Writes down the start, remembers what the log knows, and serves as soon as there is a bundle. */
  readonly start: () => Promise<void>;
  readonly sight: (scan: Scan) => Promise<void> | undefined;
  readonly press: (press: Press) => void;
  /** True where the press was meant for staff. */
  readonly pressStaff: (press: Press) => boolean;
  readonly takeOutOfService: (cause: OutOfService, detail: string) => void;
  /** True when nobody is being served and nothing is in flight. */
  readonly isIdle: () => boolean;
  /** Resolves when everything asked so far is done. */
  readonly settled: () => Promise<void>;
  /** Writes down what is still open; nothing is served after. */
  readonly stop: () => Promise<void>;
};
