/**
 * A machine behind a local controller over HTTP. What a gate maker implements, at the URL in the terminal's profile:
 *
 *     POST URL/act    {"id": "TERMINAL/EPOCH/SEQ", "command": {"kind": "open-gate"}}
 *                     {"id": ..., "command": {"kind": "release-item" | "accept-item", "item": "..."}}
 *                     {"id": ..., "command": {"kind": "unlock-dock" | "lock-dock", "dock": "..."}}
 *                     {"id": ..., "command": {"kind": "hold-open" | "close"}}
 *                     {"id": ..., "command": {"kind": "order-parcel", "items": ["...", ...]}}
 *                     {"id": ..., "command": {"kind": "draw-ticket", "line": "priority" | "ordinary"}}
 *                  -> {"outcome": "completed" | "timed-out" | "fault",
 *                      "vehicle"?: "...", "zone"?: "...", "ticket"?: "...", "cause"?: "..."}
 *     GET  URL/docks  -> [{"dock": "...", "vehicle": "..." or null}, ...]
 *     GET  URL/alarm  -> {"alarm": true | false}, asked every second; 404 where no fire alarm is wired to it
 *
 * The answer comes when the sensor knows: `completed` somebody passed or the thing moved, `timed-out` nobody did and it
 * is closed again, within 30 s. `zone` is the geofencing zone in which what came back stands. An `id` is acted upon once: the same again gets the first answer again. The controller
 * lets the terminal's origin ask (CORS: POST, content-type). Anything else than these answers, and none, is a `fault`.
 *
 * `hold-open` opens everything that is kept shut at once, also in the middle of an act, and it stays open until `close`. The
 * alarm is told to the terminal so that it is written down and staff close again; it is not what saves lives. For that the
 * gate itself opens at the alarm, whether or not a terminal runs: a gate is built to stand open without power (its lock
 * holds only while it has current), a dock to stay locked without it, since no bike is in anybody's way out.
 */
import * as v from "valibot";
import { fromUtf8 } from "../../shared/bytes.ts";
import type { Actuated, Actuator, Clock, Dock } from "../ports.ts";
import { readBounded } from "./bounded-body.ts";

const actSeconds = 30;
const docksSeconds = 5;
const alarmSeconds = 1;
const bytesMax = 64 * 1024;

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const actuated = v.object({
  outcome: v.picklist(["completed", "timed-out", "fault"]),
  vehicle: v.exactOptional(word),
  zone: v.exactOptional(word),
  ticket: v.exactOptional(word),
  cause: v.exactOptional(word),
});
const docks = v.pipe(v.array(v.object({ dock: word, vehicle: v.nullable(word) })), v.maxLength(60));

const alarm = v.object({ alarm: v.boolean() });

/** No dock is known while the controller does not say. */
export const httpActuator = (url: string, clock: Clock): Actuator => ({
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
  watchAlarm: (onAlarm) => {
    let wasOn = false;
    const look = async (): Promise<void> => {
      const answer = await ask(alarm, `${url}/alarm`, alarmSeconds, {});
      if (answer.kind === "failed" && answer.status === 404) return;
      const isOn = answer.kind === "answered" ? answer.value.alarm : wasOn;
      if (isOn && !wasOn) void onAlarm();
      wasOn = isOn;
      clock.after(alarmSeconds, () => void look());
    };
    void look();
  },
});

type Asked<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "failed"; readonly cause: string; readonly status?: number };

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
    const { status } = response;
    if (!response.ok) return { kind: "failed", cause: `the controller answers ${status}`, status };
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
