/** The operator's statement of a period: sums by programme, service and currency, and what somebody may want to look at. */

import type { Period } from "./period.ts";
import type { Conflict, ConflictKind } from "./reconcile.ts";
import type { Line } from "./settle.ts";
import type { Correction } from "./settle-corrections.ts";

/** Money in minor units. `charged` less `owed`, with both corrections, is what the service earns; less `paid`, what is still to be had. */
export type Sums = {
  readonly programme: string;
  readonly service: string;
  readonly currency: string;
  readonly uses: number;
  readonly charged: number;
  readonly owed: number;
  /** Taken at terminals already. */
  readonly paid: number;
  readonly depositsHeld: number;
  /** Of those held, what need not have been. */
  readonly depositsOwed: number;
  readonly depositsReleased: number;
  readonly depositsForfeited: number;
  readonly corrections: number;
  readonly correctedCharge: number;
  readonly correctedOwed: number;
  /** Lines that the programme has to be asked about. */
  readonly pending: number;
};

export type Statement = {
  readonly v: 1;
  readonly period: string;
  readonly from: number;
  readonly until: number;
  /** The period was not over: to be written again when it is. */
  readonly isProvisional: boolean;
  readonly sums: readonly Sums[];
  readonly people: number;
  readonly lines: number;
  readonly conflicts: Readonly<Partial<Record<ConflictKind, number>>>;
  /** Taps whose personal fields were erased, or never there: nobody is charged for them, and nobody is owed anything. */
  readonly nobody: number;
  readonly entriesRead: number;
  /** Entries that came when their terminal was revoked already; by nobody believed. */
  readonly afterRevocation: number;
};

export const createStatement = (period: Period, isProvisional: boolean) => {
  const sums = new Map<string, Mutable<Sums>>();
  const conflicts = new Map<ConflictKind, number>();
  const counts = { people: 0, lines: 0, nobody: 0, afterRevocation: 0 };

  const sumsOf = ({ programme, service, currency }: Line | Correction): Mutable<Sums> => {
    const name = `${programme} ${service} ${currency}`;
    const known = sums.get(name) ?? { programme, service, currency, ...nothing };
    sums.set(name, known);
    return known;
  };

  return {
    addLine: (line: Line | Correction): void => {
      counts.lines += 1;
      const of = sumsOf(line);
      if (line.pending.length > 0) of.pending += 1;
      switch (line.kind) {
        case "use":
          of.uses += 1;
          of.charged += line.amount;
          of.owed += line.owed;
          of.paid += line.paid;
          break;
        case "refund":
          of.paid += line.paid;
          break;
        case "deposit-held":
          of.depositsHeld += line.amount;
          of.depositsOwed += line.owed;
          break;
        case "deposit-released":
          of.depositsReleased += line.amount;
          break;
        case "deposit-forfeited":
          of.depositsForfeited += line.amount;
          break;
        case "correction":
          of.corrections += 1;
          if (line.corrects !== "use") break;
          of.correctedCharge += line.amount;
          of.correctedOwed += line.owed;
          break;
        case "terms":
          break;
      }
    },
    countPerson: (): void => {
      counts.people += 1;
    },
    countConflict: ({ kind }: Conflict): void => void conflicts.set(kind, (conflicts.get(kind) ?? 0) + 1),
    countNobody: (): void => {
      counts.nobody += 1;
    },
    countAfterRevocation: (): void => {
      counts.afterRevocation += 1;
    },
    result: (entriesRead: number): Statement => ({
      v: 1,
      ...{ period: period.name, from: period.from, until: period.until, isProvisional },
      sums: [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
      ...counts,
      conflicts: Object.fromEntries([...conflicts].sort(([a], [b]) => (a < b ? -1 : 1))),
      entriesRead,
    }),
  };
};

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

const nothing = {
  ...{
    uses: 0,
    charged: 0,
    owed: 0,
    paid: 0,
    depositsHeld: 0,
    depositsOwed: 0,
    depositsReleased: 0,
    depositsForfeited: 0,
  },
  ...{ corrections: 0, correctedCharge: 0, correctedOwed: 0, pending: 0 },
};
