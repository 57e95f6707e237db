/** The files in which Chromium's LevelDB keeps its newest writes, in a profile that a browser has or had. */
import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";

const folder = "Default/IndexedDB";

/** Oldest first. */
export const logFilesIn = (profileFolder: string): readonly string[] =>
  readdirSync(join(profileFolder, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".log"))
    .sort();

/**
 * As after a power cut: the file system knew of its new length already, but not what was to lie there. It begins behind all
 * that was flushed, so the next start takes the zeros for the end. The name of the file.
 */
export const endInZeros = (profileFolder: string, bytes: number): string => {
  const name = logFilesIn(profileFolder).at(-1);
  if (name === undefined) throw new Error(`${profileFolder} has no database`);
  const file = join(profileFolder, folder, name);
  truncateSync(file, statSync(file).size + bytes);
  return name;
};
