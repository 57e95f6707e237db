/**
 * The compact coding of score lists, for a city of ten million: sizes beside the information floor and beside what
 * general compressors make of the same lists, times beside what those take to decompress, all in Node. The lists are
 * always the same. A time is the best of a few, on a machine that may have other things to do.
 */
import { createHash } from "node:crypto";
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { sha256, toHex } from "../../shared/bytes.ts";
import { applyPatch, encodePatch } from "../../shared/list-patch.ts";
import { decodeSnapshot, encodeSnapshot } from "../../shared/list-snapshot.ts";
import { type StatusList, standingAt } from "../../shared/status-list.ts";
import { changeList, createDraw, type Draw, floorOfPatch, floorOfSnapshot, sampleList } from "../list-sample.ts";
import type { Row } from "./main.ts";

const citizens = 10_000_000;
const skews = [0.95, 0.8, 0.6] as const;
const shares = [0.0001, 0.001, 0.01] as const;

export const measureListCoding = async (): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const skew of skews) {
    const draw = createDraw(20_261_122);
    const city = sampleList(citizens, skew, draw);
    const name = `${100 * skew} % in one band`;
    rows.push(...(await measureSnapshot(name, city)));
    for (const share of shares) rows.push(...(await measurePatch(name, city, share, skew, draw)));
    if (skew === 0.8) rows.push(await measureLookUps(city, draw));
  }
  return rows;
};

const measureSnapshot = async (name: string, city: StatusList): Promise<readonly Row[]> => {
  const snapshot = encodeSnapshot(city);
  const gzipped = gzipSync(city.packed, { level: 9 });
  const zstd = zstdCompressSync(city.packed, { params: level19 });
  const hash = toHex(await sha256(city.packed));
  const open = async (): Promise<void> => {
    const opened = decodeSnapshot(snapshot, city.entries);
    if (opened.kind === "invalid" || toHex(await sha256(opened.value.packed)) !== hash) throw new Error("not the list");
  };
  const openPeer = (decompress: () => Uint8Array) => async (): Promise<void> => {
    if (createHash("sha256").update(decompress()).digest("hex") !== hash) throw new Error("not the list");
  };
  const [ours, gunzipped, unzstd] = [
    await bestTime(open),
    await bestTime(openPeer(() => gunzipSync(gzipped))),
    await bestTime(openPeer(() => zstdDecompressSync(zstd))),
  ];
  const title = `snapshot, ${name}`;
  return [
    row(`${title}: size`, snapshot.length, "B", "floor", floorOfSnapshot(city), { most: 1.005, of: "ratio" }),
    row(`${title}: size`, snapshot.length, "B", "gzip -9", gzipped.length),
    row(`${title}: size`, snapshot.length, "B", "zstd -19", zstd.length),
    row(`${title}: decode + SHA-256`, ours, "ms", "gunzip + SHA-256", gunzipped, { most: 150, of: "value" }),
    row(`${title}: decode + SHA-256`, ours, "ms", "native zstd -d + SHA-256", unzstd),
  ];
};

const measurePatch = async (
  name: string,
  city: StatusList,
  share: number,
  skew: number,
  draw: Draw,
): Promise<readonly Row[]> => {
  const next = changeList(city, share, skew, draw);
  const patch = encodePatch(city, next);
  // What RFC 9842 (dcz) sends: the old list as a raw dictionary, within a window that holds both.
  const params = { ...level19, [constants.ZSTD_c_windowLog]: 24 };
  const zstd = zstdCompressSync(next.packed, { params, dictionary: city.packed });
  const title = `patch of ${100 * share} %, ${name}`;
  const sizes = [
    row(`${title}: size`, patch.length, "B", "floor", floorOfPatch(city, next), { most: 1.05, of: "ratio" }),
    row(`${title}: size`, patch.length, "B", "zstd -19 with the old list", zstd.length),
  ];
  if (share !== 0.001) return sizes;
  const applied = applyPatch(city, patch);
  if (applied.kind === "invalid" || !Buffer.from(applied.value.packed).equals(next.packed))
    throw new Error("not the list");
  const ours = await bestTime(() => applyPatch(city, patch));
  const peer = await bestTime(() => zstdDecompressSync(zstd, { dictionary: city.packed }));
  return [
    ...sizes,
    row(`${title}: apply`, ours, "ms", "native zstd -d with the old list", peer, { most: 20, of: "value" }),
  ];
};

const lookUps = 5_000_000;

/** In an order that nobody foresees, beside the same of a Map that holds a million of them. */
const measureLookUps = async (city: StatusList, draw: Draw): Promise<Row> => {
  const indices = Uint32Array.from({ length: lookUps }, () => Math.floor(draw() * city.entries));
  const map = new Map(Array.from({ length: 1_000_000 }, (_, index) => [index, standingAt(city, index)]));
  let found = 0;
  const ours = await bestTime(() => {
    for (const index of indices) if (standingAt(city, index) !== "unknown") found++;
  });
  const peer = await bestTime(() => {
    for (const index of indices) if (map.get(index % 1_000_000) !== "unknown") found++;
  });
  if (found !== 2 * times * lookUps) throw new Error("somebody is unknown");
  const perSecond = (ms: number): number => (1000 * lookUps) / ms;
  return row("look-ups", perSecond(ours), "/s", "Map of a million", perSecond(peer), { least: 5e6, of: "value" });
};

const level19 = { [constants.ZSTD_c_compressionLevel]: 19 } as const;
const times = 5;

const bestTime = async (act: () => unknown): Promise<number> => {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await act();
    best = Math.min(best, performance.now() - start);
  }
  return best;
};

type Goal = { readonly of: "value" | "ratio" } & ({ readonly most: number } | { readonly least: number });

const row = (name: string, value: number, unit: string, peerName: string, peer: number, goal?: Goal): Row => {
  const checked = goal?.of === "ratio" ? value / peer : value;
  const isMet = goal === undefined || ("most" in goal ? checked <= goal.most : checked >= goal.least);
  const bound = goal === undefined ? null : "most" in goal ? `<= ${goal.most}` : `>= ${goal.least}`;
  const rounded = (number: number): number => Number(number.toPrecision(number < 1e4 ? 4 : 8));
  return {
    part: "lists",
    name,
    value: unit === "ms" ? rounded(value) : Math.round(value),
    unit,
    peer: `${peerName} ${unit === "ms" ? rounded(peer) : Math.round(peer)}`,
    ratio: Number((value / peer).toPrecision(5)),
    goal: bound === null ? null : `${goal?.of === "ratio" ? "ratio" : unit} ${bound}`,
    met: goal === undefined ? null : isMet,
  };
};
