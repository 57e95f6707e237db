import { expect, it } from "vitest";
import { addPiece, type Piece, stateOf, type Tap } from "../edge-server/tap.ts";
import { createTapJoin } from "../edge-server/tap-join.ts";
import { now } from "./sample.ts";
import { createLogs, piecesOf, pricedPolicy } from "./taps.ts";

/** Pieces that stream by become the taps that they make all at once, however few may wait. */

const ann = "A".repeat(22);
const entry = { service: "metro", action: "entry", site: "east", person: ann } as const;
const terms = { deposit: 0, priceFactor: 900, freeSeconds: 0, loanSeconds: 0, itemsMax: 0 };

const pieces = (): readonly Piece[] => {
  const logs = createLogs(pricedPolicy);
  const taken = logs.ask("a", { ...entry, at: now });
  const refused = logs.ask("a", { ...entry, at: now + 1, standing: "revoked" });
  const by = { kind: "override", of: refused, staff: ["s"], effect: "pass", terms } as never;
  const override = logs.write("a", now + 2, by, {});
  for (let i = 3; i < 20; i++) logs.ask("a", { ...entry, at: now + i });
  logs.write("a", now + 30, { kind: "acted", of: override, outcome: "timed-out" }, {});
  logs.write("s", now + 40, { kind: "annulled", of: taken, staff: ["s"], reason: "mistake" } as never, {});
  return piecesOf(logs.written);
};

it.each([2, 6, 1000])("with %i that may wait", (waitingMax) => {
  const all = pieces();
  const join = createTapJoin(waitingMax);
  const out: Tap[] = [...all.flatMap(join.add), ...join.end()].map(join.complete);
  const states = out.sort((a, b) => a.at - b.at).map(stateOf);
  expect(states).toEqual(["void", "void", ...Array.from({ length: 17 }, () => "done")]);
  const [first] = all;
  const whole = first?.kind === "tap" ? all.filter((each) => each.kind !== "tap" && each.of === first.tap.ref) : [];
  expect(out[0]).toEqual(first?.kind === "tap" ? whole.reduce(addPiece, first.tap) : null);
});
