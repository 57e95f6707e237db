/**
 * A folder of files as the origin private file system has them: what is written is lost with the power until it is flushed,
 * all of it, some of it, or only its length kept; a new name is lost
 * for half a minute, flushed or not. A file is open for one
 * thread at a time.
 */
import type { Folder, OpenFile } from "../../kiosk/journal-files.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { Dice } from "./dice.ts";

type File = {
  now: Bytes;
  size: number;
  onDisk: Bytes;
  sizeOnDisk: number;
  /** What is on the disk, as it was last looked at; null once something else is there. */
  seen: Bytes | null;
  dirtyFrom: number;
  holder: Thread | null;
};

/** Whoever has files open: gone, it has none. `check` throws where it may do nothing any more. */
export type Thread = { readonly check: (step: FileStep, file: string, bytes: number) => number };
export type FileStep = "open" | "read" | "write" | "flush" | "truncate" | "remove";

export type FilesImage = ReadonlyMap<string, Bytes>;

export type FilesDisk = {
  readonly folderFor: (thread: Thread) => Folder;
  readonly release: (thread: Thread) => void;
  readonly names: () => readonly string[];
  /** What would be there after a power cut, were nothing torn: the same bytes object as long as it is the same. */
  readonly onDisk: (name: string) => Bytes;
  /** Nothing was written there that was not flushed. */
  readonly isFlushed: (name: string) => boolean;
  readonly areNamesOnDisk: () => boolean;
  readonly cutPower: (dice: Dice) => void;
  readonly image: () => FilesImage;
  readonly restore: (image: FilesImage) => void;
};

/** How long the power must stay on for a new name to be there afterwards. */
const namesKeptMilliseconds = 30_000;

export const createFilesDisk = (now: () => number): FilesDisk => {
  let files = new Map<string, File>();
  /** Names changed of late: how to take that back, newest last. No flush writes them; the browser does when it likes. */
  let unwrittenNames: { readonly at: number; readonly takeBack: () => void }[] = [];

  const fileAt = (name: string): File => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`NotFoundError: ${name}`);
    return file;
  };

  const recentNames = () => unwrittenNames.filter(({ at }) => now() - at < namesKeptMilliseconds);

  const rename = (change: () => void): void => {
    const before = new Map(files);
    const takeBack = (): void => {
      files = before;
    };
    unwrittenNames = [...recentNames(), { at: now(), takeBack }];
    change();
  };

  const openFor = (thread: Thread, name: string, file: File): OpenFile => ({
    read: (into, { at }) => {
      thread.check("read", name, 0);
      const bytes = file.now.subarray(at, Math.min(file.size, at + into.length));
      into.set(bytes);
      return bytes.length;
    },
    write: (bytes, { at }) => {
      const length = thread.check("write", name, bytes.length);
      if (at + length > file.now.length) file.now = grown(file.now, at + length);
      file.now.set(bytes.subarray(0, length), at);
      file.size = Math.max(file.size, at + length);
      file.dirtyFrom = Math.min(file.dirtyFrom, at);
      return length;
    },
    truncate: (size) => {
      thread.check("truncate", name, 0);
      file.now.fill(0, size, file.size);
      file.size = size;
      file.dirtyFrom = Math.min(file.dirtyFrom, size);
    },
    flush: () => {
      thread.check("flush", name, 0);
      flushFile(file);
    },
    getSize: () => file.size,
    close: () => {
      if (file.holder === thread) file.holder = null;
    },
  });

  return {
    folderFor: (thread) => ({
      names: async () => [...files.keys()].sort(),
      open: async (name, { create }) => {
        thread.check("open", name, 0);
        if (create && !files.has(name)) rename(() => files.set(name, emptyFile()));
        const file = fileAt(name);
        if (file.holder !== null && file.holder !== thread) throw new Error("NoModificationAllowedError");
        file.holder = thread;
        return openFor(thread, name, file);
      },
      remove: async (name) => {
        thread.check("remove", name, 0);
        rename(() => files.delete(name));
      },
    }),
    release: (thread) => {
      for (const file of files.values()) if (file.holder === thread) file.holder = null;
    },
    names: () => [...files.keys()].sort(),
    onDisk: (name) => {
      const file = fileAt(name);
      file.seen ??= file.onDisk.subarray(0, file.sizeOnDisk);
      return file.seen;
    },
    isFlushed: (name) => fileAt(name).dirtyFrom === Number.POSITIVE_INFINITY,
    areNamesOnDisk: () => recentNames().length === 0,
    cutPower: (dice) => {
      // A part of what was not flushed may have got there, oldest first.
      const recent = recentNames();
      const undone = dice.chance(0.5) ? 0 : dice.below(recent.length + 1);
      for (const { takeBack } of recent.slice(recent.length - undone).reverse()) takeBack();
      unwrittenNames = [];
      for (const file of files.values()) {
        if (file.dirtyFrom < Number.POSITIVE_INFINITY) tear(file, dice);
        file.holder = null;
      }
    },
    image: () => new Map([...files].map(([name, { now, size }]) => [name, now.slice(0, size)])),
    restore: (image) => {
      unwrittenNames = [];
      files = new Map();
      for (const [name, bytes] of image) {
        const file = emptyFile();
        Object.assign(file, { now: bytes.slice(), size: bytes.length, dirtyFrom: 0 });
        flushFile(file);
        files.set(name, file);
      }
    },
  };
};

const emptyFile = (): File => ({
  ...{ now: new Uint8Array(4096), size: 0, onDisk: new Uint8Array(4096), sizeOnDisk: 0 },
  ...{ seen: null, dirtyFrom: Number.POSITIVE_INFINITY, holder: null },
});

const grown = (bytes: Bytes, length: number): Bytes => {
  const next = new Uint8Array(Math.max(2 * bytes.length, length));
  next.set(bytes);
  return next;
};

const flushFile = (file: File): void => {
  if (file.dirtyFrom === Number.POSITIVE_INFINITY) return;
  if (file.onDisk.length < file.size) file.onDisk = grown(file.onDisk, file.now.length);
  file.onDisk.set(file.now.subarray(file.dirtyFrom, file.size), file.dirtyFrom);
  file.sizeOnDisk = file.size;
  file.seen = null;
  file.dirtyFrom = Number.POSITIVE_INFINITY;
};

/** New bytes up to some point, and behind it what was there before, nothing, or a length without its bytes. */
const tear = (file: File, dice: Dice): void => {
  const { dirtyFrom, size, sizeOnDisk } = file;
  const kept = dice.chance(0.4) ? dirtyFrom : dirtyFrom + dice.below(Math.max(0, size - dirtyFrom) + 1);
  const torn = grown(file.onDisk.slice(0, sizeOnDisk), Math.max(size, sizeOnDisk));
  torn.set(file.now.subarray(dirtyFrom, kept), dirtyFrom);
  const behind = dice.below(3);
  if (behind === 1) torn.fill(0, kept);
  const length = behind === 0 ? kept : behind === 1 ? Math.max(kept, size) : Math.max(kept, sizeOnDisk);
  Object.assign(file, { now: torn, size: length, dirtyFrom: 0 });
  flushFile(file);
  file.sizeOnDisk = length;
};
