/** In the page: the time from a fetched snapshot to a list with the right hash, and that of gunzip for the same list. */
import { sha256 } from "../../shared/bytes.ts";
import { decodeSnapshot, encodeSnapshot } from "../../shared/list-snapshot.ts";
import { packStatuses } from "../../shared/status-list.ts";
import { createDraw } from "../list-sample.ts";

const runs = 5;

const measureDecode = async (entries: number): Promise<{ readonly ours: number; readonly peer: number }> => {
  const draw = createDraw(1);
  const values = Uint8Array.from({ length: entries }, () =>
    draw() < 0.8 ? 0 : ([3, 12, 13][Math.floor(draw() * 3)] ?? 0),
  );
  const list = { packed: packStatuses(values), entries };
  const snapshot = encodeSnapshot(list);
  const zipped = await new Response(
    new Blob([list.packed]).stream().pipeThrough(new CompressionStream("gzip")),
  ).arrayBuffer();

  const ours: number[] = [];
  const peer: number[] = [];
  for (let run = 0; run < runs; run++) {
    const oursAt = performance.now();
    const decoded = decodeSnapshot(snapshot, entries);
    if (decoded.kind === "invalid") throw new Error(decoded.error);
    await sha256(decoded.value.packed);
    ours.push(performance.now() - oursAt);
    const peerAt = performance.now();
    await new Response(new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    peer.push(performance.now() - peerAt);
  }
  const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
  return { ours: median(ours), peer: median(peer) };
};

Object.assign(window, { measureDecode });
