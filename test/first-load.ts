/** What a terminal's page loads before its first screen: its entry and all that this imports at once. What comes later is not part of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export const firstLoadGoalKilobytes = 100;

const folder = join(import.meta.dirname, "../dist/kiosk");

export const readBuilt = (file: string): string => readFileSync(join(folder, file), "utf8");

/** The files, as the page names them. */
export const firstLoadFiles = (): readonly string[] => {
  const files = [...readBuilt("index.html").matchAll(/(?:src|href)="\/kiosk\/([^"]+\.js)"/g)].map(([, file]) => file);
  const visited = new Set<string>();
  while (files.length > 0) {
    const file = files.pop() ?? "";
    if (visited.has(file)) continue;
    visited.add(file);
    const imports = readBuilt(file).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g);
    files.push(...[...imports].map(([, path = ""]) => join(file, "..", path)));
  }
  return [...visited];
};

/** As gzip makes it, at its best. */
export const firstLoadKilobytes = (): number =>
  firstLoadFiles().reduce((sum, file) => sum + gzipSync(readBuilt(file), { level: 9 }).length, 0) / 1000;
