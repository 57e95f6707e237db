/** The name of an entry as one text: TERMINAL/EPOCH/SEQ. */
import type { EntryRef } from "../shared/transaction.ts";

export const refText = ({ terminal, epoch, seq }: EntryRef): string => `${terminal}/${epoch}/${seq}`;

export const fromRef = (text: string): EntryRef => {
  const [seq = "", epoch = "", ...terminal] = text.split("/").reverse();
  return { terminal: terminal.reverse().join("/"), epoch, seq: Number(seq) };
};
