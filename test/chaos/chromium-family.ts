/** All processes of a running Chromium, by the profile folder that is nobody else's: to be stopped, or killed, at once. */
import { readdirSync, readFileSync } from "node:fs";

type Process = { readonly id: number; readonly parent: number; readonly words: string };

export const signalChromium = (profileFolder: string, signal: NodeJS.Signals): void => {
  // Whoever was being born while the others were signalled is met the second time.
  const signalled = new Set<number>();
  for (let found = familyOf(profileFolder); ; found = familyOf(profileFolder)) {
    const others = found.filter((id) => !signalled.has(id));
    if (others.length === 0) return;
    for (const id of others) {
      signalled.add(id);
      try {
        process.kill(id, signal);
      } catch {
        // It has ended by itself.
      }
    }
  }
};

export const isChromiumGone = (profileFolder: string): boolean => familyOf(profileFolder).length === 0;

const familyOf = (profileFolder: string): readonly number[] => {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess);
  const family = new Set(
    all.filter(({ words }) => words.includes(`--user-data-dir=${profileFolder}`)).map(({ id }) => id),
  );
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const { id, parent } of all) if (family.has(parent)) family.add(id);
  }
  return [...family];
};

/** What has ended and was not yet buried counts as gone. */
const readProcess = (name: string): readonly Process[] => {
  try {
    const words = readFileSync(`/proc/${name}/cmdline`, "utf8");
    const [state = "", parent = "0"] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return state === "Z" || state === "X" ? [] : [{ id: Number(name), parent: Number(parent), words }];
  } catch {
    return [];
  }
};
