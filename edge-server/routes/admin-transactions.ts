/**
 * Entries on the console: pages of all of them, those that come while one looks (server-sent events), one with all that
 * it rests on, and the one that a receipt names.
 */
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import * as v from "valibot";
import { entryAnswer, type OperatorRole, type TransactionRow, transactionPage } from "../../shared/admin.ts";
import { readReceiptCode } from "../../shared/receipt-code.ts";
import { readQuery } from "../body.ts";
import { describe } from "../describe.ts";
import { findByCode, findEntry, viewEntry, viewRow } from "../entry-view.ts";
import { createFeed } from "../feed.ts";
import { identifyOperator } from "../operator-auth.ts";
import type { LedgerEntry } from "../ports.ts";
import { answerProblem } from "../problem.ts";
import type { Counted } from "../surveyor.ts";
import { createPlaces } from "../turn.ts";
import { explainUnavailable } from "../unavailable.ts";
import type { AdminDeps } from "./admin.ts";

export const pageRowsMax = 100;
const streamsMax = 50;
/** A session that has ended since is noticed, and a line that has gone too. */
const aliveSeconds = 20;
const waitingMax = 500;

const cursor = v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)));

export const transactionRoutes = (deps: AdminDeps): Hono => {
  const { ledger, survey, surveyor } = deps;
  const streams = createPlaces(streamsMax);

  const listPage = async (before: number): Promise<readonly TransactionRow[]> => {
    const arrivals = survey.arrivals(before, pageRowsMax);
    const entries = await ledger.at(arrivals);
    const rows = await Promise.all(
      arrivals.map(async ({ number }, index) => {
        const entry = entries[index] ?? null;
        return entry === null ? [] : [await viewRow(number, entry)];
      }),
    );
    return rows.flat();
  };

  /** `role`: of whoever looks at it as evidence. */
  const answerEntry = async (c: Context, entry: LedgerEntry | null, role: OperatorRole = "viewer") =>
    entry === null ? answerProblem(c, "not-found") : c.json(await viewEntry(deps, entry, role), 200, notStored);

  /** A database that is away ends nobody's line: the next look decides. */
  const isStillIn = async (c: Context): Promise<boolean> => {
    try {
      return !("refusal" in (await identifyOperator(deps, c, "viewer")));
    } catch (error) {
      if (explainUnavailable(error) === null) throw error;
      return true;
    }
  };

  return new Hono()
    .get("/transactions", describe(listDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const query = readQuery(c, v.object({ before: cursor }));
      if ("refusal" in query) return query.refusal;
      const rows = [...(await listPage(query.value.before ?? Number.MAX_SAFE_INTEGER))];
      const last = rows.at(-1)?.number ?? 1;
      return c.json({ total: survey.count(), rows, next: last > 1 ? last : null }, 200, notStored);
    })
    .get("/transactions/events", describe(eventsDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      let release = (): void => {};
      const taken = new Promise<void>((resolve) => {
        release = resolve;
      });
      const place = streams("", () => taken);
      if ((await Promise.race([place, Promise.resolve("taken")])) === "full") {
        return answerProblem(c, "too-many", {}, { "Retry-After": String(aliveSeconds) });
      }
      c.header("Cache-Control", "no-store");
      c.header("X-Accel-Buffering", "no");
      return streamSSE(c, async (stream) => {
        const feed = createFeed<Counted>(waitingMax, deps.after);
        const forget = surveyor.listen(feed.push);
        const forgetEnd = deps.onClose(() => void stream.abort());
        stream.onAbort(feed.close);
        try {
          await stream.writeSSE({ event: "open", data: String(survey.count()) });
          while (!stream.aborted) {
            const came = await feed.next(aliveSeconds);
            for (const { first, entries } of came) {
              const rows = await Promise.all(entries.map((entry, index) => viewRow(first + index, entry)));
              await stream.writeSSE({ event: "entries", data: JSON.stringify(rows.slice(-pageRowsMax)) });
            }
            if (came.length > 0 || stream.aborted) continue;
            if (!(await isStillIn(c))) break;
            await stream.writeSSE({ event: "alive", data: "" });
          }
        } finally {
          forget();
          forgetEnd();
          release();
        }
      });
    })
    .get("/transactions/:terminal/:epoch/:seq{[1-9][0-9]{0,14}}", describe(entryDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const { terminal, epoch, seq } = c.req.param();
      const entry = await findEntry(ledger, { terminal, epoch, seq: Number(seq) });
      return answerEntry(c, entry, who.value.role);
    })
    .get("/receipts/:code", describe(receiptDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const code = readReceiptCode(c.req.param("code"));
      if (code === null) return answerProblem(c, "malformed", { detail: "A code is like 7KQM-3F2-9XT4." });
      return answerEntry(c, await findByCode(deps, code));
    });
};

const notStored = { "Cache-Control": "no-store" };

const listDescription = {
  summary: "Entries, newest first",
  role: "viewer",
  query: { before: "^\\d{1,15}$" },
  gives: { "application/json": transactionPage },
  refuses: ["malformed"],
} as const;
const eventsDescription = {
  summary: "Entries as they come, as server-sent events",
  role: "viewer",
  gives: { "text/event-stream": "bytes" },
  refuses: ["too-many"],
} as const;
const entryDescription = {
  summary: "One entry, and what it rests on",
  role: "viewer",
  path: { terminal: "^.{1,100}$", epoch: "^[A-Za-z0-9_-]{22}$", seq: "^[1-9][0-9]{0,14}$" },
  gives: { "application/json": entryAnswer },
  refuses: ["not-found"],
} as const;
const receiptDescription = {
  summary: "The entry that a receipt names",
  role: "viewer",
  path: { code: "^.{1,40}$" },
  gives: { "application/json": entryAnswer },
  refuses: ["malformed", "not-found"],
} as const;
