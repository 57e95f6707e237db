/** Terminals on the console: how all fare, the figures of the city, and how a new one comes in. */
import { Hono } from "hono";
import * as v from "valibot";
import {
  enrolAnswer,
  enrolRequest,
  figuresAnswer,
  overviewAnswer,
  siteAnswer,
  siteRequest,
  terminalPage,
  terminalRow,
  terminalStates,
} from "../../shared/admin.ts";
import { readJson, readQuery } from "../body.ts";
import { describe } from "../describe.ts";
import { enrolmentLifeSeconds, makeEnrolmentLink, makeTerminal, makeTerminalId } from "../enrolment.ts";
import { identifyOperator } from "../operator-auth.ts";
import { answerProblem } from "../problem.ts";
import { qrRowsOf } from "../qr.ts";
import { daySeconds, hourSeconds } from "../survey.ts";
import { countStates, createBoard, rankOf } from "../terminal-board.ts";
import type { AdminDeps } from "./admin.ts";

const pageRows = 100;
const figuresHours = 48;
/** Those with the largest share of ordinary terms for a cause of ours. */
const technicalRows = 12;

export const terminalRoutes = (deps: AdminDeps): Hono => {
  const { registry, publisher, survey, surveyor, objections, operators, url, now } = deps;
  const board = createBoard(deps);

  return new Hono()
    .get("/overview", describe(overviewDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const rows = board(now());
      const places = registry.places();
      const sites = [...groupBy(rows, ({ site, programme }) => `${programme} ${site}`).values()].map((of) => ({
        site: of[0]?.site ?? "",
        programme: of[0]?.programme ?? "",
        at: places.get(of[0]?.site ?? "") ?? null,
        services: [...new Set(of.map(({ service }) => service))],
        states: countStates(of),
      }));
      const overview = {
        at: now(),
        entries: survey.count(),
        behind: surveyor.behind(),
        openOverrides: survey.openOverrides(),
        openObjections: objections.openCount(),
        manifest: (await publisher.current()).version,
        sites,
        alerts: [...(await deps.alerts())],
      };
      return c.json(overview, 200, notStored);
    })
    .post("/sites", describe(siteDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, siteRequest);
      if ("refusal" in request) return request.refusal;
      const { site, at } = request.value;
      if (!board(now()).some((row) => row.site === site)) return answerProblem(c, "not-found");
      registry.putPlace(site, at);
      await operators.recordAct({ at: now(), by: who.value.name, act: "site-placed", what: site });
      return c.json({ site, at }, 200, notStored);
    })
    .get("/figures", describe(figuresDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const from = now() - (now() % hourSeconds) - (figuresHours - 1) * hourSeconds;
      const names = new Map(board(now()).map(({ id, name }) => [id, name]));
      const technical = survey
        .days(now() - (now() % daySeconds) - 6 * daySeconds)
        .filter((day) => day.technical > 0)
        .sort((a, b) => b.technical / b.permits - a.technical / a.permits || b.technical - a.technical)
        .slice(0, technicalRows)
        .map((day) => ({ ...day, name: names.get(day.terminal) ?? day.terminal }));
      const reports = survey.health().flatMap(({ report }) => report.latency);
      const latency = [...groupBy(reports, ({ stage }) => stage)].map(([stage, of]) => ({
        stage,
        terminals: of.length,
        p50: middleOf(of.map(({ p50 }) => p50)),
        p95: middleOf(of.map(({ p95 }) => p95)),
      }));
      return c.json({ from, hours: [...survey.hours(from)], latency, technical }, 200, notStored);
    })
    .get("/terminals", describe(terminalsDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const asked = readQuery(c, query);
      if ("refusal" in asked) return asked.refusal;
      const { state, site, find = "", after } = asked.value;
      const wanted = find.toLowerCase();
      const rows = board(now()).filter(
        (row) =>
          (state === undefined || row.state === state) &&
          (site === undefined || row.site === site) &&
          (wanted === "" || `${row.id} ${row.name} ${row.site}`.toLowerCase().includes(wanted)),
      );
      const left = after === undefined ? rows : rows.filter((row) => cursorOf(row) > after);
      const page = left.slice(0, pageRows);
      const last = page.at(-1);
      const next = left.length > pageRows && last !== undefined ? cursorOf(last) : null;
      return c.json({ total: rows.length, rows: page, next }, 200, notStored);
    })
    .post("/terminals", describe(enrolDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, enrolRequest);
      if ("refusal" in request) return request.refusal;
      const { profile } = request.value;
      const pack = registry.packs().find(({ programme }) => programme === profile.programme);
      if (pack === undefined) return answerProblem(c, "malformed", { detail: "There is no such programme." });
      if (!Object.hasOwn(pack.services, profile.service)) {
        return answerProblem(c, "malformed", { detail: "The programme has no rules for this service." });
      }
      const id = makeTerminalId(profile);
      registry.putTerminal(makeTerminal(id, profile));
      const link = await makeEnrolmentLink({ registry, publisher, url }, id, now());
      await operators.recordAct({ at: now(), by: who.value.name, act: "terminal-made", what: id });
      return c.json({ id, link, expiresAt: now() + enrolmentLifeSeconds, qr: qrRowsOf(link) }, 200, notStored);
    })
    .delete("/terminals/:id", describe(revokeDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const id = c.req.param("id");
      const isThere = registry.atomically(() => {
        const terminal = registry.terminal(id);
        if (terminal === null) return false;
        registry.putTerminal({ ...terminal, revokedAt: terminal.revokedAt ?? now() });
        return true;
      });
      if (!isThere) return answerProblem(c, "not-found");
      await operators.recordAct({ at: now(), by: who.value.name, act: "terminal-revoked", what: id });
      const row = createBoard(deps)(now()).find((each) => each.id === id);
      return row === undefined ? answerProblem(c, "not-found") : c.json(row, 200, notStored);
    });
};

const query = v.object({
  state: v.optional(v.picklist(terminalStates)),
  site: v.optional(v.pipe(v.string(), v.maxLength(64))),
  find: v.optional(v.pipe(v.string(), v.maxLength(100))),
  after: v.optional(v.pipe(v.string(), v.maxLength(110))),
});

/** In the order of the board. */
const cursorOf = ({ id, state }: { readonly id: string; readonly state: (typeof terminalStates)[number] }): string =>
  `${rankOf(state)}/${id}`;

const groupBy = <T>(all: readonly T[], nameOf: (each: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(nameOf(each)) ?? [];
    groups.set(nameOf(each), group);
    group.push(each);
  }
  return groups;
};

const middleOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const notStored = { "Cache-Control": "no-store" };

const overviewDescription = {
  summary: "The whole at a glance",
  role: "viewer",
  gives: { "application/json": overviewAnswer },
} as const;
const siteDescription = {
  summary: "Say where a site is",
  role: "operator",
  takes: { "application/json": siteRequest },
  gives: { "application/json": siteAnswer },
  refuses: ["malformed", "too-large", "unsupported-media-type", "not-found"],
} as const;
const figuresDescription = {
  summary: "Figures of the last 48 hours",
  role: "viewer",
  gives: { "application/json": figuresAnswer },
} as const;
const terminalsDescription = {
  summary: "Terminals, those first that need somebody",
  role: "viewer",
  query: { state: `^(${terminalStates.join("|")})$`, site: "^.{0,64}$", find: "^.{0,100}$", after: "^.{0,110}$" },
  gives: { "application/json": terminalPage },
  refuses: ["malformed"],
} as const;
const enrolDescription = {
  summary: "Make a terminal and the link that enrols it",
  role: "operator",
  takes: { "application/json": enrolRequest },
  gives: { "application/json": enrolAnswer },
  refuses: ["malformed", "too-large", "unsupported-media-type"],
} as const;
const revokeDescription = {
  summary: "Refuse a terminal from now on",
  role: "operator",
  path: { id: "^.{1,100}$" },
  gives: { "application/json": terminalRow },
  refuses: ["not-found"],
} as const;
