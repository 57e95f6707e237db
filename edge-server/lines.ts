/** Text that comes in pieces, line by line, in bounded memory. */

/** Null for a line that is too long; the rest of it is passed over. */
export const readLines = async function* (
  chunks: AsyncIterable<Uint8Array>,
  charsMax: number,
): AsyncIterable<string | null> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // what is no UTF-8 loses its hash
  let rest = "";
  let isTooLong = false;
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    for (const [index, part] of parts.entries()) {
      if (index > 0) {
        yield isTooLong ? null : rest;
        rest = "";
        isTooLong = false;
      }
      isTooLong ||= rest.length + part.length > charsMax;
      rest = isTooLong ? "" : rest + part;
    }
  }
  yield isTooLong ? null : rest + decoder.decode();
};
