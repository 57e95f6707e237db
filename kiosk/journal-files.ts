/**
 * The second copy of a log, on a thread of its own: two files, `a.journal` and `b.journal`, in the folder of a slot, in the
 * bytes of journal-file.ts. Answers what journal-messages.ts asks, one thing after another.
 *
 * Every request that writes is answered once it is flushed; entries asked for together share one flush. A torn tail is cut
 * off by the first write behind it, not by reading, so that whoever judges it can still see it.
 *
 * One of the two is the journal, the other is spare. A journal is replaced by writing the spare, which becomes the journal
 * by its first bytes once all of it is flushed; then the old one is spare. It is when a copy is written anew, and when most
 * of it is entries that are of no more use. No file is made or renamed for that: `flush` keeps what is in a file, while a
 * name that is new is lost when the power goes within half a minute (Chromium's own list of names is never flushed).
 */
import { type Bytes, concatBytes, equalBytes } from "../shared/bytes.ts";
import { type Chain, type Entry, genesisOf, type Head } from "../shared/log.ts";
import {
  encodeRecord,
  indexJournal,
  type JournalIndex,
  magic,
  type Place,
  readRecord,
  spareMagic,
} from "./journal-file.ts";
import type { FoundFile, JournalAnswer, JournalRequest } from "./journal-messages.ts";

/** A file that is open, for nobody but us; as `FileSystemSyncAccessHandle` of the platform. */
export type OpenFile = {
  readonly read: (into: Bytes, from: { readonly at: number }) => number;
  readonly write: (bytes: Bytes, to: { readonly at: number }) => number;
  readonly truncate: (size: number) => void;
  readonly flush: () => void;
  readonly getSize: () => number;
  readonly close: () => void;
};

export type Folder = {
  readonly names: () => Promise<readonly string[]>;
  readonly open: (name: string, how: { readonly create: boolean }) => Promise<OpenFile>;
  readonly remove: (name: string) => Promise<void>;
};

type Journal = { readonly file: string; readonly handle: OpenFile; index: JournalIndex };
type Draft = { readonly chain: Chain; readonly name: string; readonly handle: OpenFile };

const names = ["a.journal", "b.journal"] as const;
const windowBytes = 1024 * 1024;

export type JournalFiles = (request: JournalRequest) => Promise<JournalAnswer>;

export const createJournalFiles = (openFolder: (slot: string) => Promise<Folder>): JournalFiles => {
  let folder: Folder | null = null;
  let journals: readonly Journal[] = [];
  let draft: Draft | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const answerTo = async (request: JournalRequest): Promise<JournalAnswer> => {
    switch (request.kind) {
      case "find":
        return { kind: "found", files: await findAll(request.slot) };
      case "read":
        return { kind: "entries", entries: readEntries(request.file, request.seq, request.max) };
      case "start":
        await startDraft(request.slot, request.chain);
        break;
      case "fill":
        writeAt(drafted().handle, drafted().handle.getSize(), recordsOf(request.entries));
        break;
      case "finish":
        await finishDraft(request.ackedSeq, request.floorAt);
        break;
      case "append":
        appendEntries(request.after, request.entries);
        break;
      case "acknowledge":
        appendAck(request.seq, request.floorAt);
        break;
      case "drop-before":
        await dropBefore(request.seq);
        break;
    }
    return { kind: "done" };
  };

  /* Reading. */

  const findAll = async (slot: string): Promise<readonly FoundFile[]> => {
    closeAll();
    folder = await openBoth(slot);
    const opened: Journal[] = [];
    for (const name of await folder.names()) {
      if (!name.endsWith(".journal")) await folder.remove(name);
      else if (!(await isSpare(folder, name))) opened.push(await openJournal(folder, name));
    }
    journals = opened;
    return Promise.all(
      journals.map(async ({ file, index: { chain, head, isEntryTorn, ackedSeq, floorAt } }) => {
        const newest = head ?? (chain === null ? null : await genesisOf(chain));
        return { file, chain, head: newest, isTorn: isEntryTorn, ackedSeq, floorAt };
      }),
    );
  };

  const openBoth = async (slot: string): Promise<Folder> => {
    const ours = await openFolder(slot);
    const there = await ours.names();
    for (const name of names) if (!there.includes(name)) await retire(ours, name);
    return ours;
  };

  const openJournal = async (inside: Folder, file: string): Promise<Journal> => {
    const handle = await inside.open(file, { create: false });
    return { file, handle, index: indexJournal(windowOn(handle), handle.getSize()) };
  };

  const readEntries = (file: string, seq: number, max: number): readonly Entry[] => {
    const journal = journals.find((each) => each.file === file);
    if (journal === undefined) throw new Error("this journal is not open");
    const places = journal.index.places;
    const at = places.findIndex((place) => place.seq >= seq);
    const readAt = windowOn(journal.handle);
    return (at === -1 ? [] : places.slice(at, at + max)).flatMap(({ offset }) => {
      const record = readRecord(readAt, offset)?.record;
      return record?.kind === "entry" ? [record.entry] : [];
    });
  };

  /* Writing. */

  const current = (): Journal => {
    const [journal, ...others] = journals;
    if (journal === undefined || others.length > 0) throw new Error("there is not one journal to write on");
    return journal;
  };

  const drafted = (): Draft => {
    if (draft === null) throw new Error("no journal was started");
    return draft;
  };

  const appendEntries = (after: Head, entries: readonly Entry[]): void => {
    const { head, chain } = current().index;
    const isNext = head === null ? after.seq === 0 : head.seq === after.seq && equalBytes(head.hash, after.hash);
    if (chain === null || !isNext) throw new Error(`entry ${after.seq} is not the newest in the journal`);
    const places: Place[] = [];
    const records = entries.map((entry) => encodeRecord({ kind: "entry", entry }));
    let offset = current().index.end;
    for (const [at, record] of records.entries()) {
      places.push({ seq: entries[at]?.seq ?? 0, offset });
      offset += record.length;
    }
    append(concatBytes(...records));
    const newest = entries.at(-1);
    const { index } = current();
    index.places.push(...places);
    if (newest !== undefined) current().index = { ...index, head: { seq: newest.seq, hash: newest.hash } };
  };

  const appendAck = (seq: number, floorAt: number): void => {
    const { index } = current();
    if (seq <= index.ackedSeq && floorAt <= index.floorAt) return;
    append(encodeRecord({ kind: "ack", seq, floorAt }));
    const raised = { ackedSeq: Math.max(seq, index.ackedSeq), floorAt: Math.max(floorAt, index.floorAt) };
    current().index = { ...current().index, ...raised };
  };

  const append = (bytes: Bytes): void => {
    const journal = current();
    const { handle, index } = journal;
    if (index.isTorn) handle.truncate(index.end);
    writeAt(handle, index.end, bytes);
    handle.flush();
    journal.index = { ...index, end: index.end + bytes.length, isTorn: false };
  };

  /* Replacing. */

  const startDraft = async (slot: string, chain: Chain): Promise<void> => {
    folder ??= await openBoth(slot);
    draft?.handle.close();
    draft = null;
    // Where both are in use, the first one stays until the draft is whole.
    const [kept, ...others] = journals;
    const name =
      names.find((each) => journals.every(({ file }) => file !== each)) ?? names.find((each) => each !== kept?.file);
    if (name === undefined) throw new Error("there is no journal to spare");
    for (const { file, handle } of others) if (file === name) handle.close();
    journals = journals.filter(({ file }) => file !== name);
    const handle = await folder.open(name, { create: false });
    draft = { chain, name, handle };
    writeAt(handle, 0, spareMagic);
    handle.flush();
    handle.truncate(spareMagic.length);
    writeAt(handle, spareMagic.length, encodeRecord({ kind: "chain", chain }));
  };

  const finishDraft = async (ackedSeq: number, floorAt: number): Promise<void> => {
    const { name, handle } = drafted();
    if (folder === null) throw new Error("no journal was started");
    writeAt(handle, handle.getSize(), encodeRecord({ kind: "ack", seq: ackedSeq, floorAt }));
    handle.flush();
    writeAt(handle, 0, magic);
    handle.flush();
    closeAll();
    for (const other of await folder.names()) {
      if (names.some((each) => each === other && each !== name)) await retire(folder, other);
      else if (other !== name) await folder.remove(other);
    }
    journals = [await openJournal(folder, name)];
  };

  const dropBefore = async (seq: number): Promise<void> => {
    const { handle, index } = current();
    const kept = index.places.find((place) => place.seq >= seq)?.offset ?? index.end;
    if (index.chain === null || kept < index.end / 2) return;
    await startDraft("", index.chain);
    for (let offset = kept; offset < index.end; offset += windowBytes) {
      const bytes = new Uint8Array(Math.min(windowBytes, index.end - offset));
      handle.read(bytes, { at: offset });
      writeAt(drafted().handle, drafted().handle.getSize(), bytes);
    }
    await finishDraft(index.ackedSeq, index.floorAt);
  };

  const closeAll = (): void => {
    for (const { handle } of journals) handle.close();
    draft?.handle.close();
    [journals, draft] = [[], null];
  };

  return (request) => {
    const answer = last.then(async () => {
      try {
        return await answerTo(request);
      } catch (reason) {
        return { kind: "failed", cause: reason instanceof Error ? reason.message : String(reason) } as const;
      }
    });
    last = answer;
    return answer;
  };
};

/** From now on it is spare. */
const retire = async (inside: Folder, name: string): Promise<void> => {
  const handle = await inside.open(name, { create: true });
  writeAt(handle, 0, spareMagic);
  handle.truncate(spareMagic.length);
  handle.flush();
  handle.close();
};

const isSpare = async (inside: Folder, name: string): Promise<boolean> => {
  const handle = await inside.open(name, { create: false });
  const start = new Uint8Array(spareMagic.length);
  const length = handle.read(start, { at: 0 });
  handle.close();
  return equalBytes(start.subarray(0, length), spareMagic);
};

/** Reads ahead: most reading goes from one end to the other. */
const windowOn = (handle: OpenFile) => {
  let window = new Uint8Array(0);
  let begin = 0;
  return (offset: number, length: number): Bytes => {
    if (offset < begin || offset + length > begin + window.length) {
      const next = new Uint8Array(Math.max(Math.min(windowBytes, handle.getSize() - offset), length));
      [window, begin] = [next.subarray(0, handle.read(next, { at: offset })), offset];
    }
    return window.subarray(offset - begin, offset - begin + length);
  };
};

const recordsOf = (entries: readonly Entry[]): Bytes =>
  concatBytes(...entries.map((entry) => encodeRecord({ kind: "entry", entry })));

const writeAt = (handle: OpenFile, at: number, bytes: Bytes): void => {
  if (handle.write(bytes, { at }) !== bytes.length) throw new Error("the disk took only a part");
};
