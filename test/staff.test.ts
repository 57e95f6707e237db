/**
 * Staff at a terminal: what a badge opens, that every goal is two touches away, that it is written down before it is done,
 * and that whatever is not right is refused, recorded, and disturbs nobody.
 */
import { beforeEach, describe, expect, it, test } from "vitest";
import { toQrText } from "../shared/credential.ts";
import { readByStaff } from "../shared/override.ts";
import { encodePolicy, type Policy } from "../shared/policy.ts";
import { readReceiptCode } from "../shared/receipt-code.ts";
import { blockedMax, noteCharsMax, reasonsOf, usualReasons, usualStaffRules } from "../shared/staff-rules.ts";
import { drawKey, samplePolicy } from "./sample.ts";
import {
  answerWith,
  badgeFor,
  choicesAt,
  override,
  type Person,
  phoneBadgeFor,
  showBadge,
  stageOf,
} from "./staff-world.ts";
import { createWorld, indexOf, profiles, replayAll, spentCodeOf, type World } from "./terminal-world.ts";

let world: World;
let assistant: Person;
let supervisor: Person;

const begin = async (profile: keyof typeof profiles = "metro", policy: Policy = samplePolicy): Promise<void> => {
  world = await createWorld(profiles[profile], policy, null, true);
  assistant = await badgeFor(world, "assistant");
  supervisor = await badgeFor(world, "supervisor");
};

const withRules = (change: Partial<typeof usualStaffRules>): Policy => ({
  ...samplePolicy,
  staff: { ...usualStaffRules, ...change },
});

/** Somebody whose second tap was too soon. */
const passback = async (index: number = indexOf.band2): Promise<void> => {
  const phone = await world.phone(index);
  await world.scan(await phone.code());
  await world.pass(3);
  await world.scan(await phone.code());
  expect(world.screen()).toMatchObject({ name: "refer", reason: "passback" });
};

const last = (kind: string) => world.written(kind).at(-1);
const seqOf = (found: unknown): number =>
  world.written().findIndex((each) => JSON.stringify(each) === JSON.stringify(found)) + 1;
const seqOfLast = (kind: string): number => world.written().findLastIndex((each) => each.kind === kind) + 1;

beforeEach(() => begin());

describe("after a refusal", () => {
  it("two touches let somebody through, with what they were due; the refusal stays, and is named", async () => {
    await passback();
    const refused = seqOfLast("decided");
    const before = world.written().length;
    await showBadge(world, assistant);
    expect(world.staff()).toMatchObject({ stage: "choices", role: "assistant", refusal: "passback" });
    expect(choicesAt(world)).toEqual(["permit", "open"]);
    await override(world, "permit", "twice");

    expect(world.staff()).toBe(null);
    expect(world.screen()).toMatchObject({ name: "result", stage: "done", granted: { terms: "perk" } });
    expect(
      world
        .written()
        .slice(before)
        .map((each) => each.kind),
    ).toEqual(["badge", "override", "acted"]);
    expect(last("override")).toMatchObject({
      of: { seq: refused },
      staff: [assistant.staff],
      badges: [{ seq: seqOfLast("badge") }],
      factor: "badge",
      reason: "twice",
      effect: "permit",
      terms: { priceFactor: 800 },
      perk: "fare-20-off",
    });
    expect(last("acted")).toMatchObject({ of: { seq: seqOfLast("override") }, outcome: "completed" });
    expect(world.commands.at(-1)).toMatchObject({
      command: { kind: "open-gate" },
      entriesBefore: seqOfLast("override"),
    });
    expect(world.entries()[seqOfLast("override") - 1]?.personal?.text).toContain("pseudonym");
    expect(replayAll(world.entries(), samplePolicy)).not.toContain(false);
  });

  describe("words of their own", () => {
    const [pack] = samplePolicy.packs;
    const reasons = [{ id: "other", name: { zh: "其他", en: "Something else" } }];
    const allowing = (freeText: boolean): Policy => ({
      ...samplePolicy,
      packs: pack === undefined ? [] : [{ ...pack, overrides: { reasons, freeText } }],
    });
    const say = async (note: string): Promise<void> => {
      await passback();
      await showBadge(world, assistant);
      await world.press({ kind: "staff-do", effect: "permit" });
      await world.press({ kind: "staff-reason", reason: "other", note });
      await world.terminal().settled();
    };
    const besideLast = () => JSON.parse(world.entries()[seqOfLast("override") - 1]?.personal?.text ?? "{}");

    it("are kept beside the entry, where the pack allows them, bounded and on one line", async () => {
      await begin("metro", allowing(true));
      await say("  电梯坏了\n\t\u0000 lift  broken ");
      expect(besideLast()).toMatchObject({ note: "电梯坏了 lift broken", pseudonym: expect.any(String) });
      expect(JSON.stringify(world.written())).not.toContain("lift");
      await showBadge(world, assistant);
      await world.press({ kind: "staff-do", effect: "annul" });
      await world.press({ kind: "staff-reason", reason: "other", note: "字".repeat(500) });
      await world.terminal().settled();
      const beside = world.entries()[seqOfLast("annulled") - 1]?.personal?.text ?? "";
      expect(JSON.parse(beside)).toEqual({ note: "字".repeat(noteCharsMax) });
    });

    it.each([
      ["where the pack does not allow them", false, "lift broken"],
      ["that are none", true, " \n "],
      ["that a scanner typed", true, "GL1:6BF.XQF"],
    ])("%s: nothing is kept", async (_, freeText, note) => {
      await begin("metro", allowing(freeText));
      await say(note);
      expect(last("override")).toMatchObject({ reason: "other" });
      expect(besideLast().note).toBe(undefined);
    });

    it("are asked for only where the pack allows them", async () => {
      for (const freeText of [true, false]) {
        await begin("metro", allowing(freeText));
        await passback();
        await showBadge(world, assistant);
        await world.press({ kind: "staff-do", effect: "permit" });
        expect(world.staff()).toMatchObject({ stage: "reason", canWrite: freeText });
      }
    });
  });

  it("a code that was not to be believed is due what everybody is, and so is one that is nobody's any more", async () => {
    for (const [text, reason] of [
      ["https://example.org/ticket", "not-ours"],
      [await (await world.phone(indexOf.revoked)).code(), "revoked"],
    ] as const) {
      await world.scan(text);
      expect(world.screen()).toMatchObject({ reason });
      await showBadge(world, assistant);
      await override(world, "permit", "unreadable");
      const refused = world.written().find((each) => (each.result as { reason?: string })?.reason === reason);
      expect(last("override")).toMatchObject({ of: { seq: seqOf(refused) }, terms: { priceFactor: 900 }, perk: null });
      expect(world.entries()[seqOfLast("override") - 1]?.personal).toBe(null);
      await world.pass(10);
    }
  });

  it("nobody is let through twice for one refusal, nor for one of long ago", async () => {
    await passback();
    await showBadge(world, assistant);
    await override(world, "permit");
    await showBadge(world, assistant);
    expect(world.staff()).toMatchObject({ refusal: null });
    expect(choicesAt(world)).not.toContain("permit");
    await world.press({ kind: "staff-close" });
    await passback(indexOf.band1);
    await world.pass(200);
    await showBadge(world, assistant);
    expect(choicesAt(world)).not.toContain("permit");
  });

  it("a desk goes on with a session, item by item, on the terms that staff gave", async () => {
    await begin("library");
    await world.scan("https://example.org/x");
    await showBadge(world, assistant);
    await override(world, "permit", "phone-broken");
    expect(world.screen()).toMatchObject({ name: "session", stage: "terms", granted: { terms: "ordinary" } });
    await world.press({ kind: "agree" });
    for (const item of ["LIB-1", "LIB-2", "LIB-3"]) await world.scan(item);
    expect(world.screen()).toMatchObject({ stage: "items", items: [{ item: "LIB-1" }, { item: "LIB-2" }] });
    const [opened, ...items] = world.written("override");
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ under: { seq: seqOf(opened) }, action: "checkout", of: opened?.of });
    expect(world.commands.map(({ command }) => command.kind)).toEqual(["release-item", "release-item"]);
  });

  it("a station lets them choose a dock", async () => {
    await begin("bike");
    await world.scan("https://example.org/x");
    await showBadge(world, assistant);
    await override(world, "permit", "phone-broken");
    await world.press({ kind: "choose-dock", dock: "1" });
    await world.press({ kind: "agree" });
    expect(world.commands.at(-1)?.command).toEqual({ kind: "unlock-dock", dock: "1" });
    expect(last("acted")).toMatchObject({ of: { seq: seqOfLast("override") }, outcome: "completed" });
  });
});

describe("ordinary terms though the code is genuine", () => {
  it("takes two people, one of them a supervisor, and says where to object", async () => {
    await passback();
    await showBadge(world, supervisor);
    await override(world, "ordinary", "other");
    expect(world.staff()).toEqual({ name: "staff", warning: null, stage: "second", unfit: null });
    expect(world.written("override")).toEqual([]);
    await showBadge(world, assistant);
    expect(last("override")).toMatchObject({
      effect: "ordinary",
      staff: [supervisor.staff, assistant.staff],
      terms: { priceFactor: 900 },
      perk: null,
    });
    expect(world.staff()).toMatchObject({ stage: "objection", objection: samplePolicy.packs[0]?.objection });
    // By the code of the override itself, and on the same page as any receipt.
    expect(world.staff()).toMatchObject({ receipt: { page: "edge.example.org/why" } });
    const { code } = Object(world.staff()).receipt;
    expect(readReceiptCode(code)?.seq).toBe(seqOfLast("override"));
    expect(world.screen()).toMatchObject({ name: "result", granted: { terms: "ordinary" } });
  });

  it.each(["same-person", "not-a-supervisor"] as const)(
    "%s: refused, recorded, and still waited for",
    async (unfit) => {
      await passback();
      await showBadge(world, supervisor);
      await override(world, "ordinary", "other");
      const second = unfit === "same-person" ? supervisor : await badgeFor(world, "technician");
      await showBadge(world, second);
      expect(world.staff()).toMatchObject({ stage: "second", unfit });
      expect(last("badge")).toMatchObject({ result: unfit, staff: second.staff });
      expect(world.written("override")).toEqual([]);
      await showBadge(world, assistant);
      expect(world.written("override")).toHaveLength(1);
    },
  );

  it("is offered for every genuine code, whatever it would have had: who looks on learns nothing", async () => {
    const offered: unknown[] = [];
    for (const index of [indexOf.none, indexOf.band1, indexOf.band2, indexOf.band3, indexOf.suspended]) {
      await begin();
      await passback(index);
      await showBadge(world, supervisor);
      offered.push(world.staff());
    }
    for (const each of offered) expect(each).toEqual(offered[0]);
  });
});

describe("without a refusal", () => {
  it("the gate opens for somebody in need, or inside with a dead phone", async () => {
    await showBadge(world, assistant);
    expect(choicesAt(world)).toEqual(["open"]);
    await override(world, "open", "assistance");
    expect(last("override")).toMatchObject({ of: null, effect: "open", reason: "assistance", terms: null });
    expect(last("acted")).toMatchObject({ of: { seq: seqOfLast("override") } });
    expect(world.staff()).toMatchObject({ stage: "choices", notice: { kind: "done", effect: "open" } });
  });

  it("a gate that does not move is said, and takes the lane out of service", async () => {
    world.faults.outcome = "fault";
    await showBadge(world, assistant);
    await override(world, "open", "assistance");
    expect(world.staff()).toMatchObject({ notice: { kind: "failed" } });
    expect(world.written("mode").at(-1)).toMatchObject({ mode: "out-of-service" });
  });

  it("the last transaction is taken back: by a supervisor any, by an assistant what they permitted", async () => {
    await world.scan(await (await world.phone(indexOf.band2)).code());
    const permitted = seqOfLast("decided");
    await showBadge(world, assistant);
    expect(choicesAt(world)).not.toContain("annul");
    await showBadge(world, supervisor);
    await override(world, "annul", "our-fault");
    expect(last("annulled")).toMatchObject({ of: { seq: permitted }, staff: [supervisor.staff], reason: "our-fault" });
    expect(choicesAt(world)).not.toContain("annul");

    await world.press({ kind: "staff-close" });
    await passback(indexOf.band1);
    await showBadge(world, assistant);
    await override(world, "permit");
    const own = seqOfLast("override");
    await showBadge(world, assistant);
    expect(choicesAt(world)).toContain("annul");
    await override(world, "annul", "our-fault");
    expect(last("annulled")).toMatchObject({ of: { seq: own }, staff: [assistant.staff] });
  });

  it("a dock goes out of use and comes back, also over a restart", async () => {
    await begin("bike");
    await showBadge(world, supervisor);
    await world.press({ kind: "staff-do", effect: "block" });
    await world.press({ kind: "staff-dock", dock: "1" });
    await world.press({ kind: "staff-reason", reason: "our-fault" });
    await world.terminal().settled();
    await world.restart();
    await world.press({ kind: "start-return" });
    expect(world.screen()).toMatchObject({ stage: "dock", docks: [{ dock: "2" }] });
    await world.press({ kind: "leave" });
    await showBadge(world, supervisor);
    expect(choicesAt(world)).toContain("free");
    await world.press({ kind: "staff-do", effect: "free" });
    await world.press({ kind: "staff-dock", dock: "1" });
    await world.press({ kind: "staff-reason", reason: "works" });
    await world.press({ kind: "staff-close" });
    await world.press({ kind: "start-return" });
    expect(world.screen()).toMatchObject({ docks: [{ dock: "1" }, { dock: "2" }] });
  });
});

describe("an item", () => {
  const borrow = async (...items: readonly string[]) => {
    await world.scan(await (await world.phone(indexOf.band2)).code());
    await world.press({ kind: "agree" });
    for (const item of items) await world.scan(item);
    return world.screen();
  };

  it("that staff scan is lent no more, can be brought back, and is lent again, also over a restart", async () => {
    await begin("library");
    await showBadge(world, supervisor);
    await world.press({ kind: "staff-do", effect: "block" });
    expect(world.staff()).toEqual({ name: "staff", warning: null, stage: "item", isOdd: false });
    await world.scan("no item: of ours");
    expect(world.staff()).toMatchObject({ stage: "item", isOdd: true });
    await world.scan("LIB-7");
    expect(stageOf(world)).toBe("reason");
    await world.press({ kind: "staff-reason", reason: "our-fault" });
    await world.terminal().settled();
    expect(last("override")).toMatchObject({ effect: "block", blocked: "LIB-7", terms: null, of: null });
    await world.press({ kind: "staff-close" });
    await world.restart();

    const commands = world.commands.length;
    expect(await borrow("LIB-8", "LIB-7")).toMatchObject({
      ...{ stage: "items", items: [{ item: "LIB-8" }], notice: { kind: "not-lent", item: "LIB-7" } },
    });
    expect(world.commands.slice(commands).map(({ command }) => command)).toEqual([
      { kind: "release-item", item: "LIB-8" },
    ]);
    await world.press({ kind: "leave" });
    await world.pass(3);
    await world.press({ kind: "start-return" });
    await world.scan("LIB-7");
    expect(world.screen()).toMatchObject({ stage: "returns", items: [{ item: "LIB-7" }] });
    await world.press({ kind: "leave" });

    await showBadge(world, supervisor);
    await world.press({ kind: "staff-do", effect: "free" });
    expect(world.staff()).toMatchObject({ stage: "blocked-items", items: ["LIB-7"] });
    await world.press({ kind: "staff-item", item: "LIB-7" });
    await world.press({ kind: "staff-reason", reason: "works" });
    await world.press({ kind: "staff-close" });
    await world.pass(60);
    expect(await borrow("LIB-7")).toMatchObject({ items: [{ item: "LIB-7" }] });
  });

  it("is scanned by staff alone: an assistant cannot, and a gate has none", async () => {
    await begin("library");
    await showBadge(world, assistant);
    expect(choicesAt(world)).not.toContain("block");
    await world.scan("LIB-7");
    expect(stageOf(world)).toBe("choices");
    await begin("metro");
    await showBadge(world, supervisor);
    expect(choicesAt(world)).not.toContain("block");
  });

  it("is one of so many at most, as many as a start can tell again", async () => {
    await begin("library");
    for (let count = 0; count < blockedMax; count++) {
      await showBadge(world, supervisor);
      await world.press({ kind: "staff-do", effect: "block" });
      await world.scan(`LIB-${count}`);
      await world.press({ kind: "staff-reason", reason: "works" });
      await world.terminal().settled();
    }
    expect(choicesAt(world)).not.toContain("block");
    await world.restart();
    expect(last("standing")).toMatchObject({ blocked: Array.from({ length: blockedMax }, (_, at) => `LIB-${at}`) });
    expect(readByStaff(last("standing") as never)).not.toBe(null);
  });
});

describe("modes", () => {
  const switchTo = async (effect: "close" | "free-passage" | "serve"): Promise<void> => {
    await world.pass(25);
    await showBadge(world, supervisor);
    await override(world, effect, "works");
    await world.press({ kind: "staff-close" });
  };

  it("closed: nobody is served, staff come in, and a restart does not open it", async () => {
    await switchTo("close");
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "closed" });
    const taps = world.written("decided").length;
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(world.written("decided")).toHaveLength(taps);
    await world.restart();
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "closed" });
    await switchTo("serve");
    expect(world.screen()).toMatchObject({ name: "ready" });
  });

  it("what holds is told twice a day, so that a log of one day knows it", async () => {
    await switchTo("close");
    await world.pass(12 * 3600 + 5);
    expect(world.written("standing")).toMatchObject([{ mode: "close", released: false, blocked: [] }]);
    await switchTo("serve");
    await world.pass(12 * 3600 + 5);
    expect(world.written("standing")).toHaveLength(1);
  });

  it("free passage: the gate stands open until it is ended", async () => {
    await switchTo("free-passage");
    expect(world.screen()).toEqual({ name: "passage", service: "metro", cause: "free" });
    expect(world.commands.at(-1)?.command).toEqual({ kind: "hold-open" });
    await switchTo("serve");
    expect(world.commands.at(-1)?.command).toEqual({ kind: "close" });
    expect(world.screen()).toMatchObject({ name: "ready" });
  });

  it("are not switched twice within the cool-down", async () => {
    await showBadge(world, supervisor);
    await override(world, "close", "works");
    await override(world, "serve", "works");
    expect(world.staff()).toMatchObject({ notice: { kind: "declined", cause: "cool-down" } });
    expect(last("declined")).toMatchObject({ effect: "serve", cause: "cool-down", staff: [supervisor.staff] });
    expect(world.written("override")).toHaveLength(1);
  });
});

describe("a fire alarm", () => {
  it("opens everything at once, is recorded, and staff close it again", async () => {
    await world.alarm();
    expect(world.commands.at(-1)?.command).toEqual({ kind: "hold-open" });
    expect(last("release")).toMatchObject({ cause: "alarm" });
    expect(last("acted")).toMatchObject({ of: { seq: seqOfLast("release") }, outcome: "completed" });
    expect(world.screen()).toEqual({ name: "passage", service: "metro", cause: "alarm" });
    await world.alarm();
    expect(world.written("release")).toHaveLength(1);
    await world.restart();
    expect(world.screen()).toMatchObject({ name: "passage" });

    await showBadge(world, await badgeFor(world, "technician"));
    expect(choicesAt(world)).toEqual(["end-release"]);
    await override(world, "end-release", "emergency");
    expect(world.commands.at(-1)?.command).toEqual({ kind: "close" });
    await world.press({ kind: "staff-close" });
    expect(world.screen()).toMatchObject({ name: "ready" });
  });

  it("opens where nothing can be written down, and in the middle of a session", async () => {
    await begin("library");
    await world.scan(await (await world.phone(indexOf.band2)).code());
    world.faults.failAppend = true;
    await world.alarm();
    expect(world.commands.at(-1)?.command).toEqual({ kind: "hold-open" });
  });
});

describe("a badge that is not right is refused, recorded, and disturbs nobody", () => {
  const expectRefused = async (code: string, fault: string): Promise<void> => {
    await world.scan(code);
    expect(world.staff()).toEqual({ name: "staff", warning: null, stage: "refused", fault });
    await world.pass(9);
    expect(world.staff()).toBe(null);
    expect(world.screen()).toMatchObject({ name: "ready" });
    await world.scan(await (await world.phone(indexOf.band3)).code());
    expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
  };

  it("taken back, by its pseudonym or with its issuer", async () => {
    for (const revoked of [assistant.staff, world.badges.kid]) {
      await world.setBundle((bundle) => ({ ...bundle, staff: { v: 1, revoked: [revoked] } }));
      await world.pass(60);
      await expectRefused(assistant.code, "revoked");
      expect(last("badge")).toMatchObject({ staff: assistant.staff, result: "revoked" });
    }
  });

  it("of another site", async () => {
    const foreign = await badgeFor(world, "supervisor", { staff: { role: "supervisor", sites: ["elsewhere"] } });
    await expectRefused(foreign.code, "foreign-site");
    expect(last("badge")).toMatchObject({ result: "foreign-site", sites: ["elsewhere"] });
  });

  it("of a role that nobody knows", async () => {
    await expectRefused((await badgeFor(world, "owner")).code, "unknown-role");
  });

  it("a copy of a phone's badge, also after a restart, and each time it is written down whose it was", async () => {
    const { code: makeCode, staff } = await phoneBadgeFor(world, "supervisor");
    const code = await makeCode();
    await world.scan(code);
    expect(stageOf(world)).toBe("choices");
    await world.press({ kind: "staff-close" });
    await world.pass(5);
    await expectRefused(code, "replay");
    await world.restart();
    await world.scan(code);
    expect(world.staff()).toMatchObject({ stage: "refused", fault: "replay" });
    const results = world.written("badge").map(({ staff, form, result }) => [staff, form, result]);
    expect(results).toEqual([
      [staff, "presentation", "good"],
      [staff, "presentation", "replay"],
      [staff, "presentation", "replay"],
    ]);
    // The phone's next code is another one.
    await world.scan(await makeCode());
    expect(stageOf(world)).toBe("choices");
  });

  it("a copy of a phone's badge that was shown to another terminal of the site", async () => {
    const { code: makeCode } = await phoneBadgeFor(world, "supervisor");
    const copied = await makeCode();
    world.faults.tellSpent(await spentCodeOf(copied, world.now()));
    await expectRefused(copied, "replay");
    await world.pass(1);
    await world.scan(await makeCode());
    expect(stageOf(world)).toBe("choices");
  });

  it("a phone's badge in a picture of a minute ago, without its phone, or taken back", async () => {
    const { code: makeCode, staff, credential } = await phoneBadgeFor(world, "supervisor");
    const old = await makeCode();
    await world.pass(91);
    await expectRefused(old, "stale");
    await world.pass(60);
    await world.scan(toQrText(credential));
    expect(world.staff()?.stage).not.toBe("choices");
    await world.setBundle((bundle) => ({ ...bundle, staff: { v: 1, revoked: [staff] } }));
    await world.pass(60);
    await expectRefused(await makeCode(), "revoked");
    expect(last("badge")).toMatchObject({ staff, form: "presentation", result: "revoked" });
  });

  it("a phone's badge for the same person's second", async () => {
    await passback();
    const { code: makeCode, staff } = await phoneBadgeFor(world, "supervisor");
    await showBadge(world, { code: await makeCode() });
    await world.press({ kind: "staff-do", effect: "ordinary" });
    await world.press({ kind: "staff-reason", reason: "our-fault" });
    await showBadge(world, { code: await makeCode() });
    expect(world.staff()).toMatchObject({ stage: "second", unfit: "same-person" });
    await showBadge(world, assistant);
    expect(last("override")).toMatchObject({ effect: "ordinary", staff: [staff, assistant.staff] });
  });

  it.each([
    ["expired", (at: number) => ({ iat: at - 5000, exp: at - 10 }), "expired"],
    ["too long a life", (at: number) => ({ exp: at + 500 * 86_400 }), "life-too-long"],
    ["of tomorrow", (at: number) => ({ nbf: at + 86_000, iat: at, exp: at + 90_000 }), "not-yet-valid"],
  ])("%s", async (_, change, fault) => {
    const bad = await badgeFor(world, "supervisor", change(world.now()));
    await expectRefused(bad.code, fault);
    expect(world.written("badge")).toEqual([]);
    expect(world.written("decided").map((each) => (each.result as { reason: string }).reason)).toContain(fault);
  });

  it("a staff credential under a citizen's key, a citizen's under a staff key, and one under nobody's", async () => {
    const mine = await badgeFor(world, "supervisor", {}, world.issuer);
    await expectRefused(mine.code, "unknown-issuer");
    await world.pass(60);
    const forged = await badgeFor(world, "supervisor", {}, await drawKey());
    await expectRefused(forged.code, "unknown-issuer");
    await world.pass(60);
    const { createPhone } = await import("./terminal-world.ts");
    const citizen = await createPhone(world.badges, { now: world.now } as never, 4, "phone");
    await world.scan(await citizen.code());
    expect(world.screen()).toMatchObject({ name: "refer", reason: "unknown-issuer" });
    expect(world.staff()).toBe(null);
  });

  it("one that is refused is nothing that staff would answer", async () => {
    await world.scan((await badgeFor(world, "supervisor", {}, await drawKey())).code);
    await showBadge(world, assistant);
    expect(world.staff()).toMatchObject({ refusal: null });
  });

  it("many forged ones in a row are one entry with a count", async () => {
    const before = world.written().length;
    for (let each = 0; each < 20; each++) {
      await world.scan((await badgeFor(world, "supervisor", {}, await drawKey())).code);
      await world.pass(1);
    }
    await world.pass(70);
    expect(world.written().length - before).toBeLessThanOrEqual(2);
  });
});

describe("limits", () => {
  it("over the limit of a shift: refused and recorded, also without a network and over a restart; tomorrow again", async () => {
    const limits = { ...usualStaffRules.limits, assistant: { permit: 1, open: 2, annul: 1 } };
    await begin("metro", withRules({ limits, shiftSeconds: 3600 }));
    for (let times = 0; times < 2; times++) {
      await showBadge(world, assistant);
      await override(world, "open", "assistance");
    }
    await world.restart();
    await showBadge(world, assistant);
    await override(world, "open", "assistance");
    expect(world.staff()).toMatchObject({ notice: { kind: "declined", cause: "over-limit" } });
    expect(last("declined")).toMatchObject({ effect: "open", cause: "over-limit" });
    expect(world.written("override")).toHaveLength(2);

    await showBadge(world, supervisor);
    await override(world, "open", "assistance");
    expect(world.written("override")).toHaveLength(3);
    await world.pass(3600);
    await showBadge(world, assistant);
    await override(world, "open", "assistance");
    expect(world.written("override")).toHaveLength(4);
  });

  it("a role that may not is not asked, and cannot", async () => {
    await showBadge(world, assistant);
    await override(world, "close", "works");
    expect(last("declined")).toMatchObject({ effect: "close", cause: "not-allowed" });
    expect(world.screen()).toMatchObject({ name: "ready" });
    await world.press({ kind: "staff-close" });
    await passback();
    await showBadge(world, await badgeFor(world, "technician"));
    expect(choicesAt(world)).toEqual([]);
    await override(world, "permit");
    expect(last("declined")).toMatchObject({ effect: "permit", cause: "not-allowed" });
  });

  it("a reason that is none of those offered is none", async () => {
    await showBadge(world, assistant);
    await override(world, "open", "because");
    expect(world.written("override")).toEqual([]);
    expect(stageOf(world)).toBe("reason");
  });
});

describe("a security key", () => {
  let key: Awaited<ReturnType<typeof drawKey>>;

  beforeEach(async () => {
    await begin("metro", withRules({ keyFor: ["open"] }));
    key = await drawKey();
    const own = { staff: assistant.staff, id: "key-1", jwk: key.jwk };
    await world.setBundle((bundle) => ({ ...bundle, staff: { v: 1, revoked: [], keys: [own] } }));
  });

  it("is asked for where the rules say so; the attempt is counted first, and what it signed is kept", async () => {
    const asked: number[] = [];
    world.faults.key = async (...given) => {
      asked.push(world.written("attempt").length);
      return answerWith(key)(...given);
    };
    await showBadge(world, assistant);
    await override(world, "open", "emergency");
    expect(asked).toEqual([1]);
    expect(last("attempt")).toMatchObject({
      staff: assistant.staff,
      factor: "key",
      effect: "open",
      reason: "emergency",
    });
    expect(last("override")).toMatchObject({
      factor: "badge+key",
      assertion: { attempt: seqOfLast("attempt"), id: "key-1" },
    });
  });

  it("nobody has one: said, and nothing happens", async () => {
    await showBadge(world, supervisor);
    await override(world, "open", "emergency");
    expect(world.staff()).toMatchObject({ notice: { kind: "declined", cause: "no-key" } });
    expect(world.commands).toEqual([]);
  });

  it("five tries that are not right lock the badge out here, also over a restart, for a quarter of an hour", async () => {
    world.faults.key = answerWith(await drawKey());
    for (let tries = 0; tries < 5; tries++) {
      await showBadge(world, assistant);
      await override(world, "open", "emergency");
      expect(last("declined")).toMatchObject({ cause: "key-refused" });
    }
    expect(world.written("override")).toEqual([]);
    await world.restart();
    await showBadge(world, assistant);
    expect(world.staff()).toMatchObject({ stage: "refused", fault: "locked-out" });
    expect(last("badge")).toMatchObject({ result: "locked-out" });
    await showBadge(world, supervisor);
    expect(stageOf(world)).toBe("choices");

    await world.pass(15 * 60);
    world.faults.key = answerWith(key);
    await showBadge(world, assistant);
    await override(world, "open", "emergency");
    expect(world.written("override")).toHaveLength(1);
  });

  it("one that is right makes up for those that were not, and nothing else does", async () => {
    const tryKey = async (answer: ReturnType<typeof answerWith>, times: number): Promise<void> => {
      world.faults.key = answer;
      for (let tries = 0; tries < times; tries++) {
        await showBadge(world, assistant);
        await override(world, "open", "emergency");
      }
    };
    const wrong = answerWith(await drawKey());
    await tryKey(wrong, 4);
    await tryKey(answerWith(key), 1);
    await tryKey(wrong, 3);
    await world.press({ kind: "staff-close" });
    await passback();
    await showBadge(world, assistant);
    await override(world, "permit");
    await tryKey(wrong, 1);
    await showBadge(world, assistant);
    expect(stageOf(world)).toBe("choices");
    await override(world, "open", "emergency");
    await showBadge(world, assistant);
    expect(world.staff()).toMatchObject({ stage: "refused", fault: "locked-out" });
  });

  it.each([
    ["no answer", async () => null],
    ["one from another page", answerWith],
  ])("%s: refused", async (_, answer) => {
    world.faults.key = answer === answerWith ? answerWith(key, "https://evil.example.org") : async () => null;
    await showBadge(world, assistant);
    await override(world, "open", "emergency");
    expect(world.staff()).toMatchObject({ notice: { kind: "declined", cause: "key-refused" } });
    expect(world.written("override")).toEqual([]);
  });

  it("is made known at the terminal: written down for the operator, and good for nothing until they say so", async () => {
    const made = { id: "key-9", jwk: (await drawKey()).jwk };
    world.faults.newKey = made;
    await showBadge(world, supervisor);
    const badge = seqOfLast("badge");
    await world.press({ kind: "staff-key" });
    expect(world.staff()).toMatchObject({ stage: "choices", notice: { kind: "offered" } });
    expect(last("offered-key")).toMatchObject({ ...made, staff: supervisor.staff, badge: { seq: badge } });
    await override(world, "open", "emergency");
    expect(world.staff()).toMatchObject({ notice: { kind: "declined", cause: "no-key" } });

    world.faults.newKey = null;
    await world.press({ kind: "staff-key" });
    expect(world.staff()).toMatchObject({ notice: { kind: "declined", cause: "key-refused" } });
    expect(world.written("offered-key")).toHaveLength(1);
  });

  it("nothing of it is on the disk but what it signed", async () => {
    world.faults.key = answerWith(key);
    await showBadge(world, assistant);
    await override(world, "open", "emergency");
    const disk = JSON.stringify(world.written());
    expect(disk).not.toContain(key.jwk.x);
    expect(disk).not.toContain(assistant.code.slice(4, 60));
  });
});

describe("the screen", () => {
  it("opens at any moment, over a session that goes on, and while the gate is still moving", async () => {
    await begin("library");
    await world.scan(await (await world.phone(indexOf.band2)).code());
    await world.press({ kind: "agree" });
    await showBadge(world, assistant);
    expect(stageOf(world)).toBe("choices");
    await world.press({ kind: "staff-close" });
    await world.scan("LIB-7");
    expect(world.screen()).toMatchObject({ stage: "items", items: [{ item: "LIB-7" }] });

    await begin();
    let done = (): void => {};
    world.faults.holdGate = new Promise((resolve) => {
      done = resolve;
    });
    await world.scan(await (await world.phone(indexOf.band2)).code());
    await world.scan(assistant.code);
    world.faults.holdGate = null;
    done();
    await world.terminal().settled();
    expect(stageOf(world)).toBe("choices");
  });

  it("closes by itself, warned of for 25 s, and can be put off", async () => {
    await showBadge(world, assistant);
    await world.pass(60);
    expect(world.staff()).toMatchObject({ warning: 25 });
    await world.press({ kind: "more-time" });
    expect(world.staff()).toMatchObject({ warning: null });
    await world.pass(60 + 24);
    expect(world.staff()).toMatchObject({ warning: 1 });
    await world.pass(2);
    expect(world.staff()).toBe(null);
  });

  it("a citizen's code is not read while it is open", async () => {
    await showBadge(world, assistant);
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(world.written("decided")).toEqual([]);
  });

  it("a broken gate is put back by a badge, and by nobody without one", async () => {
    world.faults.outcome = "fault";
    await world.scan(await (await world.phone(indexOf.band2)).code());
    await world.pass(10);
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "gate" });
    await world.press({ kind: "try-again" });
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "gate" });
    world.faults.outcome = "completed";
    await showBadge(world, await badgeFor(world, "technician"));
    expect(choicesAt(world)).toEqual(["serve-again"]);
    await override(world, "serve-again", "works");
    await world.press({ kind: "staff-close" });
    expect(world.screen()).toMatchObject({ name: "ready" });
    expect(world.written("mode").at(-1)).toMatchObject({ mode: "in-service" });
  });

  test("a disk that does not take the override: nothing moves, and the terminal is out of service", async () => {
    await showBadge(world, assistant);
    world.faults.failAppend = true;
    await override(world, "open", "emergency");
    expect(world.commands).toEqual([]);
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "storage" });
  });
});

it("reasons are the pack's, and an emergency is one wherever a pack forgot it", () => {
  const name = { zh: "原因", en: "a reason" };
  const ids = (...own: readonly string[]) =>
    reasonsOf({ programme: "here", overrides: { reasons: own.map((id) => ({ id, name })) } }).map(({ id }) => id);
  expect(ids("flood", "emergency")).toEqual(["flood", "emergency", "works"]);
  expect(ids()).toEqual(usualReasons.map(({ id }) => id));
  expect(reasonsOf(null)).toBe(usualReasons);
});

it("the policy takes rules for staff, and goes on without", () => {
  expect(encodePolicy(samplePolicy)).not.toContain("staff");
});
