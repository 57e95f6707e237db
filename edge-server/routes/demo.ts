/** What only the demo city offers: its citizens, and fresh terminals for a page of this server. */
import { Hono } from "hono";
import { type DemoCitizens, type DemoTerminals, demoCitizens, demoTerminals } from "../../shared/messages.ts";
import { type ServiceName, serviceNames } from "../../shared/terms.ts";
import { describe } from "../describe.ts";
import { answerProblem } from "../problem.ts";
import { isSameOrigin } from "../same-origin.ts";

export type DemoDeps = {
  readonly citizens: () => DemoCitizens;
  /** One terminal of each service, each call anew; of those that a newcomer sees where none is named. */
  readonly addTerminals: (services?: readonly ServiceName[]) => Promise<DemoTerminals>;
};

export const demoRoutes = ({ citizens, addTerminals }: DemoDeps): Hono =>
  new Hono()
    .get("/demo/citizens", describe(citizensDescription), (c) =>
      c.json(citizens(), 200, { "Cache-Control": "no-cache" }),
    )
    .post("/demo/terminals", describe(terminalsDescription), async (c) => {
      if (!isSameOrigin(c.req.header(), c.req.url)) return answerProblem(c, "other-origin");
      return c.json(await addTerminals(), 200, { "Cache-Control": "no-store" });
    })
    .post(`/demo/terminals/:service{${serviceNames.join("|")}}`, describe(terminalDescription), async (c) => {
      if (!isSameOrigin(c.req.header(), c.req.url)) return answerProblem(c, "other-origin");
      const service = c.req.param("service") as ServiceName;
      return c.json(await addTerminals([service]), 200, { "Cache-Control": "no-store" });
    });

const citizensDescription = {
  summary: "Citizens of the demo city",
  gives: { "application/json": demoCitizens },
} as const;

const terminalDescription = {
  summary: "A fresh terminal of one service for the demo page",
  gives: { "application/json": demoTerminals },
  refuses: ["other-origin"],
  path: { service: serviceNames.join("|") },
} as const;

const terminalsDescription = {
  summary: "Three fresh terminals for the demo page",
  gives: { "application/json": demoTerminals },
  refuses: ["other-origin"],
} as const;
