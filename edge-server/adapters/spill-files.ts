/**
 * Lines that are too many for memory, put aside by a number (`bucket`) in files of a folder that goes away, and read back
 * bucket by bucket. What belongs together is given the same number, so that memory is that of one bucket. No file stays
 * open: there may be more of them than a program may have.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Spill } from "../settle-groups.ts";

const bufferedCharsMax = 32 * 1024;

/** In a new folder inside `folder`, for its owner alone: lines name pseudonyms. */
export const createSpillFiles = (folder: string, buckets: number): Spill => {
  const place = mkdtempSync(join(folder, ".settling-"));
  const waiting = new Map<string, { lines: string[]; chars: number }>();
  const pathOf = (name: string, bucket: number): string => `${place}/${name}-${bucket}`;

  return {
    buckets,
    write: (name, bucket, line) => {
      const path = pathOf(name, bucket);
      const buffer = waiting.get(path) ?? { lines: [], chars: 0 };
      waiting.set(path, buffer);
      buffer.lines.push(line, "\n");
      buffer.chars += line.length + 1;
      if (buffer.chars < bufferedCharsMax) return;
      appendFileSync(path, buffer.lines.join(""), { mode: 0o600 });
      waiting.delete(path);
    },
    take: (name, bucket) => {
      const path = pathOf(name, bucket);
      const last = waiting.get(path)?.lines.join("") ?? "";
      waiting.delete(path);
      const kept = existsSync(path) ? readFileSync(path, "utf8") : "";
      rmSync(path, { force: true });
      return (kept + last).split("\n").slice(0, -1);
    },
    close: () => rmSync(place, { recursive: true, force: true }),
  };
};
