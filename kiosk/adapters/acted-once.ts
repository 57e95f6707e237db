/** A command is acted upon once: the same entry again gets the first answer again. The last hundred are remembered. */

import type { EntryRef } from "../../shared/transaction.ts";
import type { Actuated, Command } from "../ports.ts";

const rememberedMax = 100;

export const actOnce = (act: (command: Command, id: string) => Promise<Actuated>) => {
  const acted = new Map<string, Promise<Actuated>>();
  return (command: Command, of: EntryRef): Promise<Actuated> => {
    const id = `${of.terminal}/${of.epoch}/${of.seq}`;
    const before = acted.get(id);
    if (before !== undefined) return before;
    const acting = act(command, id);
    acted.set(id, acting);
    const [oldest] = acted.keys();
    if (acted.size > rememberedMax && oldest !== undefined) acted.delete(oldest);
    return acting;
  };
};
