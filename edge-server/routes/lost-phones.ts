/**
 * Where this server is a programme's issuer, and a citizen's phone is gone (lost-phone.ts): `POST /v1/recoveries` registers
 * a recovery code beforehand, `POST /v1/losses` uses it from another device.
 */
import { Hono } from "hono";
import * as v from "valibot";
import type { Bytes } from "../../shared/bytes.ts";
import { recoveryBytesMax } from "../../shared/recovery.ts";
import type { Instant } from "../../shared/terms.ts";
import { readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { LossAnswered, Registered } from "../lost-phone.ts";
import { answerProblem } from "../problem.ts";

export type LostPhoneDeps = {
  readonly register: (recovery: Bytes, now: Instant) => Promise<Registered>;
  readonly report: (loss: Bytes, now: Instant) => Promise<LossAnswered>;
  readonly now: () => Instant;
};

export const lostPhoneRoutes = ({ register, report, now }: LostPhoneDeps): Hono =>
  new Hono()
    .post("/recoveries", describe(recoveryDescription), async (c) => {
      const recovery = await readBytes(c, "application/cose", recoveryBytesMax);
      if ("refusal" in recovery) return recovery.refusal;
      const registered = await register(recovery.value, now());
      if (registered.kind === "refused") return answerProblem(c, registered.problem, { detail: registered.detail });
      return c.json({}, 200, { "Cache-Control": "no-store" });
    })
    .post("/losses", describe(lossDescription), async (c) => {
      const loss = await readBytes(c, "application/cose", recoveryBytesMax);
      if ("refusal" in loss) return loss.refusal;
      const answered = await report(loss.value, now());
      if (answered.kind === "refused") return answerProblem(c, answered.problem, { detail: answered.detail });
      const headers = { "Content-Type": "application/cose", "Cache-Control": "no-store" };
      return c.body(answered.credential ?? new Uint8Array(), 200, headers);
    });

const recoveryDescription = {
  summary: "Register a recovery code for the day on which the phone is gone",
  takes: { "application/cose": "bytes" },
  gives: { "application/json": v.object({}) },
  refuses: ["malformed", "recovery-refused", "too-large", "unsupported-media-type"],
} as const;

const lossDescription = {
  summary: "Suspend a lost phone's credential, take that back, or have another key take over (then: the credential)",
  takes: { "application/cose": "bytes" },
  gives: { "application/cose": "bytes" },
  refuses: ["malformed", "recovery-refused", "too-large", "unsupported-media-type"],
} as const;
