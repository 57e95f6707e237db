/** An operator's own passkeys, `/v1/admin/passkeys`, and coming in by one. */
import { type Context, Hono } from "hono";
import {
  challengeAnswer,
  operatorAnswer,
  passkeyBegin,
  passkeyBeginAnswer,
  passkeyRequest,
  passkeyRow,
  passkeySignIn,
  passkeysAnswer,
} from "../../shared/admin.ts";
import { fromBase64url } from "../../shared/bytes.ts";
import { readJson } from "../body.ts";
import { describe } from "../describe.ts";
import { identifyOperator, keepSecret, type OperatorEdges, refuseOrigin } from "../operator-auth.ts";
import type { Passkey } from "../operators.ts";
import { keepPasskey, makeChallenge, removePasskey, signInByPasskey } from "../passkeys.ts";
import { answerProblem } from "../problem.ts";
import { logCause } from "../request-log.ts";
import { checkPassword } from "../sign-in.ts";

export const passkeyRoutes = (edges: OperatorEdges): Hono => {
  const { operators, now } = edges;
  return new Hono()
    .post("/sessions/challenges", describe(askDescription), async (c) => {
      const refusal = refuseOrigin(edges, c);
      if (refusal !== null) return refusal;
      return c.json({ challenge: await makeChallenge(operators, null, now()) }, 200, notStored);
    })
    .post("/sessions/passkeys", describe(signInDescription), async (c) => {
      const refusal = refuseOrigin(edges, c);
      if (refusal !== null) return refusal;
      const request = await readJson(c, passkeySignIn);
      if ("refusal" in request) return request.refusal;
      const { id, client, authenticator, signature } = request.value;
      const parts = bytesOf({ client, authenticator, signature });
      if (parts === null) return answerProblem(c, "malformed");
      const come = await signInByPasskey(operators, { id, ...parts }, now());
      if (come.kind === "refused") {
        logCause(edges.writeLog, c, "console-refused", "passkey");
        return answerProblem(c, "sign-in-refused", { detail: "The passkey is not known here, or not any more." });
      }
      keepSecret(edges, c, come.secret);
      const { name, role } = come.operator;
      return c.json({ name, role }, 200, notStored);
    })
    .get("/passkeys", describe(listDescription), async (c) => {
      const who = await identifyOperator(edges, c, "viewer");
      if ("refusal" in who) return who.refusal;
      return c.json({ passkeys: (await operators.passkeys(who.value.name)).map(rowOf) }, 200, notStored);
    })
    .post("/passkeys/challenges", describe(beginDescription), async (c) => {
      const who = await identifyOperator(edges, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, passkeyBegin);
      if ("refusal" in request) return request.refusal;
      const { name } = who.value;
      const checked = await checkPassword(operators, { name, password: request.value.password }, now());
      if (checked.kind === "wait") return answerProblem(c, "too-many", {}, { "Retry-After": String(checked.seconds) });
      if (checked.kind === "refused") return answerProblem(c, "sign-in-refused");
      const challenge = await makeChallenge(operators, name, now());
      return c.json({ challenge, known: (await operators.passkeys(name)).map(({ id }) => id) }, 200, notStored);
    })
    .post("/passkeys", describe(keepDescription), async (c) => {
      const who = await identifyOperator(edges, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, passkeyRequest);
      if ("refusal" in request) return request.refusal;
      const { id, client, authenticator, key, label } = request.value;
      const parts = bytesOf({ client, authenticator });
      if (parts === null) return answerProblem(c, "malformed");
      const kept = await keepPasskey(operators, who.value.name, { id, ...parts, key, label }, originOf(c), now());
      if (kept.kind === "refused") return answerProblem(c, "passkey-refused", { detail: kept.detail });
      return c.json(rowOf(kept.passkey), 200, notStored);
    })
    .delete("/passkeys/:id{[A-Za-z0-9_-]{1,1400}}", describe(removeDescription), async (c) => {
      const who = await identifyOperator(edges, c, "viewer");
      if ("refusal" in who) return who.refusal;
      if (!(await removePasskey(operators, who.value.name, c.req.param("id"), now())))
        return answerProblem(c, "not-found");
      return c.json({ passkeys: (await operators.passkeys(who.value.name)).map(rowOf) }, 200, notStored);
    });
};

const rowOf = ({ id, label, createdAt }: Passkey) => ({ id, label, createdAt });

/** Of the page; that it is one of this server was looked at before. */
const originOf = (c: Context): string => c.req.header("origin") ?? new URL(c.req.url).origin;

const bytesOf = <K extends string>(texts: Readonly<Record<K, string>>) => {
  const read = Object.entries<string>(texts).map(([name, text]) => [name, fromBase64url(text)] as const);
  if (read.some(([, bytes]) => bytes === null)) return null;
  return Object.fromEntries(read) as Record<K, NonNullable<ReturnType<typeof fromBase64url>>>;
};

const notStored = { "Cache-Control": "no-store" };
const always = ["https-needed", "other-origin"] as const;
const ofBody = ["malformed", "too-large", "unsupported-media-type"] as const;

const askDescription = {
  summary: "Ask to come in by a passkey",
  gives: { "application/json": challengeAnswer },
  refuses: always,
} as const;
const signInDescription = {
  summary: "Come in by a passkey",
  takes: { "application/json": passkeySignIn },
  gives: { "application/json": operatorAnswer },
  refuses: [...always, ...ofBody, "sign-in-refused"],
} as const;
const listDescription = {
  summary: "The passkeys of who asks",
  role: "viewer",
  gives: { "application/json": passkeysAnswer },
} as const;
const beginDescription = {
  summary: "Begin to make a passkey",
  role: "viewer",
  takes: { "application/json": passkeyBegin },
  gives: { "application/json": passkeyBeginAnswer },
  refuses: [...ofBody, "sign-in-refused", "too-many"],
} as const;
const keepDescription = {
  summary: "Keep a passkey that was made",
  role: "viewer",
  takes: { "application/json": passkeyRequest },
  gives: { "application/json": passkeyRow },
  refuses: [...ofBody, "passkey-refused"],
} as const;
const removeDescription = {
  summary: "Remove a passkey",
  role: "viewer",
  path: { id: "^[A-Za-z0-9_-]{1,1400}$" },
  gives: { "application/json": passkeysAnswer },
  refuses: ["not-found"],
} as const;
