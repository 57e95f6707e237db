/** Reads the ledger on PostgreSQL page by page: nothing is held open in between, and memory is that of a page. */
import { fromUtf8 } from "../../shared/bytes.ts";
import type { Chain, PersonalText } from "../../shared/log.ts";
import type { Fork, LedgerEntry, LedgerReader, Receipt } from "../ports.ts";
import type { Query } from "./postgres.ts";

const pageRows = 200;
/** A batch may be 4 MiB. */
const pageForks = 8;

/** `ask` gives what to ask by, each time. */
export const createPostgresReader = (ask: () => Query): LedgerReader => ({
  chains: async () => {
    const rows = await ask()`SELECT terminal, epoch FROM chain ORDER BY received_at, terminal, epoch`;
    return rows.map(({ terminal, epoch }) => ({ terminal, epoch }));
  },
  entries: ({ terminal, epoch }: Chain) =>
    readPages(pageRows, async (last: LedgerEntry | null) => {
      const rows = await ask()`
        SELECT seq, hash, bytes, at, kind, received_at, after_revocation, text, salt
        FROM entry LEFT JOIN personal USING (terminal, epoch, seq)
        WHERE terminal = ${terminal} AND epoch = ${epoch} AND seq > ${last?.seq ?? 0}
        ORDER BY seq LIMIT ${pageRows}`;
      return rows.map(({ seq, hash, bytes, at, kind, received_at, after_revocation, text, salt }) => ({
        ...{ terminal, epoch, seq, hash, bytes, at, kind },
        personal: text === null ? null : personalOf(text, salt),
        receivedAt: received_at,
        isAfterRevocation: after_revocation,
      }));
    }),
  receipts: ({ terminal, epoch }: Chain) =>
    readPages(pageRows, async (last: Receipt | null) => {
      const rows = await ask()`
        SELECT seq, checkpoint, ack FROM receipt
        WHERE terminal = ${terminal} AND epoch = ${epoch} AND seq > ${last?.seq ?? 0}
        ORDER BY seq LIMIT ${pageRows}`;
      return rows.map(({ seq, checkpoint, ack }) => ({ terminal, epoch, seq, checkpoint, ack }));
    }),
  forks: () =>
    readPages(pageForks, async (last: Fork | null) => {
      const after = last ?? { receivedAt: -1, terminal: "", epoch: new Uint8Array(0), seq: 0 };
      const rows = await ask()`
        SELECT terminal, epoch, seq, batch, received_at FROM fork
        WHERE (received_at, terminal, epoch, seq) > (${after.receivedAt}, ${after.terminal}, ${after.epoch}, ${after.seq})
        ORDER BY received_at, terminal, epoch, seq LIMIT ${pageForks}`;
      return rows.map(({ terminal, epoch, seq, batch, received_at }) => ({
        ...{ terminal, epoch, seq, batch },
        receivedAt: received_at,
      }));
    }),
});

/** `read` gives what comes after `last`, at most `rows` of it. */
const readPages = async function* <T>(rows: number, read: (last: T | null) => Promise<readonly T[]>): AsyncIterable<T> {
  let page = await read(null);
  while (page.length > 0) {
    yield* page;
    page = page.length < rows ? [] : await read(page.at(-1) ?? null);
  }
};

/** Kept as UTF-8, since a text column takes no NUL. It was text when it came: anything else is a bug. */
const personalOf = (bytes: Uint8Array, salt: PersonalText["salt"]): PersonalText => {
  const text = fromUtf8(bytes);
  if (text === null) throw new TypeError("not a text");
  return { text, salt };
};
