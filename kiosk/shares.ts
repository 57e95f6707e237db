/**
 * What this gate may still let in of a capacity that it shares with the other gates of its place (shared/places.ts). It asks
 * the server again and again what the others have given it, and gives of what it has. Where nobody answers it goes on with
 * what it has; where it never heard of another gate, it counts alone (inside.ts). All of it follows from the log.
 */
import type { Profile } from "../shared/messages.ts";
import { dayStartOf, type Gate, type Gave, giftFrom, givenTo, type Share, shareOf } from "../shared/places.ts";
import type { Instant } from "../shared/terms.ts";
import type { Inside } from "./inside.ts";
import type { Journal } from "./journal.ts";
import type { WrittenEntry } from "./memory.ts";
import type { Clock, Identity } from "./ports.ts";
import type { Site } from "./site.ts";

/** What an entry is asked with: how many count against `places`, or against the capacity where that is not said. */
export type Room = { readonly inside: number; readonly places?: number };

export type Shares = {
  readonly room: () => Room;
  readonly start: (known: readonly WrittenEntry[]) => void;
  readonly stop: () => void;
};

type SharesParts = {
  readonly identity: Pick<Identity, "terminal" | "profile">;
  readonly inside: Inside;
  readonly site: Site | null;
  readonly journal: Pick<Journal, "write" | "now">;
  readonly clock: Pick<Clock, "after">;
  /** Null where there is none, or no rules yet. */
  readonly capacity: () => number | null;
  /** Runs after what is going on now. */
  readonly run: (task: () => Promise<void>) => void;
};

const askSeconds = 5;

/** Where nobody stays for the night. */
const isShared = ({ service }: Profile): boolean => service === "venue" || service === "shuttle";

export const createShares = (parts: SharesParts): Shares => {
  const { inside, site, journal, clock, run } = parts;
  const { terminal, profile } = parts.identity;
  let gifts: readonly (Omit<Gave, "kind"> & { readonly at: Instant })[] = [];
  /** `at`: when it was last written down. */
  let share: (Omit<Share, "kind"> & { readonly at: Instant }) | null = null;
  let got = { day: 0, places: 0 };
  let cancel = (): void => {};
  let isStopped = false;

  const givenSince = (day: Instant): Readonly<Record<string, number>> => {
    const given: Record<string, number> = {};
    for (const { at, to, places } of gifts) if (at >= day) given[to] = (given[to] ?? 0) + places;
    return given;
  };

  const takeIn = async (gates: readonly Gate[], from: Instant): Promise<void> => {
    const capacity = parts.capacity();
    const now = journal.now();
    const day = dayStartOf(now);
    if (capacity === null || from !== day) return;
    const next = { places: shareOf(terminal, gates, capacity), gates: gates.length };
    const isAlone = gates.length < 2 && (share === null || share.gates < 2);
    const isKnown = share !== null && share.at >= day && share.places === next.places && share.gates === next.gates;
    if (!isAlone && !isKnown) {
      await journal.write({ kind: "share", ...next }, {}, now);
      share = { ...next, at: now };
    }
    got = { day, places: givenTo(terminal, gates) };
    const own = gates.find((gate) => gate.terminal === terminal);
    if (isAlone || own === undefined) return;
    const gift = giftFrom({ ...own, inside: inside.since(day), given: givenSince(day) }, gates, capacity);
    if (gift === null) return;
    await journal.write({ kind: "gave", ...gift }, {}, now);
    gifts = [...gifts.filter(({ at }) => at >= day), { ...gift, at: now }];
  };

  const ask = async (): Promise<void> => {
    const told = parts.capacity() === null ? null : ((await site?.places()) ?? null);
    if (isStopped) return;
    if (told !== null) run(() => takeIn(told.gates, told.from));
    cancel = clock.after(askSeconds, () => void ask());
  };

  return {
    room: () => {
      const now = journal.now();
      if (share === null || share.gates < 2) return { inside: inside.count(now) };
      const day = dayStartOf(now);
      const given = Object.values(givenSince(day)).reduce((sum, each) => sum + each, 0);
      return { inside: inside.since(day) + given - (got.day === day ? got.places : 0), places: share.places };
    },
    start: (known) => {
      for (const { written } of known) {
        if (written === null) continue;
        const { kind, at, places, gates, to } = written;
        if (kind === "share" && typeof places === "number" && typeof gates === "number") {
          share = { at, places, gates };
        }
        if (kind === "gave" && typeof places === "number" && typeof to === "string") {
          gifts = [...gifts, { at, to, places }];
        }
      }
      if (isShared(profile)) void ask();
    },
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
};
