/** Made-up scores of a whole city, the same at every run: a list to publish, as the CSV that an authority hands in. */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createDraw, type Draw } from "./list-sample.ts";

export const cityEntries = 10_000_000;

/** Scores by index: most below the first cut, a fifth spread over the bands, some without a score, a few revoked. */
export const makeScores = (entries: number, seed: number): Uint16Array => {
  const draw = createDraw(seed);
  return Uint16Array.from({ length: entries }, () => scoreFrom(draw));
};

/** The day after: `share` of them have another score. */
export const changeScores = (scores: Uint16Array, share: number, seed: number): Uint16Array => {
  const draw = createDraw(seed);
  return scores.map((score) => (draw() < share ? scoreFrom(draw) : score));
};

export const noScore = 65_535;
export const revokedScore = 65_534;

const scoreFrom = (draw: Draw): number => {
  const place = draw();
  if (place < 0.1) return noScore;
  if (place < 0.101) return revokedScore;
  if (place < 0.8) return 350 + Math.floor(draw() * 300);
  return 650 + Math.floor(draw() * 300);
};

/** Writes `idx,score`, in order. */
export const writeScores = async (file: string, scores: Uint16Array): Promise<void> => {
  const out = createWriteStream(file);
  out.write("idx,score\n");
  for (let start = 0; start < scores.length; start += 100_000) {
    const rows: string[] = [];
    for (let idx = start; idx < Math.min(scores.length, start + 100_000); idx++) {
      const score = scores[idx] ?? noScore;
      rows.push(`${idx},${score === noScore ? "" : score === revokedScore ? "revoked" : score}\n`);
    }
    if (!out.write(rows.join(""))) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
};
