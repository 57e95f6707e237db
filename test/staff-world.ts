/** Staff with their badges and keys, at a terminal of terminal-world.ts. */
import type { StaffScreen } from "../kiosk/session.ts";
import { type Bytes, concatBytes, sha256, toBase64url, toUtf8 } from "../shared/bytes.ts";
import { type CredentialClaims, issueCredential, present, toQrText } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { pseudonymOf } from "../shared/log.ts";
import type { Policy } from "../shared/policy.ts";
import type { OverrideEffect } from "../shared/staff-rules.ts";
import type { Assertion } from "../shared/webauthn.ts";
import { drawKey } from "./sample.ts";
import { createWorld, indexOf, profiles, type World } from "./terminal-world.ts";

export type Person = { readonly code: string; readonly staff: string };

/** A printed badge. */
export const badgeFor = async (
  world: World,
  role: string,
  change: Partial<CredentialClaims> = {},
  by: SigningKey = world.badges,
): Promise<Person> => {
  const sub = change.sub ?? `staff-${crypto.randomUUID().slice(0, 8)}`;
  const iat = world.now() - 1000;
  const staff = { role, sites: [world.site] };
  const credential = await issueCredential({ sub, iat, exp: iat + 86_400, staff, ...change }, by);
  return { code: toQrText(credential), staff: await pseudonymOf(world.operatorKey, "staff", sub) };
};

/** The same on a phone, which makes a new code for each moment. */
export const phoneBadgeFor = async (world: World, role: string) => {
  const holder = await drawKey("P-256");
  const iat = world.now() - 1000;
  const claims = { sub: "staff-on-a-phone", iat, exp: iat + 86_400, holder: holder.jwk };
  const credential = await issueCredential({ ...claims, staff: { role, sites: [world.site] } }, world.badges);
  return {
    code: async () => toQrText(await present(credential, holder, world.now())),
    staff: await pseudonymOf(world.operatorKey, "staff", claims.sub),
    credential,
  };
};

export const stageOf = (world: World): StaffScreen["stage"] | null => world.staff()?.stage ?? null;

export const choicesAt = (world: World): readonly OverrideEffect[] => {
  const screen = world.staff();
  return screen?.stage === "choices" ? screen.choices : [];
};

/** Shows a badge; the same code again counts only after its bounce. */
export const showBadge = async (world: World, { code }: Pick<Person, "code">): Promise<void> => {
  await world.pass(3);
  await world.scan(code);
};

/** Two touches. */
export const override = async (world: World, effect: OverrideEffect, reason = "our-fault"): Promise<void> => {
  await world.press({ kind: "staff-do", effect });
  await world.press({ kind: "staff-reason", reason });
  await world.terminal().settled();
};

/** A security key that answers rightly, unless told to change something. */
export const answerWith =
  (key: SigningKey, origin = "https://edge.example.org") =>
  async (challenge: Bytes, ids: readonly string[]): Promise<Assertion | null> => {
    const said = { type: "webauthn.get", challenge: toBase64url(challenge), origin };
    const client = toUtf8(JSON.stringify(said));
    const authenticator = concatBytes(await sha256(toUtf8("edge.example.org")), Uint8Array.of(1, 0, 0, 0, 1));
    const signature = await key.sign(concatBytes(authenticator, await sha256(client)));
    return { id: ids[0] ?? "", client, authenticator, signature };
  };

/** A shift at a gate: a permit, two people, an open gate with a key, and one taken back. */
export const workShift = async (policy: Policy) => {
  const world = await createWorld(profiles.metro, policy, null, true);
  const [assistant, supervisor] = [await badgeFor(world, "assistant"), await badgeFor(world, "supervisor")];
  const key = await drawKey("Ed25519");
  world.faults.key = answerWith(key);
  const own = { staff: supervisor.staff, id: "key-1", jwk: key.jwk };
  await world.setBundle((bundle) => ({ ...bundle, staff: { v: 1, revoked: [], keys: [own] } }));
  for (const effect of ["permit", "ordinary"] as const) {
    const phone = await world.phone(indexOf.band2, "phone");
    await world.scan(await phone.code());
    await world.pass(3);
    await world.scan(await phone.code());
    await showBadge(world, effect === "permit" ? assistant : supervisor);
    await override(world, effect, "our-fault");
    if (effect === "ordinary") await showBadge(world, assistant);
    await world.pass(90);
  }
  await showBadge(world, supervisor);
  await override(world, "open", "assistance");
  await override(world, "annul", "our-fault");
  const deeds = world.written().filter(({ kind }) => kind === "override" || kind === "annulled");
  if (deeds.length !== 4) throw new Error(`${deeds.length} deeds of 4`);
  return { world, assistant, supervisor, key };
};
