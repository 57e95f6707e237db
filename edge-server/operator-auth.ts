/**
 * Which operator a request of the console comes from, or the problem to answer with. The session travels in a cookie that
 * no script reads and no other site sends (HttpOnly, SameSite=Strict). Over HTTPS it is a `__Host-` cookie; without, the
 * console is for this machine alone. Whatever changes something must also come from a page of this server.
 *
 * Refused is recorded: under the operator's name where there is one, else as a line of the server's log.
 */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { mayActAs, type OperatorRole } from "../shared/admin.ts";
import type { Instant } from "../shared/terms.ts";
import type { Read } from "./body.ts";
import type { WriteLog } from "./events.ts";
import type { OperatorRow, OperatorStore } from "./operators.ts";
import { answerProblem, type ProblemWord } from "./problem.ts";
import { logCause } from "./request-log.ts";
import { isSameOrigin } from "./same-origin.ts";
import { findSession, sessionSeconds } from "./sign-in.ts";

export type OperatorEdges = {
  readonly operators: OperatorStore;
  /** The console is reached by HTTPS. */
  readonly isSecure: boolean;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

/** What is checked before anybody is asked who they are; null where it is well. */
export const refuseOrigin = (edges: OperatorEdges, c: Context): Response | null => {
  if (!edges.isSecure && !isLoopback(c.req.header("host") ?? new URL(c.req.url).host)) {
    return refuse(edges, c, "https-needed");
  }
  const isReading = c.req.method === "GET" || c.req.method === "HEAD";
  const isForeign = isReading
    ? ["cross-site", "same-site"].includes(c.req.header("sec-fetch-site") ?? "")
    : !isSameOrigin(c.req.header(), c.req.url);
  return isForeign ? refuse(edges, c, "other-origin") : null;
};

export const identifyOperator = async (
  edges: OperatorEdges,
  c: Context,
  wanted: OperatorRole,
): Promise<Read<OperatorRow>> => {
  const refusal = refuseOrigin(edges, c);
  if (refusal !== null) return { refusal };
  const secret = readSecret(edges, c);
  const operator = secret === null ? null : await findSession(edges.operators, secret, edges.now());
  if (operator === null) return { refusal: refuse(edges, c, "not-signed-in") };
  if (mayActAs(operator.role, wanted)) return { value: operator };
  const what = `${c.req.method} ${c.req.routePath}`;
  await edges.operators.recordAct({ at: edges.now(), by: operator.name, act: "role-refused", what });
  return { refusal: answerProblem(c, "role-missing", { detail: `This takes the role ${wanted}.` }) };
};

export const readSecret = ({ isSecure }: OperatorEdges, c: Context): string | null => {
  const secret = getCookie(c, cookieName, prefixOf(isSecure));
  return secret !== undefined && /^[A-Za-z0-9_-]{43}$/.test(secret) ? secret : null;
};

export const keepSecret = ({ isSecure }: OperatorEdges, c: Context, secret: string): void =>
  setCookie(c, cookieName, secret, { ...cookieOptions(isSecure), maxAge: sessionSeconds });

export const forgetSecret = ({ isSecure }: OperatorEdges, c: Context): void => {
  deleteCookie(c, cookieName, cookieOptions(isSecure));
};

const cookieName = "greenlane-operator";
const prefixOf = (isSecure: boolean) => (isSecure ? ("host" as const) : undefined);
const cookieOptions = (isSecure: boolean) => ({
  path: "/",
  httpOnly: true,
  sameSite: "Strict" as const,
  secure: isSecure,
  ...(isSecure ? { prefix: "host" as const } : {}),
});

const refuse = (edges: OperatorEdges, c: Context, word: ProblemWord): Response => {
  if (word !== "not-signed-in") logCause(edges.writeLog, c, "console-refused", word);
  return answerProblem(c, word);
};

const isLoopback = (host: string): boolean =>
  /^(localhost|\[::1\]|127(\.\d{1,3}){3})(:\d{1,5})?$/.test(host.toLowerCase());
