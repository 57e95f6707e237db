/**
 * `GET /healthz`: this program runs. `GET /readyz`: it can do its work; what is missing is named. `GET /metrics`: figures
 * for Prometheus, about nobody.
 */
import { Hono } from "hono";
import * as v from "valibot";
import { describe } from "../describe.ts";
import { answerProblem } from "../problem.ts";

/** A line of English for each thing that is not ready; none when all is well. */
export type CheckReady = () => Promise<readonly string[]>;

export const healthRoutes = (checkReady: CheckReady, metrics: () => Promise<string>): Hono =>
  new Hono()
    .get("/healthz", describe({ summary: "Alive", gives }), (c) => c.json({ status: "alive" }, 200, notStored))
    .get("/readyz", describe({ summary: "Ready", gives, refuses: ["not-ready"] }), async (c) => {
      const missing = await checkReady();
      if (missing.length > 0) return answerProblem(c, "not-ready", { detail: missing.join("; ") });
      return c.json({ status: "ready" }, 200, notStored);
    })
    .get("/metrics", describe({ summary: "Figures", gives: { "text/plain": "bytes" } }), async (c) =>
      c.body(await metrics(), 200, { ...notStored, "Content-Type": "text/plain; version=0.0.4; charset=utf-8" }),
    );

const gives = { "application/json": v.object({ status: v.string() }) };
const notStored = { "Cache-Control": "no-store" };
