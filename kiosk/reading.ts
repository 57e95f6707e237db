/**
 * From a scanned text to everything that `decide` looks at: the verified presentation, the person's pseudonym here, what
 * the score list says, and what this terminal remembers. Reads; writes nothing.
 */
import type { Bundle } from "../shared/bundle.ts";
import type { Code } from "../shared/credential.ts";
import { type Facts, type History, type Knowledge, type Reading, readingOf } from "../shared/decide.ts";
import { pseudonymOf } from "../shared/log.ts";
import { type Standing, standingAt } from "../shared/status-list.ts";
import type { Action, Instant } from "../shared/terms.ts";
import type { Artefacts } from "../shared/transaction.ts";
import { type VerifiedPresentation, verifyCode } from "../shared/verify.ts";
import type { Memory } from "./memory.ts";

/** The bundle in force, and when it was last confirmed. */
export type InForce = { readonly bundle: Bundle; readonly checkedAt: Instant };

/** One code shown at one moment, with what was known then. `presentation` and `pseudonym` null where it has a fault. */
export type Shown = {
  readonly reading: Reading;
  readonly presentation: VerifiedPresentation | null;
  /** When the phone says that it made the code, also where that is what is wrong with it. */
  readonly issuedAt: Instant | null;
  readonly pseudonym: string | null;
  readonly facts: Facts;
  readonly artefacts: Artefacts;
};

export type Reader = { readonly memory: Memory; readonly operatorKey: CryptoKey };

export const noHistory: History = { seenAt: null, sameActionAt: null, cardTaps: 0 };

/** Reads a code. */
export const readShown = async (
  reader: Reader,
  inForce: InForce,
  code: Code,
  action: Action,
  at: Instant,
): Promise<Shown> => {
  const { bundle } = inForce;
  const verification = await verifyCode(code, bundle.trust, at, bundle.policy.presentationSeconds);
  if (verification.kind === "fault") {
    const { fault, issuedAt = null } = verification;
    return { ...shownWithout(inForce, { kind: "fault", fault }), issuedAt };
  }

  const { presentation } = verification;
  const pseudonym = await pseudonymOf(reader.operatorKey, presentation.programme ?? "staff", presentation.sub);
  const list = listOf(bundle, presentation);
  return {
    reading: readingOf(presentation),
    presentation,
    issuedAt: presentation.issuedAt ?? null,
    pseudonym,
    facts: {
      policy: bundle.policy,
      knowledge: {
        standing: standingOf(list, presentation),
        cuts: list?.cuts ?? null,
        checkedAt: {
          trust: inForce.checkedAt,
          policy: inForce.checkedAt,
          list: list === null ? null : inForce.checkedAt,
        },
      },
      history: reader.memory.historyOf(presentation.identity, pseudonym, action, at),
    },
    artefacts: artefactsOf(bundle, list),
  };
};

/** What is known where no code was shown, or none that can be believed. */
export const shownWithout = (inForce: InForce, reading: Exclude<Reading, { readonly kind: "verified" }>): Shown => ({
  reading,
  presentation: null,
  issuedAt: null,
  pseudonym: null,
  facts: { policy: inForce.bundle.policy, knowledge: unknownTo(inForce), history: noHistory },
  artefacts: artefactsOf(inForce.bundle, null),
});

const unknownTo = ({ checkedAt }: InForce): Knowledge => ({
  standing: "unknown",
  cuts: null,
  checkedAt: { trust: checkedAt, policy: checkedAt, list: null },
});

type List = Bundle["lists"][number];

/** An issuer points only at its own programme's lists, and only at those its key is trusted for. */
const listOf = (bundle: Bundle, presentation: VerifiedPresentation): List | null => {
  if (presentation.statusAllowed === false) return null;
  return (
    bundle.lists.find((each) => each.programme === presentation.programme && each.list === presentation.statusUri) ??
    null
  );
};

const standingOf = (list: List | null, presentation: VerifiedPresentation): Standing =>
  list === null || presentation.statusIndex === undefined
    ? "unknown"
    : standingAt(list.statuses, presentation.statusIndex);

const artefactsOf = (bundle: Bundle, list: List | null): Artefacts => ({
  manifest: bundle.manifest.version,
  policy: bundle.policyHash,
  list: list?.version ?? null,
});
