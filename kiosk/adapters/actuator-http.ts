/**
 * A machine behind a local controller over HTTP. What a gate maker implements, at the URL in the terminal's profile:
 *
 *     POST URL/act    {"id": "TERMINAL/EPOCH/SEQ", "command": {"kind": "open-gate"}}
 *                     {"id": ..., "command": {"kind": "release-item" | "accept-item", "item": "..."}}
 *                     {"id": ..., "command": {"kind": "unlock-dock" | "lock-dock", "dock": "..."}}
 *                  -> {"outcome": "completed" | "timed-out" | "fault", "vehicle"?: "...", "cause"?: "..."}
 *     GET  URL/docks  -> [{"dock": "...", "vehicle": "..." or null}, ...]
 *
 * The answer comes when the sensor knows: `completed` somebody passed or the thing moved, `timed-out` nobody did and it
 * is closed again, within 30 s. An `id` is acted upon once: the same again gets the first answer again. The controller
 * lets the terminal's origin ask (CORS: POST, content-type). Anything else than these answers, and none, is a `fault`.
 */
import * as v from "valibot";
import { fromUtf8 } from "../../shared/bytes.ts";
import type { Actuated, Actuator, Dock } from "../ports.ts";
import { readBounded } from "./bounded-body.ts";

const actSeconds = 30;
const docksSeconds = 5;
const bytesMax = 64 * 1024;

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const actuated = v.object({
  outcome: v.picklist(["completed", "timed-out", "fault"]),
  vehicle: v.exactOptional(word),
  cause: v.exactOptional(word),
});
const docks = v.pipe(v.array(v.object({ dock: word, vehicle: v.nullable(word) })), v.maxLength(60));

/** No dock is known while the controller does not say. */
export const httpActuator = (url: string): Actuator => ({
  perform: async (command, of) => {
    const id = `${of.terminal}/${of.epoch}/${of.seq}`;
    const answer = await ask(actuated, `${url}/act`, actSeconds, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id, command }),
    });
    return answer.kind === "answered" ? answer.value : faulted(answer.cause);
  },
  docks: async (): Promise<readonly Dock[]> => {
    const answer = await ask(docks, `${url}/docks`, docksSeconds, {});
    return answer.kind === "answered" ? answer.value : [];
  },
});

type Asked<T> = { readonly kind: "answered"; readonly value: T } | { readonly kind: "failed"; readonly cause: string };

const ask = async <T>(
  schema: v.GenericSchema<unknown, T>,
  url: string,
  seconds: number,
  init: RequestInit,
): Promise<Asked<T>> => {
  try {
    const response = await fetch(url, {
      ...init,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(seconds * 1000),
    });
    if (!response.ok) return { kind: "failed", cause: `the controller answers ${response.status}` };
    const answer = v.safeParse(schema, await readJson(response));
    return answer.success
      ? { kind: "answered", value: answer.output }
      : { kind: "failed", cause: "the controller answers something else than agreed" };
  } catch (reason) {
    return { kind: "failed", cause: `the controller does not answer: ${reason}` };
  }
};

const readJson = async (response: Response): Promise<unknown> => {
  const bytes = await readBounded(response, bytesMax);
  return bytes === null ? null : JSON.parse(fromUtf8(bytes) ?? "");
};

const faulted = (cause: string): Actuated => ({ outcome: "fault", cause });
