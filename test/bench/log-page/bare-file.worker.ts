/** Writes and flushes so many bytes again and again in a file of the origin private file system; answers how long each took. */

/** As the standard has it: TypeScript's library for pages leaves it out. */
type Handle = {
  readonly write: (bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }) => number;
  readonly flush: () => void;
  readonly close: () => void;
};
type Wanted = { readonly count: number; readonly size: number };

addEventListener("message", async ({ data: { count, size } }: MessageEvent<Wanted>) => {
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle("bare", { create: true });
  const handle = await (file as unknown as { createSyncAccessHandle: () => Promise<Handle> }).createSyncAccessHandle();
  const times: number[] = [];
  for (let each = 0; each < count; each++) {
    const startedAt = performance.now();
    handle.write(new Uint8Array(size), { at: each * size });
    handle.flush();
    times.push(performance.now() - startedAt);
  }
  handle.close();
  postMessage(times);
});
