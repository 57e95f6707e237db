/** Files of the machine that the page runs on, which somebody chooses: written and read as a whole. */
import type { Bytes } from "../../shared/bytes.ts";

type FilePicker = (options: { readonly suggestedName: string }) => Promise<FileSystemFileHandle>;

/** Null where nobody chose one. Where the browser lets nobody choose, it goes where its downloads go. */
export const saveFile = async (name: string, bytes: Bytes): Promise<"saved" | null> => {
  const { showSaveFilePicker } = globalThis as { readonly showSaveFilePicker?: FilePicker };
  if (showSaveFilePicker === undefined) {
    download(name, bytes);
    return "saved";
  }
  const file = await showSaveFilePicker({ suggestedName: name }).catch(ifNobodyChose);
  if (file === null) return null;
  const writing = await file.createWritable();
  await writing.write(bytes);
  await writing.close();
  return "saved";
};

const ifNobodyChose = (reason: unknown): null => {
  if (reason instanceof DOMException && reason.name === "AbortError") return null;
  throw reason;
};

const download = (name: string, bytes: Bytes): void => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

/** Null where nobody chose one. Rejects with a short cause where it is larger than `bytesMax`. */
export const openFile = (bytesMax: number): Promise<Bytes | null> =>
  new Promise((resolve, reject) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".glr";
    input.addEventListener("cancel", () => resolve(null));
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file === undefined) return resolve(null);
      if (file.size > bytesMax) return reject(new Error("the file is too large"));
      file.arrayBuffer().then((buffer) => resolve(new Uint8Array(buffer)), reject);
    });
    input.click();
  });
