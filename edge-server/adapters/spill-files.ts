/**
 * Lines that are too many for memory, put aside by a number (`bucket`) in files of a folder that goes away, and read back
 * bucket by bucket. What belongs together is given the same number, so that memory is that of one bucket.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Spill } from "../settle-groups.ts";

const bufferedCharsMax = 32 * 1024;

/** In a new folder inside `folder`, for its owner alone: lines name pseudonyms. */
export const createSpillFiles = (folder: string): Spill => {
  const place = mkdtempSync(join(folder, ".settling-"));
  const files = new Map<string, { readonly file: number; waiting: string[]; chars: number }>();
  const pathOf = (name: string, bucket: number): string => `${place}/${name}-${bucket}`;

  const flush = (each: { readonly file: number; waiting: string[]; chars: number }): void => {
    if (each.chars === 0) return;
    writeSync(each.file, each.waiting.join(""));
    each.waiting = [];
    each.chars = 0;
  };

  return {
    write: (name, bucket, line) => {
      const path = pathOf(name, bucket);
      const known = files.get(path) ?? { file: openSync(path, "a", 0o600), waiting: [], chars: 0 };
      files.set(path, known);
      known.waiting.push(line, "\n");
      known.chars += line.length + 1;
      if (known.chars >= bufferedCharsMax) flush(known);
    },
    take: (name, bucket) => {
      const path = pathOf(name, bucket);
      const known = files.get(path);
      if (known === undefined || !existsSync(path)) return [];
      flush(known);
      closeSync(known.file);
      files.delete(path);
      const lines = readFileSync(path, "utf8").split("\n");
      rmSync(path);
      return lines.slice(0, -1);
    },
    close: () => {
      for (const { file } of files.values()) closeSync(file);
      rmSync(place, { recursive: true, force: true });
    },
  };
};
