/**
 * A disk whose power can be cut: a file with an ext4 file system, mounted through a loop device with the options that every
 * disk has. What was written to the device is in the file; what still waits in the file system's memory is not, and a copy
 * of the file is the disk as a power cut would leave it. Mounted, the copy is put right by ext4's own journal.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { undoAtEnd } from "./leftovers.ts";

export type Disk = {
  /** Where its files are. */
  readonly mounted: string;
  /** The disk as it is at this moment. Whoever writes to it has been stopped, so that nobody writes meanwhile. */
  readonly copyTo: (image: string) => Promise<void>;
  readonly unmount: () => Promise<void>;
};

const copyTriesMax = 1000;
const unmountTriesMax = 500;

/** Why there can be none here, null where there can. */
export const whyNoDisk = (): string | null => {
  if (process.platform !== "linux") return "disks whose power can be cut need Linux";
  if (process.getuid?.() !== 0) return "disks whose power can be cut need root (losetup, mount)";
  const lacking = ["losetup", "mount", "umount", "mkfs.ext4"].filter((program) => !isThere(program));
  if (lacking.length > 0) return `${lacking.join(", ")} not found: apt-get install mount e2fsprogs`;
  try {
    run("losetup", "--find");
    return null;
  } catch (reason) {
    return `there is no loop device to be had: ${reason instanceof Error ? reason.message : reason}`;
  }
};

export const makeDisk = (image: string, megabytes: number): void => {
  run("truncate", "--size", `${megabytes}M`, image);
  run("mkfs.ext4", "-q", "-F", image);
};

/** Beside the image. */
export const mountDisk = (image: string): Disk => {
  const device = run("losetup", "--find", "--show", image).trim();
  const loop = undoAtEnd(() => void run("losetup", "--detach", device));
  const mounted = `${image}.mounted`;
  mkdirSync(mounted, { recursive: true });
  run("mount", "-t", "ext4", device, mounted);
  const mounting = undoAtEnd(() => void run("umount", "--lazy", mounted));

  return {
    mounted,
    copyTo: async (copy) => {
      for (let tries = 0; tries < copyTriesMax; tries++) {
        const before = writesTo(device);
        if (before !== null) run("cp", "--reflink=auto", "--sparse=always", image, copy);
        // The kernel itself may just have written: then the copy is of no one moment.
        if (before !== null && writesTo(device) === before) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`${device} is never quiet`);
    },
    unmount: async () => {
      // Not lazily: what is still to be written has to be in the file when this returns. Who was killed lets go of its files soon.
      for (let tries = 0; !isDone(() => run("umount", mounted)); tries++) {
        if (tries === unmountTriesMax) throw new Error(`${mounted} stays busy`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      mounting.forget();
      loop.now();
      rmSync(mounted, { recursive: true });
    },
  };
};

/** How many writes were done; null while one is under way. See Documentation/block/stat.rst. */
const writesTo = (device: string): string | null => {
  const counts = readFileSync(`/sys/block/${basename(device)}/stat`, "utf8")
    .trim()
    .split(/\s+/);
  return counts[8] === "0" ? [counts[4], counts[6], counts[15]].join(" ") : null;
};

const isDone = (task: () => void): boolean => {
  try {
    task();
    return true;
  } catch {
    return false;
  }
};

const isThere = (program: string): boolean =>
  ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some(
    (folder) => statSync(join(folder, program), { throwIfNoEntry: false })?.isFile() === true,
  );

const run = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
