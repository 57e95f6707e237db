/** The server's one source of chance. */
import type { Bytes } from "../shared/bytes.ts";

export const randomBytes = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
