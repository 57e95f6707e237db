/** The name of an entry as one text: TERMINAL/EPOCH/SEQ. */
import type { EntryRef } from "../shared/transaction.ts";

export const refText = ({ terminal, epoch, seq }: EntryRef): string => `${terminal}/${epoch}/${seq}`;

/** Those of one log in its order: its tenth entry is after its ninth. */
export const byPlace = (a: string, b: string): number => {
  const [cutA, cutB] = [a.lastIndexOf("/"), b.lastIndexOf("/")];
  const [logA, logB] = [a.slice(0, cutA), b.slice(0, cutB)];
  if (logA !== logB) return logA < logB ? -1 : 1;
  return Number(a.slice(cutA + 1)) - Number(b.slice(cutB + 1));
};

export const fromRef = (text: string): EntryRef => {
  const [seq = "", epoch = "", ...terminal] = text.split("/").reverse();
  return { terminal: terminal.reverse().join("/"), epoch, seq: Number(seq) };
};
