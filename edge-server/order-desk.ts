/**
 * Orders from home: a phone sends a code that it has just made and the items, and they go to the door as one parcel. The desk
 * that decides it is a terminal of the server's own, one for each programme whose rules have a price of orders: with a key,
 * a log and decisions like any other, and its entries lie in the ledger before anybody is told that something is ordered.
 *
 * - Without a fee that the citizen has agreed to, or with one below what is due, it says what is due, and nothing is ordered.
 * - The fee follows from the settlement. A code is good for one order; the same again gets the same answer. One that may
 *   have been made before this server was started is too old.
 * - Only a live code counts: a printed one can be typed from anywhere.
 * - What no phone has made is refused and not written down, since anybody may ask; what a genuine code asked for is.
 */
import { sha256, toHex, toUtf8 } from "../shared/bytes.ts";
import { toleranceSeconds } from "../shared/credential.ts";
import { decide, type Facts, readingOf } from "../shared/decide.ts";
import type { SigningKey } from "../shared/keys.ts";
import { importPseudonymKey, pseudonymOf } from "../shared/log.ts";
import type { OrderAnswer, OrderRequest } from "../shared/messages.ts";
import { packOf, rulesOf } from "../shared/policy.ts";
import { dueFor, type Price } from "../shared/tariff.ts";
import type { Action, Instant } from "../shared/terms.ts";
import type { Decided, EntryRef } from "../shared/transaction.ts";
import { type VerifiedPresentation, verify } from "../shared/verify.ts";
import type { KeyStore } from "./keys.ts";
import type { LogIntake } from "./log-intake.ts";
import { createOrderLog, deskIdOf, type OrderLog, type Telling } from "./order-log.ts";
import type { OrderMemory, RememberedOrder } from "./order-memory.ts";
import type { Registry, TerminalRow } from "./ports.ts";
import { createRulesNow, type RulesEdges, type RulesNow, standingNow } from "./rules-now.ts";
import { createTurns } from "./turn.ts";

/** Null: nobody knows whether it was ordered, and the same code orders nothing more; or no code can be remembered now. */
export type OrderDesk = (asked: OrderRequest, now: Instant) => Promise<OrderAnswer | null>;

export type OrderDeskEdges = Omit<RulesEdges, "registry"> & {
  readonly registry: RulesEdges["registry"] & Pick<Registry, "terminal" | "putTerminal">;
  readonly keys: Pick<KeyStore, "operator" | "makeOrderKey">;
  readonly takeBatch: LogIntake;
  readonly memory: OrderMemory;
  /** What was answered before is not known any more. */
  readonly startedAt: Instant;
};

const site = "online";

type Open = { readonly log: OrderLog; readonly row: TerminalRow };

export const createOrderDesk = (edges: OrderDeskEdges): OrderDesk => {
  const { memory } = edges;
  const rulesNow = createRulesNow(edges);
  const desks = new Map<string, Open>();
  const turns = createTurns(2);
  let operatorKey: ReturnType<typeof importPseudonymKey> | null = null;

  const deskOf = async (programme: string, now: Instant): Promise<Open> => {
    const known = desks.get(programme);
    if (known !== undefined) return known;
    const key = await edges.keys.makeOrderKey(programme);
    const row = edges.registry.terminal(deskIdOf(programme)) ?? rowOf(programme, key, now);
    edges.registry.putTerminal(row);
    const open = { row, log: createOrderLog(row, key, edges.takeBatch) };
    desks.set(programme, open);
    return open;
  };

  /** Null: being written down by another server, or nobody knows. */
  const answerAgain = ({ items, answer }: RememberedOrder, named: string): OrderAnswer | null =>
    items === named ? answer : refused("replay");

  const takeOrder = async (
    programme: string,
    presentation: VerifiedPresentation,
    { items, fee }: OrderRequest,
    rules: RulesNow,
    now: Instant,
  ): Promise<OrderAnswer | null> => {
    const { identity, windowUntil } = presentation;
    const named = toHex(await sha256(toUtf8(JSON.stringify(items))));
    const before = await memory.find(identity);
    if (before !== null) return answerAgain(before, named);
    const desk = await deskOf(programme, now);
    if (desk.row.revokedAt !== null) return refused("not-offered");
    operatorKey ??= importPseudonymKey(edges.keys.operator.bytes);
    const pseudonym = await pseudonymOf(await operatorKey, programme, presentation.sub);
    const { standing, cuts, version } = standingNow(edges.registry, presentation);
    const knowledge = { standing, cuts, checkedAt: { trust: now, policy: now, list: version === null ? null : now } };
    const facts: Facts = {
      policy: rules.policy,
      knowledge,
      history: { seenAt: null, sameActionAt: null, cardTaps: 0 },
    };
    const reading = readingOf(presentation);

    const decided = (action: Action, of: EntryRef | null): Decided => {
      const request = { service: "library", action, programme, place: { site } } as const;
      return {
        ...{ kind: "decided", request, reading, identity, windowUntil },
        pseudonymKey: edges.keys.operator.version,
        ...(presentation.issuedAt === undefined ? {} : { issuedAt: presentation.issuedAt }),
        ...{ knowledge, history: facts.history, result: decide({ ...request, at: now }, reading, facts) },
        artefacts: { manifest: rules.manifest, policy: rules.policyHash, list: version },
        ...(of === null ? {} : { of }),
      };
    };
    const writeOnce = async (telling: Telling, answer: OrderAnswer): Promise<OrderAnswer | null> => {
      const taken = await memory.take(identity, windowUntil, named, now);
      if (taken === "full") return null;
      if (taken !== null) return answerAgain(taken, named);
      const isWritten = await desk.log.write(telling, rules, now);
      await memory.keep(identity, isWritten ? answer : refused("unsure"));
      return isWritten ? answer : null;
    };
    const session = decided("session", null);
    const ordering = decided("order", null).result;
    const refusal = [session.result, ordering].find(({ effect }) => effect === "refer");
    if (refusal !== undefined) {
      return writeOnce(() => [{ happening: session, personal: { pseudonym } }], refused(refusal.reason));
    }
    const price = orderPriceIn(rules, programme);
    if (price === null || ordering.effect === "refer") return refused("not-offered");
    const due = dueFor(price, { kind: "order", items: items.length }, ordering.terms);
    if (due === null) return { ...refused("too-many"), itemsMax: price.itemsMax };
    const said = { fee: due, currency: rules.policy.currency };
    if (fee === null || fee < due) return { kind: "due", ...said };

    const telling: Telling = (refOf) => {
      const orders = items.map((item) => ({
        happening: decided("order", refOf(0)),
        personal: { pseudonym, item },
      }));
      const acted = items.map((_, index) => ({
        happening: { kind: "acted", of: refOf(index + 1), outcome: "completed" } as const,
      }));
      const { currency } = rules.policy;
      const agreed = { kind: "agreed", of: refOf(1), accepted: true, deposit: 0, price: 0, currency } as const;
      return [{ happening: session, personal: { pseudonym } }, ...orders, { happening: agreed }, ...acted];
    };
    return writeOnce(telling, { kind: "ordered", ...said });
  };

  return async (asked, now) => {
    if (new Set(asked.items).size < asked.items.length) return refused("twice");
    const rules = await rulesNow();
    const verification = await verify(asked.code, rules.trust, now, rules.policy.presentationSeconds);
    if (verification.kind === "fault") return refused(verification.fault);
    const { presentation } = verification;
    const { programme, use, form } = presentation;
    if (use !== "citizen" || form !== "presentation" || programme === undefined) return refused("card-not-accepted");
    if ((presentation.issuedAt ?? 0) < edges.startedAt + toleranceSeconds) return refused("stale");
    if (orderPriceIn(rules, programme) === null) return refused("not-offered");
    return turns(programme, () => takeOrder(programme, presentation, asked, rules, now));
  };
};

const rowOf = (programme: string, key: SigningKey, now: Instant): TerminalRow => ({
  id: deskIdOf(programme),
  profile: { service: "library", programme, site, name: "Orders from home", actuator: "simulated" },
  ...{ key: key.jwk, enrolledAt: now, revokedAt: null, lastSeenAt: now },
});

const orderPriceIn = ({ policy }: RulesNow, programme: string): Extract<Price, { readonly kind: "order" }> | null => {
  const pack = packOf(policy, programme);
  const price = pack === null ? null : (rulesOf(pack, "library")?.tariff?.price ?? null);
  return price?.kind === "order" ? price : null;
};

const refused = (reason: string) => ({ kind: "refused", reason }) as const;
