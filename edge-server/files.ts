/** Files that somebody names on the command line: bounded, strict about their encoding, and wrong in one line. */
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { type Bytes, fromUtf8 } from "../shared/bytes.ts";

export type Named<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "unreadable"; readonly error: string };

export const fileBytesMax = 1024 * 1024;

export const readBytesFile = (path: string, bytesMax = fileBytesMax): Named<Bytes> => {
  try {
    const file = openSync(path, "r");
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) return unreadable(`${path} is not a file`);
      if (stat.size > bytesMax) return unreadable(`${path} is larger than ${bytesMax} bytes`);
      return { kind: "read", value: new Uint8Array(readFileSync(file)) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return unreadable(explainFileError(error, path));
  }
};

export const readTextFile = (path: string, bytesMax = fileBytesMax): Named<string> => {
  const bytes = readBytesFile(path, bytesMax);
  if (bytes.kind === "unreadable") return bytes;
  const text = fromUtf8(bytes.value);
  return text === null ? unreadable(`${path} is not UTF-8 text`) : { kind: "read", value: text };
};

export const readJsonFile = (path: string, bytesMax = fileBytesMax): Named<unknown> => {
  const text = readTextFile(path, bytesMax);
  if (text.kind === "unreadable") return text;
  try {
    return { kind: "read", value: JSON.parse(text.value) };
  } catch {
    return unreadable(`${path} is not JSON`);
  }
};

/** The whole file or, with an error, none of it. */
export const writeWholeFile = (path: string, bytes: Bytes, mode = 0o644): Named<null> => {
  const draft = `${path}.new`;
  try {
    rmSync(draft, { force: true }); // one that was left behind would keep its mode
    const file = openSync(draft, "wx", mode);
    try {
      writeSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    return { kind: "read", value: null };
  } catch (error) {
    rmSync(draft, { force: true });
    return unreadable(explainFileError(error, path));
  }
};

/** What was written to a file, or the names in a folder, survive a power cut from here on. */
export const syncFile = (path: string): void => {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
};

/** What the system says of a file, in words. Anything else that was thrown is a bug: throws it again. */
export const explainFileError = (error: unknown, path: string): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  if (code === null) throw error;
  return `${path}: ${causes[code] ?? code}`;
};

const causes: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "not allowed to open it",
  EPERM: "not allowed to open it",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  ENOSPC: "the disk is full",
  EBUSY: "it is a mount point: name a folder in it",
};

const unreadable = (error: string): { readonly kind: "unreadable"; readonly error: string } => ({
  kind: "unreadable",
  error,
});
