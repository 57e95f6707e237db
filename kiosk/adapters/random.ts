/** The browser's randomness, good for keys and salts. */
import type { Random } from "../ports.ts";

export const browserRandom: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
