/**
 * One line of JSON a request: when, the route (its pattern, so that nothing that somebody typed into an address stays),
 * the status, how long it took. No bodies, no codes, nothing about a person.
 */
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { WriteLog } from "./events.ts";

export const logRequests =
  (write: WriteLog): MiddlewareHandler =>
  async (c, next) => {
    const startedAt = performance.now();
    await next();
    const milliseconds = Math.round(performance.now() - startedAt);
    write({ event: "request", method: c.req.method, route: routePath(c, -1), status: c.res.status, milliseconds });
  };

/** What the answer does not say: why a signature was not taken, what went wrong, why the ledger cannot tell. */
export const logCause = (
  write: WriteLog,
  c: Context,
  event: "not-signed" | "internal" | "unavailable" | "console-refused" | "badge-refused",
  cause: string,
): void => write({ event, method: c.req.method, route: routePath(c, -1), cause });
