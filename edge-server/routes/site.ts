/**
 * What a terminal may ask of the others that stand where it stands, as far as the ledger knows:
 *
 *     POST /v1/stays        when somebody came in and left. An exit barrier asks it for a fee that can be confirmed there
 *     GET /v1/places        how many went in and out by each gate today, and what the gates gave each other (places.ts)
 *     GET /v1/site/events   which codes are used up there, one a line, as long as the terminal listens (spent-codes.ts);
 *                           an empty line from time to time says that the line still holds
 *
 * A terminal is told only of its own site and service, and goes on without an answer.
 */
import { Hono } from "hono";
import { stream } from "hono/streaming";
import { places, readAnswer, spentCode, stay, stayRequest } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Authenticate } from "../auth.ts";
import { jsonBytesMax, parseJson, readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { WriteLog } from "../events.ts";
import { type Passages, placesOf, stayOf } from "../passages.ts";
import type { Registry } from "../ports.ts";
import { answerProblem } from "../problem.ts";
import type { SpentCodes } from "../spent-codes.ts";
import { identifySender } from "./sender.ts";

export type SiteDeps = {
  readonly authenticate: Authenticate;
  readonly registry: Pick<Registry, "terminal">;
  readonly passages: Passages;
  readonly spentCodes: SpentCodes;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

const aliveSeconds = 15;
const laterSeconds = 60;
const fresh = { "Cache-Control": "no-store" };

export const siteRoutes = (deps: SiteDeps): Hono =>
  new Hono()
    .post("/stays", describe(stayDescription), async (c) => {
      const sent = await readBytes(c, "application/json", jsonBytesMax);
      if ("refusal" in sent) return sent.refusal;
      const sender = await identifySender(deps, c, sent.value);
      if ("refusal" in sender) return sender.refusal;
      const { terminal } = sender.value;
      if (terminal.revokedAt !== null) return answerProblem(c, "terminal-revoked");
      const asked = readAnswer(stayRequest, parseJson(sent.value));
      if (asked === null) return answerProblem(c, "malformed", { detail: "No question about a stay." });
      return c.json(stayOf(await deps.passages.at(terminal, deps.now()), asked.pseudonym), 200, fresh);
    })
    .get("/places", describe(placesDescription), async (c) => {
      const sender = await identifySender(deps, c, null);
      if ("refusal" in sender) return sender.refusal;
      const { terminal } = sender.value;
      if (terminal.revokedAt !== null) return answerProblem(c, "terminal-revoked");
      const now = deps.now();
      return c.json(
        placesOf(await deps.passages.at(terminal, now), deps.passages.beside(terminal, now), now),
        200,
        fresh,
      );
    })
    .get("/site/events", describe(eventsDescription), async (c) => {
      const sender = await identifySender(deps, c, null);
      if ("refusal" in sender) return sender.refusal;
      const { terminal } = sender.value;
      if (terminal.revokedAt !== null) return answerProblem(c, "terminal-revoked");
      const feed = deps.spentCodes.listen(terminal);
      if (feed === null) return answerProblem(c, "too-many", {}, { "Retry-After": String(laterSeconds) });
      const isRevoked = () => deps.registry.terminal(terminal.id)?.revokedAt !== null;
      c.header("Content-Type", "application/x-ndjson");
      c.header("Cache-Control", "no-store");
      c.header("X-Accel-Buffering", "no");
      return stream(c, async (lines) => {
        lines.onAbort(feed.close);
        try {
          await lines.write("\n");
          while (!feed.isClosed() && !isRevoked()) {
            const spent = (await feed.next(aliveSeconds)).flat();
            await lines.write(spent.length === 0 ? "\n" : spent.map((each) => `${JSON.stringify(each)}\n`).join(""));
          }
        } finally {
          feed.close();
        }
      });
    });

const stayDescription = {
  summary: "Ask when somebody came in and left here",
  isSigned: true,
  takes: { "application/json": stayRequest },
  gives: { "application/json": stay },
  refuses: ["malformed", "not-signed", "terminal-revoked", "too-large", "unsupported-media-type", "too-many"],
} as const;

const placesDescription = {
  summary: "Ask how the gates here stand today",
  isSigned: true,
  gives: { "application/json": places },
  refuses: ["not-signed", "terminal-revoked", "too-many"],
} as const;

const eventsDescription = {
  summary: "Hear which codes are used up here, for as long as one listens: one a line",
  isSigned: true,
  gives: { "application/x-ndjson": spentCode },
  refuses: ["not-signed", "terminal-revoked", "too-many"],
} as const;
