import fc from "fast-check";
import { expect, it } from "vitest";
import { decide } from "../shared/decide.ts";
import { decodePolicy, type Policy } from "../shared/policy.ts";
import type { Standing } from "../shared/status-list.ts";
import type { Request } from "../shared/terms.ts";
import { policies, readings } from "./laws/drawn.ts";
import { laws } from "./laws/laws.ts";

/** Promise 1 (the score only adds) and the technical half of promise 6, over policies and situations nobody thought of. */

it.each(laws)("$name", ({ tryOn }) => {
  tryOn({ decide, decodePolicy }, { numRuns: 500 });
});

const weirdNumber = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -1, -0, 2 ** 53, Number.MAX_VALUE, -Infinity));
const weirdWord = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "metro",
    "library",
    "entry",
    "renew",
    "here",
  ),
);

it("answers whatever it is asked, and never throws", () => {
  const weird = fc.record({
    service: weirdWord,
    action: weirdWord,
    programme: weirdWord,
    at: weirdNumber,
    itemsBefore: weirdNumber,
    kind: weirdWord,
    kindBefore: weirdNumber,
    renewalsBefore: weirdNumber,
    tier: weirdWord,
    inside: weirdNumber,
    standing: fc.oneof(weirdNumber, weirdWord),
    cuts: fc.oneof(weirdNumber, fc.constant(null)),
    checkedAt: fc.oneof(weirdNumber, fc.constant(null)),
    seenAt: fc.oneof(weirdNumber, fc.constant(null)),
    cardTaps: weirdNumber,
  });
  fc.assert(
    fc.property(weird, readings, policies, (drawn, reading, policy: Policy) => {
      const { standing, cuts, checkedAt, seenAt, cardTaps, ...asked } = drawn;
      const request = { ...asked, place: { site: "" } } as Request;
      const decision = decide(request, reading, {
        policy,
        knowledge: {
          standing: standing as Standing,
          cuts,
          checkedAt: { trust: checkedAt, policy: checkedAt, list: checkedAt },
        },
        history: { seenAt, sameActionAt: seenAt, cardTaps },
      });
      expect(["permit", "refer"]).toContain(decision.effect);
    }),
    { numRuns: 1000 },
  );
});
