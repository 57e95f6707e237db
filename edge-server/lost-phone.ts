/**
 * The issuer, where a citizen's phone is gone (shared/recovery). While the phone is there, its key registers a recovery
 * code; later whoever has the code suspends the credential, takes that back, or moves it to another key.
 *
 * A thief who can open the phone can make a code as well. So a code that is used ends those made after it, never one made
 * before: the citizen's own always has the last word. It stays good, also where an answer was lost on its way.
 *
 * The subject stays, and with it the pseudonym: what was borrowed can be brought back. The place in the list is a new one.
 */
import { type Bytes, sha256 } from "../shared/bytes.ts";
import { decodeCredential } from "../shared/credential.ts";
import { importPublicKey } from "../shared/keys.ts";
import { proofAgeMaxSeconds } from "../shared/proof.ts";
import { type Loss, openLoss, openRecovery } from "../shared/recovery.ts";
import type { Instant } from "../shared/terms.ts";
import type { Citizen } from "./citizens.ts";
import { type IssuerEdges, issueFor, readEarlier } from "./issuer.ts";
import type { Registry } from "./ports.ts";

/** As many as one citizen may have. */
export const recoveriesMax = 8;

export type LostPhoneEdges = IssuerEdges & {
  readonly registry: Pick<Registry, "list" | "losses" | "putLoss" | "dropLoss">;
  /** Terminals are to hear of it. */
  readonly publish: () => Promise<unknown>;
};

type Refused = { readonly kind: "refused"; readonly problem: "recovery-refused"; readonly detail: string };
export type Registered = { readonly kind: "registered" } | Refused;
/** `credential`: of the key that took over; null where nothing was issued. */
export type LossAnswered = { readonly kind: "done"; readonly credential: Bytes | null } | Refused;

/** Never throws for anything in `body`. */
export const registerRecovery = async (edges: IssuerEdges, body: Bytes, now: Instant): Promise<Registered> => {
  const asked = openRecovery(body);
  if (asked === null) return refuse("not a recovery code registered by a holder's key");
  if (isOld(asked.at, now)) return refuse(oldAnswer);
  const earlier = await readEarlier(asked.credential, edges.key);
  const holder = decodeCredential(asked.credential)?.claims.holder;
  const key = holder === undefined ? null : await importPublicKey(holder);
  if (earlier === "not-ours" || key === null) return refuse("the credential was not issued here to a phone");
  if (!(await asked.isSignedBy(key))) return refuse("not signed by the credential's own key");
  const citizen = edges.citizens.bySub(earlier.sub);
  if (citizen === null || (citizen.holderKid !== null && citizen.holderKid !== key.kid)) return refuse(blockedAnswer);
  if (edges.registry.losses(listOf(edges, citizen)).some(({ index }) => index === citizen.index)) {
    return refuse(blockedAnswer);
  }
  return edges.citizens.addRecovery(citizen.handle, asked.recovery, recoveriesMax)
    ? { kind: "registered" }
    : refuse(`there are ${recoveriesMax} recovery codes already: use one of them`);
};

/** Never throws for anything in `body`. */
export const answerLoss = async (edges: LostPhoneEdges, body: Bytes, now: Instant): Promise<LossAnswered> => {
  const loss = await openLoss(body);
  if (loss === null) return refuse("not a loss reported by the key that it carries");
  if (isOld(loss.at, now)) return refuse(oldAnswer);
  const recovery = await sha256(loss.recovery);
  const citizen = edges.citizens.byRecovery(recovery);
  if (citizen === null) return refuse("nobody has this recovery code: check what you typed, or ask the service desk");
  const changed = change(edges, citizen, recovery, loss);
  if (changed.kind === "refused") return changed;
  await edges.publish();
  const { moved } = changed;
  return { kind: "done", credential: moved === null ? null : await issueFor(edges.key, moved, loss.key.jwk, now) };
};

type Changed = { readonly kind: "changed"; readonly moved: Citizen | null } | Refused;

/** In one go: nobody else takes the place meanwhile. */
const change = (edges: LostPhoneEdges, citizen: Citizen, recovery: Bytes, { wanted, key }: Loss): Changed => {
  const { registry, citizens } = edges;
  const list = listOf(edges, citizen);
  const { index } = citizen;
  citizens.endLaterRecoveries(recovery);
  switch (wanted) {
    case "suspend":
      registry.putLoss(list, { index, standing: "suspended", movedTo: null });
      return { kind: "changed", moved: null };
    case "resume":
      registry.dropLoss(list, index);
      return { kind: "changed", moved: null };
    case "replace": {
      const holder = citizens.byHolder(key.kid);
      if (holder !== null && holder.sub !== citizen.sub)
        return refuse("this key is somebody's already: make a new one");
      if (holder !== null) return { kind: "changed", moved: holder };
      const movedTo = citizens.nextPlace(citizen.list);
      if (movedTo >= (registry.list(list)?.entries ?? 0)) return refuse("the list has no free place left");
      // First what stops the thief. Cut off here, the code is still good, and the same is done again.
      registry.putLoss(list, { index, standing: "revoked", movedTo });
      return {
        kind: "changed",
        moved: citizens.move(citizen.handle, { index: movedTo, holderKid: key.kid }),
      };
    }
  }
};

const listOf = ({ programme }: IssuerEdges, { list }: Citizen) => ({ programme, list });

const isOld = (at: Instant, now: Instant): boolean => Math.abs(now - at) > proofAgeMaxSeconds;
const oldAnswer = "made more than 300 s away from the time here";
const blockedAnswer = "the credential was reported lost";

const refuse = (detail: string): Refused => ({ kind: "refused", problem: "recovery-refused", detail });
