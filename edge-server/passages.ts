/**
 * Who went in and came out lately where a terminal stands, as the terminals of that site and service have told the ledger.
 * Each log is read once, from the end, and then followed; what is older than two days is forgotten.
 *
 * What a terminal has not sent yet is not in it: the answer is the ledger's, no more.
 */
import { toHex } from "../shared/bytes.ts";
import type { Chain } from "../shared/log.ts";
import type { Places, Stay } from "../shared/messages.ts";
import { createPassReader, type Pass, type PassReader } from "../shared/passes.ts";
import { dayStartOf } from "../shared/places.ts";
import type { Instant } from "../shared/terms.ts";
import { readPersonal, readTransaction } from "../shared/transaction.ts";
import { seqBefore } from "./log-tail.ts";
import type { LedgerEntry, LedgerParts, Registry, TerminalRow } from "./ports.ts";
import { createTurns } from "./turn.ts";

/** What one log says; a terminal may have several. */
export type Seen = {
  readonly terminal: string;
  readonly passes: readonly Pass[];
  readonly gifts: readonly Gift[];
};
type Gift = { readonly at: Instant; readonly to: string; readonly places: number };

export type Passages = {
  readonly at: (terminal: TerminalRow, now: Instant) => Promise<readonly Seen[]>;
  /** The terminals that stand there, itself too. */
  readonly beside: (terminal: TerminalRow, now: Instant) => readonly TerminalRow[];
};

export type PassageEdges = {
  readonly ledger: LedgerParts;
  readonly registry: Pick<Registry, "terminals">;
};

const keptSeconds = 2 * 86_400;
const partRows = 1000;
/** Sites that are looked at at once. */
const lookedAtMax = 2;

type Followed = { seq: number; readonly read: PassReader; passes: readonly Pass[]; gifts: readonly Gift[] };

export const createPassages = ({ ledger, registry }: PassageEdges): Passages => {
  const followed = new Map<string, Followed>();
  const turns = createTurns(lookedAtMax);
  /** The same for a second, whoever asks. */
  const headsAt = eachSecond(ledger.heads);
  const rowsAt = eachSecond(registry.terminals);
  const beside = (terminal: TerminalRow, now: Instant): readonly TerminalRow[] =>
    rowsAt(now).filter((other) => placeOf(other) === placeOf(terminal));

  const follow = async (chain: Chain, headSeq: number, since: Instant): Promise<Seen> => {
    const name = `${chain.terminal}/${toHex(chain.epoch)}`;
    const known = followed.get(name);
    // An older ledger may have been put back.
    const isNew = known === undefined || known.seq > headSeq;
    const log = isNew
      ? { seq: await seqBefore(ledger, chain, headSeq, since), read: createPassReader(), passes: [], gifts: [] }
      : known;
    followed.set(name, log);
    while (log.seq < headSeq) {
      const entries = await ledger.part(chain, log.seq, partRows);
      const last = entries.at(-1);
      if (last === undefined) break;
      log.passes = [...log.passes, ...entries.flatMap((entry) => passIn(log.read, entry))];
      log.gifts = [...log.gifts, ...entries.flatMap(giftIn)];
      log.seq = last.seq;
    }
    log.passes = log.passes.filter(({ passedAt }) => passedAt >= since);
    log.gifts = log.gifts.filter(({ at }) => at >= since);
    return { terminal: chain.terminal, passes: log.passes, gifts: log.gifts };
  };

  return {
    beside,
    at: (terminal, now) =>
      turns(placeOf(terminal), async () => {
        const here = new Set(beside(terminal, now).map(({ id }) => id));
        const seen: Seen[] = [];
        for (const chain of await headsAt(now)) {
          if (here.has(chain.terminal)) seen.push(await follow(chain, chain.seq, now - keptSeconds));
        }
        return seen;
      }),
  };
};

/** When somebody last came in there and last left; null where nobody has seen it. */
export const stayOf = (seen: readonly Seen[], pseudonym: string): Stay => {
  const passes = seen.flatMap((each) => each.passes);
  const lastOf = (way: Pass["way"]): Instant | null =>
    passes.reduce<Instant | null>(
      (last, pass) => (pass.way === way && pass.pseudonym === pseudonym ? Math.max(last ?? 0, pass.at) : last),
      null,
    );
  return { enteredAt: lastOf("entry"), leftAt: lastOf("exit") };
};

/** Every gate there, as the ledger has it (places.ts). */
export const placesOf = (seen: readonly Seen[], rows: readonly TerminalRow[], now: Instant): Places => {
  const from = dayStartOf(now);
  const gates = rows.flatMap((row) => ("action" in row.profile && row.enrolledAt !== null ? [row] : []));
  const lettingIn = gates.filter((row) => letsIn(row) && (row.revokedAt ?? now) >= from);
  const settled = lettingIn.filter(({ enrolledAt }) => (enrolledAt ?? now) < from);
  const sharing = settled.length > 0 ? settled : earliestOf(lettingIn);
  return {
    from,
    gates: gates.map((row) => {
      const logs = seen.filter(({ terminal }) => terminal === row.id);
      const passes = logs.flatMap((log) => log.passes).filter(({ passedAt }) => passedAt >= from);
      const given: Record<string, number> = {};
      for (const { at, to, places } of logs.flatMap((log) => log.gifts)) {
        if (at >= from) given[to] = (given[to] ?? 0) + places;
      }
      return {
        ...{ terminal: row.id, letsIn: letsIn(row) && row.revokedAt === null, hasShare: sharing.includes(row), given },
        inside: passes.reduce((inside, { way }) => inside + (way === "entry" ? 1 : -1), 0),
      };
    }),
  };
};

const letsIn = ({ profile }: TerminalRow): boolean => "action" in profile && profile.action !== "exit";
const earliestOf = (rows: readonly TerminalRow[]): readonly TerminalRow[] =>
  [...rows].sort((a, b) => (a.enrolledAt ?? 0) - (b.enrolledAt ?? 0) || (a.id < b.id ? -1 : 1)).slice(0, 1);

const passIn = (read: PassReader, { seq, bytes, personal }: LedgerEntry): readonly Pass[] => {
  const written = readTransaction(bytes);
  const pseudonym = () => (personal === null ? null : (readPersonal(personal.text)?.pseudonym ?? null));
  const pass = written === null ? null : read(seq, written, pseudonym);
  return pass === null ? [] : [pass];
};

const giftIn = ({ bytes, kind }: LedgerEntry): readonly Gift[] => {
  const written = kind === "gave" ? readTransaction(bytes) : null;
  if (written === null) return [];
  const { at, to, places } = written;
  return typeof to === "string" && Number.isSafeInteger(places) && (places as number) > 0
    ? [{ at, to, places: places as number }]
    : [];
};

/** Terminals of one programme and service at one site stand in one place. */
export const placeOf = ({ profile: { programme, service, site } }: TerminalRow): string =>
  [programme, service, site].join(" ");

const eachSecond = <T>(read: () => T): ((now: Instant) => T) => {
  let known: { readonly at: Instant; readonly value: T } | null = null;
  return (now) => {
    if (known?.at !== now) known = { at: now, value: read() };
    return known.value;
  };
};
