/** Coming in and going out: `/v1/admin/sessions`, and the one-time links of `/v1/admin/welcomes`. */
import { type Context, Hono } from "hono";
import { operatorAnswer, signInRequest, welcomeRequest } from "../../shared/admin.ts";
import { readJson } from "../body.ts";
import { describe } from "../describe.ts";
import {
  forgetSecret,
  identifyOperator,
  keepSecret,
  type OperatorEdges,
  readSecret,
  refuseOrigin,
} from "../operator-auth.ts";
import { answerProblem } from "../problem.ts";
import { type SignedIn, signIn, signOut, type Welcomed, welcome } from "../sign-in.ts";

export const sessionRoutes = (edges: OperatorEdges): Hono => {
  const { operators, now } = edges;

  const answer = (c: Context, come: SignedIn | Welcomed): Response => {
    if (come.kind === "wait") return answerProblem(c, "too-many", {}, { "Retry-After": String(come.seconds) });
    if (come.kind === "refused") {
      return "detail" in come
        ? answerProblem(c, "code-refused", { detail: come.detail })
        : answerProblem(c, "sign-in-refused");
    }
    keepSecret(edges, c, come.secret);
    const { name, role } = come.operator;
    return c.json({ name, role }, 200, notStored);
  };

  return new Hono()
    .post("/sessions", describe(signInDescription), async (c) => {
      const refusal = refuseOrigin(edges, c);
      if (refusal !== null) return refusal;
      const request = await readJson(c, signInRequest);
      if ("refusal" in request) return request.refusal;
      return answer(c, await signIn(operators, request.value, now()));
    })
    .get("/sessions", describe(whoDescription), async (c) => {
      const who = await identifyOperator(edges, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const { name, role } = who.value;
      return c.json({ name, role }, 200, notStored);
    })
    .delete("/sessions", describe(outDescription), async (c) => {
      const who = await identifyOperator(edges, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const secret = readSecret(edges, c);
      if (secret !== null) await signOut(operators, secret, who.value, now());
      forgetSecret(edges, c);
      const { name, role } = who.value;
      return c.json({ name, role }, 200, { ...notStored, "Clear-Site-Data": '"cache"' });
    })
    .post("/welcomes", describe(welcomeDescription), async (c) => {
      const refusal = refuseOrigin(edges, c);
      if (refusal !== null) return refusal;
      const request = await readJson(c, welcomeRequest);
      if ("refusal" in request) return request.refusal;
      return answer(c, await welcome(operators, request.value, now()));
    });
};

const notStored = { "Cache-Control": "no-store" };
const gives = { "application/json": operatorAnswer } as const;
const always = ["https-needed", "other-origin"] as const;
const ofBody = ["malformed", "too-large", "unsupported-media-type", "too-many"] as const;

const signInDescription = {
  summary: "Sign in to the console",
  takes: { "application/json": signInRequest },
  gives,
  refuses: [...always, ...ofBody, "sign-in-refused"],
} as const;
const whoDescription = { summary: "Who is signed in", gives, refuses: [...always, "not-signed-in"] } as const;
const outDescription = { summary: "Sign out", gives, refuses: [...always, "not-signed-in"] } as const;
const welcomeDescription = {
  summary: "Use a one-time link of the console",
  takes: { "application/json": welcomeRequest },
  gives,
  refuses: [...always, ...ofBody, "code-refused"],
} as const;
