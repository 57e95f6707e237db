/**
 * `POST /v1/orders`, where this server takes orders from home: a live code and the items; with the fee that the citizen has
 * agreed to, or null to be told it (order-desk.ts). Anybody may ask, so only so much at once.
 */
import { Hono } from "hono";
import { orderAnswer, orderRequest } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import { readJson } from "../body.ts";
import { describe } from "../describe.ts";
import type { OrderDesk } from "../order-desk.ts";
import { answerProblem } from "../problem.ts";
import { createPlaces } from "../turn.ts";

export type OrderDeps = { readonly takeOrder: OrderDesk; readonly now: () => Instant };

const atOnceMax = 32;
const retrySeconds = 5;

export const orderRoutes = ({ takeOrder, now }: OrderDeps): Hono => {
  const places = createPlaces(atOnceMax);
  return new Hono().post("/orders", describe(description), async (c) => {
    const asked = await readJson(c, orderRequest);
    if ("refusal" in asked) return asked.refusal;
    const answer = await places("orders", () => takeOrder(asked.value, now()));
    const later = { "Retry-After": String(retrySeconds) };
    if (answer === "full") return answerProblem(c, "too-many", {}, later);
    if (answer === null) return answerProblem(c, "unavailable", {}, later);
    return c.json(answer, 200, { "Cache-Control": "no-store" });
  });
};

const description = {
  summary: "Order library items to the door",
  takes: { "application/json": orderRequest },
  gives: { "application/json": orderAnswer },
  refuses: ["malformed", "too-large", "too-many", "unavailable", "unsupported-media-type"],
} as const;
