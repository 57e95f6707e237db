/**
 * Money at a terminal: what has to be certain before something goes. A deposit is held, a price is paid, by the operator's
 * payment system, under the key of the entry that it is for, after the citizen agreed and before the machine moves; what it
 * said is an entry of its own. A fare or fee that is paid later is not asked for here: it follows from the settled ledger,
 * under the same keys.
 *
 * Nobody pays twice: an order without an answer is asked for again under its key, and then given up: nothing is handed
 * over, and what may stand under the key is released. Whatever has to be released is asked for until it is done, also
 * after a restart, since the log says what was agreed to, what was answered and what became of it.
 */
import type { EntryRef, Paid } from "../shared/transaction.ts";
import type { Journal } from "./journal.ts";
import type { WrittenEntry } from "./memory.ts";
import type { PaymentAnswer, PaymentOrder, Payments } from "./payments.ts";
import type { Clock } from "./ports.ts";

export type Till = {
  /** Holds or charges, and writes down what was said. Nothing is asked where nothing is due. */
  readonly take: (order: PaymentOrder & { readonly order: "hold" | "charge" }) => Promise<Paid["outcome"]>;
  /** What stands under the key goes back, now or as soon as somebody answers. */
  readonly giveBack: (of: EntryRef, amount: number, currency: string) => void;
  /** Staff took it back: whatever stands under the key goes back too. */
  readonly undo: (of: EntryRef) => void;
  /** Takes in what the log says, and gives back what must not stand. */
  readonly recall: (entries: readonly WrittenEntry[]) => void;
};

const triesMax = 2;
const repeatSeconds = 20;
/** Staff take back what was a moment ago. */
const keptMax = 500;

type TillParts = {
  readonly payments: Payments;
  readonly journal: Journal;
  readonly clock: Pick<Clock, "after">;
  /** Runs after what is going on now. */
  readonly run: (task: () => Promise<void>) => void;
};

export const createTill = ({ payments, journal, clock, run }: TillParts): Till => {
  const standing = new Map<string, Stood>();

  const keep = (stood: Stood): void => {
    standing.set(keyOf(stood.of), stood);
    const [oldest] = standing.keys();
    if (standing.size > keptMax && oldest !== undefined) standing.delete(oldest);
  };

  const write = ({ order, of, amount, currency }: PaymentOrder, answer: PaymentAnswer): Promise<EntryRef> =>
    journal.write({ kind: "payment", of, order, amount, currency, ...answer });

  const release = async (order: PaymentOrder, isNoted: boolean): Promise<void> => {
    const answer = await payments.ask(order);
    if (answer.outcome !== "unknown" || !isNoted) {
      run(async () => {
        await write(order, answer);
      });
    }
    if (answer.outcome === "unknown") clock.after(repeatSeconds, () => void release(order, true));
  };

  const giveBack: Till["giveBack"] = (of, amount, currency) => {
    standing.delete(keyOf(of));
    if (amount > 0) void release({ order: "release", of, account: null, amount, currency }, false);
  };

  return {
    take: async (order) => {
      if (order.amount === 0) return "done";
      let answer = await payments.ask(order);
      for (let tries = 1; tries < triesMax && answer.outcome === "unknown"; tries++) answer = await payments.ask(order);
      await write(order, answer);
      if (answer.outcome === "unknown") giveBack(order.of, order.amount, order.currency);
      if (answer.outcome === "done") keep(order);
      return answer.outcome;
    },
    giveBack,
    undo: (of) => {
      const stood = standing.get(keyOf(of));
      if (stood !== undefined) giveBack(of, stood.amount, stood.currency);
    },
    recall: (entries) => {
      const found = moneyIn(entries);
      for (const stood of found.standing.values()) keep(stood);
      for (const { of, amount, currency } of found.doubts.values()) giveBack(of, amount, currency);
    },
  };
};

const keyOf = ({ terminal, epoch, seq }: EntryRef): string => JSON.stringify([terminal, epoch, seq]);

type Stood = { readonly of: EntryRef; readonly amount: number; readonly currency: string };

type Money = { readonly standing: ReadonlyMap<string, Stood>; readonly doubts: ReadonlyMap<string, Stood> };

/**
 * What a log says of money under its keys: what stands there; and, in doubt, what may stand there and must not, since it was
 * agreed to and not answered, or what it was for did not come about.
 */
const moneyIn = (entries: readonly WrittenEntry[]): Money => {
  const doubts = new Map<string, Stood>();
  const standing = new Map<string, Stood>();
  for (const { written } of entries) {
    const of = written === null ? null : refIn(written.of);
    if (written === null || of === null) continue;
    const key = keyOf(of);
    if (written.kind === "agreed" && written.accepted === true) {
      const amount = amountOf(written.deposit) + amountOf(written.price);
      if (amount > 0) doubts.set(key, { of, amount, currency: String(written.currency) });
    }
    if (written.kind === "payment") {
      const stood = { of, amount: amountOf(written.amount), currency: String(written.currency) };
      doubts.delete(key);
      standing.delete(key);
      if (written.outcome === "unknown") doubts.set(key, stood);
      if (written.outcome === "done" && written.order !== "release") standing.set(key, stood);
    }
    const stood = standing.get(key);
    const isUndone = written.kind === "annulled" || (written.kind === "acted" && written.outcome !== "completed");
    if (isUndone && stood !== undefined) doubts.set(key, stood);
  }
  return { standing, doubts };
};

const amountOf = (value: unknown): number => (typeof value === "number" ? value : 0);

const refIn = (value: unknown): EntryRef | null => {
  if (typeof value !== "object" || value === null) return null;
  const { terminal, epoch, seq } = value as Readonly<Record<string, unknown>>;
  if (typeof terminal !== "string" || typeof epoch !== "string" || typeof seq !== "number") return null;
  return { terminal, epoch, seq };
};
