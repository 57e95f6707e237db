/**
 * The issuer of a programme: a proof by the holder's key (shared/proof) buys a credential.
 *
 * - A citizen of the demo city: for the asking. Nobody is asked who they are, which is why a server with a demo city
 *   listens to its own machine only.
 * - Somebody new, with a key of their own: a free place in the list, without a score. Who comes again with the same key
 *   is the same person.
 * - A renewal, or a printed card: whoever has the key of an earlier credential, up to 31 days after its end, unless it
 *   was revoked. Subject and place stay.
 *
 * `judgeProof` is the judgement, pure; `answerProof` looks up what it needs and does what it says.
 */
import { type Bytes, toBase64url } from "../shared/bytes.ts";
import { verifySign1 } from "../shared/cose.ts";
import { decodeCredential, issueCredential, phoneLifeSecondsMax, usualLifeSeconds } from "../shared/credential.ts";
import { importPublicKey, type PublicJwk, type SigningKey } from "../shared/keys.ts";
import { openProof, type Proof, proofAgeMaxSeconds } from "../shared/proof.ts";
import { openStatusList, type Standing, standingAt } from "../shared/status-list.ts";
import type { Instant } from "../shared/terms.ts";
import type { Citizen, Citizens } from "./citizens.ts";
import { listAsPublished } from "./losses.ts";
import type { ListRow, Registry } from "./ports.ts";
import { randomBytes } from "./random.ts";

export const cardLifeSeconds = 365 * 86_400;
/** How long after its end an earlier credential still vouches for its holder. */
export const renewalSecondsMax = phoneLifeSecondsMax;

export type IssuerEdges = {
  readonly programme: string;
  /** The short name of the list that newcomers get a place in. */
  readonly list: string;
  readonly key: SigningKey;
  readonly citizens: Citizens;
  readonly registry: Pick<Registry, "list" | "losses">;
};

export type Issued =
  | { readonly kind: "issued"; readonly credential: Bytes }
  | { readonly kind: "refused"; readonly problem: "proof-refused"; readonly detail: string };

/** Never throws for anything in `body`. */
export const answerProof = async (edges: IssuerEdges, body: Bytes, now: Instant): Promise<Issued> => {
  const proof = await openProof(body);
  if (proof === null) return refuse("not a proof signed by the key that it carries");
  const earlier = proof.credential === null ? null : await readEarlier(proof.credential, edges.key);
  const known = findCitizen(edges.citizens, proof, earlier);
  const verdict = judgeProof({ proof, earlier, known, standing: standingOf(edges, known), now });
  if (verdict.kind === "refused") return refuse(verdict.detail);

  const citizen = verdict.kind === "issue" ? verdict.citizen : enrolNewcomer(edges, proof);
  if (citizen === null) return refuse("the list has no free place left");
  const holder = proof.form === "card" ? null : proof.key.jwk;
  return { kind: "issued", credential: await issueFor(edges.key, citizen, holder, now) };
};

/** What an earlier credential says, once its signature is ours. */
export type EarlierCredential = { readonly sub: string; readonly exp: Instant; readonly holderKid: string | null };

export type Asked = {
  readonly proof: Pick<Proof, "citizen" | "form" | "at"> & { readonly key: { readonly kid: string } };
  readonly earlier: EarlierCredential | "not-ours" | null;
  readonly known: Citizen | null;
  readonly standing: Standing;
  readonly now: Instant;
};

export type Verdict =
  | { readonly kind: "issue"; readonly citizen: Citizen }
  | { readonly kind: "enrol" }
  | { readonly kind: "refused"; readonly detail: string };

export const judgeProof = ({ proof, earlier, known, standing, now }: Asked): Verdict => {
  const isDemo = earlier === null && proof.citizen !== null;
  if (Math.abs(now - proof.at) > proofAgeMaxSeconds) return no("made more than 300 s away from the time here");
  if (earlier === "not-ours") return no("the earlier credential was not issued here");
  if (earlier !== null && earlier.holderKid !== proof.key.kid) return no("the earlier credential is of another key");
  if (earlier !== null && now > earlier.exp + renewalSecondsMax) return no("the earlier credential ended too long ago");
  if (known !== null && known.holderKid !== null && known.holderKid !== proof.key.kid) {
    return no("the credential was blocked: another phone has taken its place");
  }
  if (earlier === null && proof.form === "card") return no("a card needs the credential of a phone");
  if (known === null && (earlier !== null || isDemo)) return no("nobody by that name");
  // A citizen of the demo whose phone was stolen is there to show what happens to the thief.
  if (standing === "revoked" && !isDemo) return no("the credential was revoked: come with another key");
  return known === null ? { kind: "enrol" } : { kind: "issue", citizen: known };
};

export const readEarlier = async (bytes: Bytes, issuer: SigningKey): Promise<EarlierCredential | "not-ours"> => {
  const credential = decodeCredential(bytes);
  if (credential === null || (await verifySign1(credential.sign1, issuer)) !== "ok") return "not-ours";
  const { sub, exp, holder } = credential.claims;
  return { sub, exp, holderKid: holder === undefined ? null : ((await importPublicKey(holder))?.kid ?? null) };
};

/** By handle only those of the demo city: nobody else's credential is for the asking. */
const findCitizen = (citizens: Citizens, proof: Proof, earlier: Asked["earlier"]): Citizen | null => {
  if (earlier === "not-ours") return null;
  if (earlier !== null) return citizens.bySub(earlier.sub);
  if (proof.citizen === null) return citizens.byHolder(proof.key.kid);
  const citizen = citizens.byHandle(proof.citizen);
  return citizen?.holderKid === null ? citizen : null;
};

/** As published, but for restrictions: nothing of them is the issuer's. */
const standingOf = (edges: IssuerEdges, citizen: Citizen | null): Standing => {
  const row = citizen === null ? null : listOf(edges, citizen.list);
  if (row === null || citizen === null) return "unknown";
  const packed = listAsPublished(row, [], edges.registry.losses(row));
  const list = openStatusList(packed, row.entries);
  return list.kind === "valid" ? standingAt(list.value, citizen.index) : "unknown";
};

const listOf = ({ registry, programme }: IssuerEdges, list: string): ListRow | null =>
  registry.list({ programme, list });

const enrolNewcomer = (edges: IssuerEdges, proof: Proof): Citizen | null =>
  edges.citizens.enrol(
    {
      handle: `own-${toBase64url(randomBytes(9))}`,
      sub: makeSub(),
      list: edges.list,
      shown: null,
      holderKid: proof.key.kid,
    },
    listOf(edges, edges.list)?.entries ?? 0,
  );

/** Twelve random bytes: nobody guesses one, and it means nothing. */
export const makeSub = (): string => toBase64url(randomBytes(12));

/** `holder` null: a printed card. */
export const issueFor = (
  issuer: SigningKey,
  { sub, list, index }: Citizen,
  holder: PublicJwk | null,
  now: Instant,
): Promise<Bytes> => {
  const lifeSeconds = holder === null ? cardLifeSeconds : usualLifeSeconds;
  const status = { uri: list, index };
  return issueCredential(
    { sub, iat: now, exp: now + lifeSeconds, ...(holder === null ? {} : { holder }), status },
    issuer,
  );
};

const refuse = (detail: string): Issued => ({ kind: "refused", problem: "proof-refused", detail });
const no = (detail: string): Verdict => ({ kind: "refused", detail });
