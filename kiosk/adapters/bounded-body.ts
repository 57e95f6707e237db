/** The body of an answer, as far as we are ready to read it. */
import { type Bytes, concatBytes } from "../../shared/bytes.ts";

/** Null where there is more than `bytesMax`, declared or not; the rest is not fetched. Rejects where it breaks off. */
export const readBounded = async (response: Response, bytesMax: number): Promise<Bytes | null> => {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = Number(response.headers.get("content-length") ?? 0);
  if (length <= bytesMax) length = 0;
  while (length <= bytesMax) {
    const part = await reader?.read();
    if (part?.value === undefined) return concatBytes(...parts);
    length += part.value.length;
    parts.push(part.value);
  }
  await reader?.cancel();
  return null;
};
