/**
 * Every scanner of a terminal, started one after another and heard as one. What is broken is a notice under the
 * scanner's name until it works again.
 */
import type { OnScan, Scanner } from "./ports.ts";

export type Hearing = {
  readonly hear: OnScan;
  /** What staff should know, by what it is about. */
  readonly notices: Map<string, string>;
  readonly onChange: () => void;
};

/** One that takes long to load (the camera's decoder) is a function, so that those before it are heard meanwhile. */
export const startScanners = async (
  scanners: readonly (() => Scanner | Promise<Scanner>)[],
  { hear, notices, onChange }: Hearing,
): Promise<void> => {
  for (const load of scanners) {
    const scanner = await load();
    await scanner.start(hear, (state) => {
      if (state.kind === "broken") notices.set(scanner.name, `${scanner.name}: ${state.cause}`);
      else notices.delete(scanner.name);
      onChange();
    });
  }
};
