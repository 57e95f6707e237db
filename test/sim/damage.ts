/** What becomes of one store while nobody looks: bits flip, rows go, a file is cut, all of it is as it was some time ago. */
import type { Entry } from "../../shared/log.ts";
import type { DatabaseDisk, DatabaseImage } from "./database.ts";
import type { Dice } from "./dice.ts";
import type { FilesDisk, FilesImage } from "./files.ts";

export const damageDatabase = (database: DatabaseDisk, old: DatabaseImage | null, dice: Dice): void => {
  const seqs = [...database.rows("log").keys()].map(Number);
  const chosen = seqs.length === 0 ? 0 : dice.pick(seqs);
  switch (dice.below(old === null ? 6 : 7)) {
    case 0:
      // Emptied, as a LevelDB with flipped bytes comes back.
      database.restore(new Map());
      return;
    case 1:
      // Cut short, without a word: the newest rows are missing.
      for (const seq of seqs) if (seq >= chosen) database.overwrite("log", seq, undefined);
      return;
    case 2:
      database.overwrite("log", chosen, undefined);
      return;
    case 3:
      database.overwrite(
        "meta",
        dice.pick(["head", "chain", "ackedSeq", "acks", "floorAt", "keptFrom", "twiceSeq"]),
        undefined,
      );
      return;
    case 4:
    case 5: {
      const entry = database.rows("log").get(chosen) as Entry | undefined;
      if (entry !== undefined) database.overwrite("log", chosen, flipEntry(entry, dice));
      return;
    }
    default:
      if (old !== null) database.restore(old);
  }
};

const flipEntry = (entry: Entry, dice: Dice): Entry => {
  const part = dice.below(entry.personal === null ? 2 : 3);
  if (part === 0) return { ...entry, bytes: flip(entry.bytes, dice) };
  if (part === 1) return { ...entry, hash: flip(entry.hash, dice) };
  return { ...entry, personal: { text: `${entry.personal?.text ?? ""} `, salt: dice.bytes(16) } };
};

const flip = (bytes: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array<ArrayBuffer> => {
  const flipped = bytes.slice();
  const at = dice.below(bytes.length);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << dice.below(8));
  return flipped;
};

export const damageFile = (files: FilesDisk, old: FilesImage | null, dice: Dice): void => {
  const now = files.image();
  // The journal, or where there is none, whichever: a spare one begins otherwise.
  const [name = "", bytes = new Uint8Array(0)] = [...now].find(([, each]) => each[3] === 0x31) ?? [...now][0] ?? [];
  const change = (next: FilesImage): void => files.restore(new Map([...now, ...next]));
  switch (dice.below(old === null ? 5 : 6)) {
    case 0:
      files.restore(new Map());
      return;
    case 1:
      change(new Map([[name, bytes.slice(0, dice.below(bytes.length + 1))]]));
      return;
    case 2:
      change(new Map([[name, new Uint8Array(0)]]));
      return;
    case 3:
    case 4:
      if (bytes.length > 0) change(new Map([[name, flip(bytes, dice)]]));
      return;
    default:
      if (old !== null) files.restore(old);
  }
};

export const damageMark = (mark: string | null, old: string | null, dice: Dice): string | null => {
  const garbage = (mark ?? "").slice(0, dice.below(20));
  return dice.pick([null, old, garbage]);
};
