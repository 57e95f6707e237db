/**
 * No override is hidden from review by what a terminal writes: the log of a real one passes, and each way to falsify it is
 * named, a row each.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { createOverrideAudit, type OverrideKeys } from "../edge-server/audit-overrides.ts";
import type { StaffRow } from "../edge-server/staff-book.ts";
import { toBase64url } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import type { Policy } from "../shared/policy.ts";
import { usualStaffRules } from "../shared/staff-rules.ts";
import type { ReadTransaction } from "../shared/transaction.ts";
import { drawKey, samplePolicy } from "./sample.ts";
import { type Person, workShift } from "./staff-world.ts";
import type { World } from "./terminal-world.ts";

type Written = { [field: string]: unknown; kind: string };

const epoch = toBase64url(new Uint8Array(16).fill(7));
const limits = { ...usualStaffRules.limits, assistant: { permit: 3, open: 3, annul: 3 } };
const policy: Policy = { ...samplePolicy, staff: { ...usualStaffRules, limits, keyFor: ["open"] } };

let world: World;
let assistant: Person;
let supervisor: Person;
let key: SigningKey;
let log: Written[];

const rowOf = ({ staff }: Person, role: StaffRow["role"], change: Partial<StaffRow> = {}): StaffRow => {
  const when = { issuedAt: 0, expiresAt: world.now() + 86_400, revokedAt: null };
  return { staff, name: role, role, sites: [world.site], ...when, keys: [{ id: "key-1", jwk: key.jwk }], ...change };
};

beforeEach(async () => {
  ({ world, assistant, supervisor, key } = await workShift(policy));
  log = structuredClone(world.written()) as Written[];
});

const audit = async (change: Partial<OverrideKeys> = {}, entries: readonly Written[] = log) => {
  const staff = [rowOf(assistant, "assistant", { keys: [] }), rowOf(supervisor, "supervisor")];
  const look = createOverrideAudit({ terminal: "t-1", site: world.site, staff, policy: () => policy, ...change });
  const wrong: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = { epoch, seq: index + 1, isTold: false };
    wrong.push(...(await look(entry as unknown as ReadTransaction, place)));
  }
  return wrong;
};

const find = (kind: string, effect?: string): Written => {
  const found = log.find((each) => each.kind === kind && (effect === undefined || each.effect === effect));
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

it("a shift as a terminal writes it passes, with the operator's records and without", async () => {
  expect(await audit()).toEqual([]);
  expect(await audit({ site: null, staff: null })).toEqual([]);
});

describe("named", () => {
  const another = { terminal: "t-1", epoch, seq: 1 };
  it.each<[string, () => void, string]>([
    ["no badge", () => Object.assign(find("override"), { badges: [], staff: [] }), "without a badge"],
    ["a badge that is not there", () => Object.assign(find("override"), { badges: [another] }), "without a badge that"],
    ["somebody else's badge", () => Object.assign(find("override"), { staff: ["other"] }), "without a badge that"],
    ["a badge that was refused", () => Object.assign(find("badge"), { result: "revoked" }), "without a badge that"],
    [
      "a badge of yesterday",
      () => Object.assign(find("badge"), { at: 1_800_000_000 - 90_000 }),
      "without a badge that",
    ],
    ["a badge for another site", () => Object.assign(find("badge"), { sites: ["x"], site: "x" }), "a badge for x"],
    [
      "a badge with a role that it has not",
      () => Object.assign(find("badge"), { role: "supervisor" }),
      "something else",
    ],
    ["a refusal that is not there", () => Object.assign(find("override"), { of: another }), "names a refusal"],
    ["no refusal at all", () => Object.assign(find("override"), { of: null }), "names a refusal"],
    ["better terms than were due", () => better(), "better terms"],
    ["worse terms than were due", () => worse(), "worse terms"],
    ["one person for two", () => alone(), "by one person"],
    ["one person's badge twice", () => twice(), "by one person"],
    [
      "an act that the role has not",
      () => Object.assign(find("override"), { effect: "close" }),
      "close is not for assistant",
    ],
    [
      "an effect that nobody knows",
      () => Object.assign(find("override"), { effect: "gift" }),
      "an effect that is not known",
    ],
    [
      "no key where one is asked for",
      () => Reflect.deleteProperty(find("override", "open"), "assertion"),
      "without the security key",
    ],
    [
      "a key that signed for something else",
      () => Object.assign(find("override", "open"), { reason: "x" }),
      "for something else",
    ],
    ["an attempt that says another", () => Object.assign(find("attempt"), { of: another }), "did not sign this"],
    ["what is not there taken back", () => Object.assign(find("annulled"), { of: another }), "takes back what"],
    [
      "an entry without what it rests on",
      () => Reflect.deleteProperty(find("override"), "badges"),
      "without what it rests on",
    ],
    [
      "the same in a later version",
      () => {
        Object.assign(find("override"), { v: 2 });
        Reflect.deleteProperty(find("override"), "badges");
      },
      "without what it rests on",
    ],
    [
      "a permit by another name",
      () => Object.assign(find("override"), { kind: "remark" }),
      "moved for what let nobody",
    ],
    [
      "an open gate by another name",
      () => Object.assign(find("override", "open"), { kind: "mode" }),
      "moved for what let nobody",
    ],
    [
      "a machine that moved for a refusal",
      () => Object.assign(find("override"), { kind: "acted", of: find("override").of, outcome: "completed" }),
      "moved for what let nobody",
    ],
    ["what goes on with nothing", () => Object.assign(find("override"), { under: another }), "goes on with what"],
  ])("%s", async (_, falsify, said) => {
    falsify();
    expect((await audit()).join("; ")).toContain(said);
  });

  it("over the limit of a shift", async () => {
    const again = Array.from({ length: 3 }, () => structuredClone(find("override")));
    const wrong = await audit({}, [...log, ...again]);
    expect(wrong.filter((each) => each === "over the limit of a shift")).toHaveLength(2);
  });

  it("a terminal elsewhere than it says, a badge that nobody has, was revoked, or had ended", async () => {
    expect((await audit({ site: "elsewhere" })).join()).toContain("not elsewhere");
    expect((await audit({ staff: [rowOf(supervisor, "supervisor")] })).join()).toContain("nobody has the badge");
    const rows = (change: Partial<StaffRow>) => [
      rowOf(assistant, "assistant", change),
      rowOf(supervisor, "supervisor"),
    ];
    expect((await audit({ staff: rows({ revokedAt: 5 }) })).join()).toContain("was revoked before");
    expect((await audit({ staff: rows({ expiresAt: 5 }) })).join()).toContain("had ended");
  });

  it("a key that is not theirs", async () => {
    const jwk = (await drawKey()).jwk;
    const staff = [rowOf(assistant, "assistant"), rowOf(supervisor, "supervisor", { keys: [{ id: "key-1", jwk }] })];
    expect((await audit({ staff: [staff[1] as StaffRow, { ...(staff[0] as StaffRow), keys: [] }] })).join()).toContain(
      "did not sign this: bad-signature",
    );
  });

  const better = (): void => {
    const found = find("override");
    Object.assign(found, { terms: { ...(found.terms as object), priceFactor: 0 } });
  };
  const worse = (): void => {
    const found = find("override");
    Object.assign(found, { terms: { ...(found.terms as object), priceFactor: 1000 } });
  };
  const alone = (): void => {
    const found = find("override", "ordinary");
    const [staff, badges] = [found.staff as unknown[], found.badges as unknown[]];
    Object.assign(found, { staff: staff.slice(0, 1), badges: badges.slice(0, 1) });
  };
  const twice = (): void => {
    const found = find("override", "ordinary");
    const [staff, badges] = [found.staff as unknown[], found.badges as unknown[]];
    Object.assign(found, { staff: [staff[0], staff[0]], badges: [badges[0], badges[0]] });
  };
});
