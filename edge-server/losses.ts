/**
 * Credentials whose phone is gone, as their citizens have reported (FORMATS, "Score list"): applied when a list is
 * published, over what the programme says and over restrictions. A suspended place has ordinary terms. A revoked one is
 * nobody's any more, and what it stood for goes on at the place that took over, restrictions included.
 */
import type { Bytes } from "../shared/bytes.ts";
import { valueOf as valueOfStanding } from "../shared/status-list.ts";
import type { ListRow, LostPlace, Restriction } from "./ports.ts";
import { restrictList } from "./restrictions.ts";

/** The packed list as terminals get it. */
export const listAsPublished = (
  row: Pick<ListRow, "packed" | "entries">,
  restrictions: readonly Pick<Restriction, "index">[],
  lost: readonly LostPlace[],
): Bytes => {
  const packed = restrictList(row, restrictions);
  return lost.length === 0 ? packed : blockLost({ packed, entries: row.entries }, lost);
};

/** `lost` in the order in which it was reported: a place that took over may be lost in its turn. */
const blockLost = ({ packed, entries }: Pick<ListRow, "packed" | "entries">, lost: readonly LostPlace[]): Bytes => {
  const values = new Uint8Array(packed);
  for (const { index, standing, movedTo } of lost) {
    if (index >= entries) continue;
    const value = read(values, index);
    if (standing === "suspended" && value === revoked) continue;
    // The programme may have heard of the theft, too: the new place is no stolen one.
    if (movedTo !== null && movedTo < entries) write(values, movedTo, value === revoked ? 0 : value);
    write(values, index, valueOfStanding(standing));
  }
  return values;
};

const revoked = valueOfStanding("revoked");

const shiftOf = (index: number): number => (index % 2 === 0 ? 0 : 4);

const read = (values: Bytes, index: number): number => ((values[index >> 1] ?? 0) >> shiftOf(index)) & 0x0f;

const write = (values: Bytes, index: number, value: number): void => {
  const shift = shiftOf(index);
  values[index >> 1] = ((values[index >> 1] ?? 0) & ~(0x0f << shift)) | (value << shift);
};
