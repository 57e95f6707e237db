/** What is kept: quarantine, exports, operators, and the log of what operators did. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { Hono } from "hono";
import * as v from "valibot";
import {
  actPage,
  exportJob,
  exportRequest,
  exportsAnswer,
  inviteAnswer,
  inviteRequest,
  operatorName,
  operatorRow,
  operatorsAnswer,
  quarantineAnswer,
} from "../../shared/admin.ts";
import { toBase64url } from "../../shared/bytes.ts";
import { readJson, readQuery } from "../body.ts";
import { describe } from "../describe.ts";
import { identifyOperator } from "../operator-auth.ts";
import type { OperatorRow } from "../operators.ts";
import { answerProblem } from "../problem.ts";
import { endOperator, makeWelcomeLink, welcomeSeconds } from "../sign-in.ts";
import type { AdminDeps } from "./admin.ts";

const rowsMax = 200;

export const recordRoutes = (deps: AdminDeps): Hono => {
  const { operators, survey, ledger, exports, url, now } = deps;
  return new Hono()
    .get("/quarantine", describe(quarantineDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const { sums, newest } = await ledger.doubts(rowsMax);
      const odd = survey.oddSums();
      const overrides = sums.reduce((sum, each) => sum + each.overrides, 0);
      const rows = [...newest, ...survey.odd(rowsMax).map((each) => ({ ...each, overrides: 0 }))]
        .sort((a, b) => b.receivedAt - a.receivedAt)
        .slice(0, rowsMax)
        .map(({ terminal, epoch, seq, cause, entries, overrides, receivedAt }) => ({
          ...{ cause, entries, receivedAt },
          ...(overrides === 0 ? {} : { overrides }),
          where: `${terminal}/${toBase64url(epoch)}/${seq}`,
        }));
      const counts = Object.fromEntries([...sums, ...odd].map(({ cause, entries }) => [cause, entries]));
      const all = [...sums.map(({ batches }) => batches), ...odd.map(({ runs }) => runs)].reduce((a, b) => a + b, 0);
      return c.json({ counts, overrides, rows, leftOut: all - rows.length }, 200, notStored);
    })
    .get("/exports", describe(exportsDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      return c.json({ jobs: [...exports.list()] }, 200, notStored);
    })
    .post("/exports", describe(exportDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, exportRequest);
      if ("refusal" in request) return request.refusal;
      const job = exports.start(request.value, survey.count());
      if (job === null) return answerProblem(c, "too-many", { detail: "An export is under way: wait for it." });
      await operators.recordAct({ at: now(), by: who.value.name, act: "export", what: job.format });
      return c.json(job, 200, notStored);
    })
    .get("/exports/:number{[0-9]{1,9}}", describe(downloadDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const made = exports.file(Number(c.req.param("number")));
      if (made === null) return answerProblem(c, "not-found");
      const { path, job } = made;
      await operators.recordAct({ at: now(), by: who.value.name, act: "download", what: String(job.number) });
      const bytes = Readable.toWeb(createReadStream(path)) as unknown as ReadableStream<Uint8Array>;
      return c.body(bytes, 200, {
        ...notStored,
        "Content-Type": job.format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
        "Content-Length": String(job.bytes),
        "Content-Disposition": `attachment; filename="greenlane-ledger-${job.at}.${job.format}"`,
      });
    })
    .get("/operators", describe(operatorsDescription), async (c) => {
      const who = await identifyOperator(deps, c, "administrator");
      if ("refusal" in who) return who.refusal;
      return c.json({ operators: (await operators.operators()).map(rowOf) }, 200, notStored);
    })
    .post("/operators", describe(inviteDescription), async (c) => {
      const who = await identifyOperator(deps, c, "administrator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, inviteRequest);
      if ("refusal" in request) return request.refusal;
      const { name, role } = request.value;
      const link = await makeWelcomeLink(operators, url, { name, role }, now());
      await operators.recordAct({ at: now(), by: who.value.name, act: "operator-invited", what: `${name} ${role}` });
      return c.json({ link, expiresAt: now() + welcomeSeconds }, 200, notStored);
    })
    .delete("/operators/:name", describe(endDescription), async (c) => {
      const who = await identifyOperator(deps, c, "administrator");
      if ("refusal" in who) return who.refusal;
      const name = c.req.param("name");
      const ended = v.is(operatorName, name) ? await endOperator(operators, name, who.value.name, now()) : null;
      return ended === null ? answerProblem(c, "not-found") : c.json(rowOf(ended), 200, notStored);
    })
    .get("/acts", describe(actsDescription), async (c) => {
      const who = await identifyOperator(deps, c, "administrator");
      if ("refusal" in who) return who.refusal;
      const asked = readQuery(c, query);
      if ("refusal" in asked) return asked.refusal;
      const rows = await operators.acts(asked.value.before ?? Number.MAX_SAFE_INTEGER, rowsMax);
      return c.json(
        { rows: [...rows], next: rows.length === rowsMax ? (rows.at(-1)?.number ?? null) : null },
        200,
        notStored,
      );
    });
};

const query = v.object({ before: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))) });

const rowOf = ({ name, role, createdAt, revokedAt }: OperatorRow) => ({
  ...{ name, role, createdAt },
  state: revokedAt === null ? ("active" as const) : ("revoked" as const),
});

const notStored = { "Cache-Control": "no-store" };
const ofBody = ["malformed", "too-large", "unsupported-media-type"] as const;

const quarantineDescription = {
  summary: "What is kept and not believed",
  role: "viewer",
  gives: { "application/json": quarantineAnswer },
} as const;
const exportsDescription = {
  summary: "Exports, and how far they are",
  role: "operator",
  gives: { "application/json": exportsAnswer },
} as const;
const exportDescription = {
  summary: "Begin an export of the ledger",
  role: "operator",
  takes: { "application/json": exportRequest },
  gives: { "application/json": exportJob },
  refuses: [...ofBody, "too-many"],
} as const;
const downloadDescription = {
  summary: "The file of an export",
  role: "operator",
  path: { number: "^[0-9]{1,9}$" },
  gives: { "application/x-ndjson": "bytes", "text/csv": "bytes" },
  refuses: ["not-found"],
} as const;
const operatorsDescription = {
  summary: "Who may open the console",
  role: "administrator",
  gives: { "application/json": operatorsAnswer },
} as const;
const inviteDescription = {
  summary: "Make a one-time link for an operator",
  role: "administrator",
  takes: { "application/json": inviteRequest },
  gives: { "application/json": inviteAnswer },
  refuses: ofBody,
} as const;
const endDescription = {
  summary: "Let an operator in no more",
  role: "administrator",
  path: { name: "^[a-z][a-z0-9.-]{1,31}$" },
  gives: { "application/json": operatorRow },
  refuses: ["not-found"],
} as const;
const actsDescription = {
  summary: "What operators did, newest first",
  role: "administrator",
  query: { before: "^\\d{1,15}$" },
  gives: { "application/json": actPage },
  refuses: ["malformed"],
} as const;
