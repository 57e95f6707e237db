/**
 * Publishing from the console: what is in force, what is wrong with a pack, rehearsals, and the publication of exactly what
 * was rehearsed. Whoever may operate may rehearse; to publish takes an administrator.
 */
import { type Context, Hono } from "hono";
import {
  listRehearsalQuery,
  packCheckAnswer,
  packCheckRequest,
  packRehearsalRequest,
  packsAnswer,
  publicationRequest,
  type Rehearsal,
  type RehearsalRow,
  rehearsal,
  rehearsalRow,
  rehearsalsAnswer,
} from "../../shared/rehearsal.ts";
import { readHeading, readJson, readQuery } from "../body.ts";
import { describe } from "../describe.ts";
import { identifyOperator } from "../operator-auth.ts";
import { judgePack } from "../pack-proposal.ts";
import { reportPack } from "../pack-report.ts";
import { operatorCurrency } from "../policy.ts";
import { answerProblem } from "../problem.ts";
import { listBytesMax, proposeList, proposePack } from "../proposed.ts";
import type { Started } from "../rehearsals.ts";
import type { AdminDeps } from "./admin.ts";

/** A pack's text as JSON: what takes more is no pack. */
const packBytesMax = 1024 * 1024;

export const publicationRoutes = (deps: AdminDeps): Hono => {
  const { registry, rehearsals } = deps;

  const answerStarted = (c: Context, started: Started): Response =>
    started.kind === "refused"
      ? answerProblem(c, started.problem, { detail: started.detail })
      : c.json(rowOf(started.rehearsal), 200, notStored);

  return new Hono()
    .get("/packs", describe(packsDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const lists = registry.lists();
      const packs = registry.packs().map((pack) => ({
        ...{ programme: pack.programme, version: pack.version, name: pack.name },
        json: `${JSON.stringify(pack, null, 2)}\n`,
        lists: lists
          .filter(({ programme }) => programme === pack.programme)
          .map(({ list, version, entries }) => ({ list, version, entries })),
      }));
      return c.json({ packs }, 200, notStored);
    })
    .post("/pack-checks", describe(checkDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, packCheckRequest, packBytesMax);
      if ("refusal" in request) return request.refusal;
      const report = reportPack(request.value.text, operatorCurrency);
      if (report.kind === "wrong") return c.json({ findings: report.findings, pack: null }, 200, notStored);
      const { programme, version } = report.pack;
      const judged = judgePack(report.pack, registry);
      if (judged.kind === "clash") {
        const finding = { line: 0, column: 0, at: "", text: judged.problem };
        return c.json({ findings: [finding], pack: null }, 200, notStored);
      }
      const { listsToPublishAnew } = judged;
      return c.json({ findings: [], pack: { programme, version, listsToPublishAnew } }, 200, notStored);
    })
    .get("/rehearsals", describe(listDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      return c.json({ rehearsals: rehearsals.list().map(rowOf) }, 200, notStored);
    })
    .get("/rehearsals/:number{[0-9]{1,9}}", describe(oneDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const found = rehearsals.list().find(({ number }) => number === Number(c.req.param("number")));
      return found === undefined ? answerProblem(c, "not-found") : c.json(found, 200, notStored);
    })
    .post("/rehearsals", describe(packDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, packRehearsalRequest, packBytesMax);
      if ("refusal" in request) return request.refusal;
      const { text, days } = request.value;
      const proposed = proposePack(text, registry);
      if (proposed.kind === "refused") return answerStarted(c, proposed);
      const { programme } = proposed.pack;
      const asked = { programme, list: null, days, by: who.value.name };
      return answerStarted(c, await rehearsals.start(asked, text.length, proposed.read));
    })
    .post("/list-rehearsals", describe(listFileDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const query = readQuery(c, listRehearsalQuery);
      if ("refusal" in query) return query.refusal;
      const heading = readHeading(c, "text/csv", listBytesMax);
      if ("refusal" in heading) return heading.refusal;
      const { days, ...name } = query.value;
      const read = proposeList(name, c.req.raw.body, registry);
      return answerStarted(c, await rehearsals.start({ ...name, days, by: who.value.name }, heading.value, read));
    })
    .delete("/rehearsals/:number{[0-9]{1,9}}", describe(cancelDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const cancelled = await rehearsals.cancel(Number(c.req.param("number")), who.value.name);
      return cancelled === null ? answerProblem(c, "not-found") : c.json(rowOf(cancelled), 200, notStored);
    })
    .post("/rehearsals/:number{[0-9]{1,9}}/publication", describe(publishDescription), async (c) => {
      const who = await identifyOperator(deps, c, "administrator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, publicationRequest);
      if ("refusal" in request) return request.refusal;
      const number = Number(c.req.param("number"));
      const published = await rehearsals.publish(number, request.value.sha256, who.value.name);
      if (published.kind === "refused") return answerProblem(c, published.problem, { detail: published.detail });
      return c.json(rowOf(published.rehearsal), 200, notStored);
    });
};

const rowOf = ({ change: _, result: __, ...row }: Rehearsal): RehearsalRow => row;

const notStored = { "Cache-Control": "no-store" };
const ofBody = ["malformed", "too-large", "unsupported-media-type"] as const;
const ofStart = [...ofBody, "proposal-refused", "too-many", "unavailable"] as const;

const packsDescription = {
  summary: "Programmes in force, with their packs and lists",
  role: "operator",
  gives: { "application/json": packsAnswer },
} as const;
const checkDescription = {
  summary: "Everything that is wrong with a pack, by line and column; changes nothing",
  role: "operator",
  takes: { "application/json": packCheckRequest },
  gives: { "application/json": packCheckAnswer },
  refuses: ofBody,
} as const;
const listDescription = {
  summary: "Rehearsals, and how far they are",
  role: "operator",
  gives: { "application/json": rehearsalsAnswer },
} as const;
const oneDescription = {
  summary: "A rehearsal, with what came out",
  role: "operator",
  path: { number: "^[0-9]{1,9}$" },
  gives: { "application/json": rehearsal },
  refuses: ["not-found"],
} as const;
const packDescription = {
  summary: "Rehearse a pack on the recorded past",
  role: "operator",
  takes: { "application/json": packRehearsalRequest },
  gives: { "application/json": rehearsalRow },
  refuses: ofStart,
} as const;
const listFileDescription = {
  summary: "Compare a score list with the one in force, and rehearse it; the body is the file of scores publish",
  role: "operator",
  query: { programme: "^[a-z0-9][a-z0-9-]{0,31}$", list: "^[a-z0-9-]{1,32}$", days: "^(7|30)$" },
  takes: { "text/csv": "bytes" },
  gives: { "application/json": rehearsalRow },
  refuses: ofStart,
} as const;
const cancelDescription = {
  summary: "Cancel a rehearsal",
  role: "operator",
  path: { number: "^[0-9]{1,9}$" },
  gives: { "application/json": rehearsalRow },
  refuses: ["not-found"],
} as const;
const publishDescription = {
  summary: "Publish exactly what was rehearsed, where nothing else was published since",
  role: "administrator",
  path: { number: "^[0-9]{1,9}$" },
  takes: { "application/json": publicationRequest },
  gives: { "application/json": rehearsalRow },
  refuses: [...ofBody, "not-found", "rehearsal-missing", "rehearsal-outdated", "unavailable"],
} as const;
