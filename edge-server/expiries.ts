/** What could end, read from where it stands: see alerts.ts. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Expiries } from "./alerts.ts";
import type { Publisher, Registry } from "./ports.ts";
import type { PublishedStore } from "./published.ts";
import { manifestLifeSeconds } from "./publisher.ts";
import { openAllRoots } from "./root-chain.ts";
import type { Settings } from "./settings.ts";

export type ExpiryEdges = {
  readonly publisher: Pick<Publisher, "current">;
  readonly registry: Pick<Registry, "issuers" | "lists" | "snapshots">;
  readonly store: Pick<PublishedStore, "read">;
  readonly tls: Settings["tls"];
};

export const readExpiries = async ({ publisher, registry, store, tls }: ExpiryEdges): Promise<Expiries> => {
  const { firstRoot, laterRoots } = await publisher.current();
  const newest = (await openAllRoots(firstRoot, laterRoots)).at(-1);
  const publication = store.read();
  return {
    manifest:
      publication === null
        ? null
        : { issuedAt: publication.issuedAt, expiresAt: publication.issuedAt + manifestLifeSeconds },
    keys: [
      ...(newest?.publishers ?? []).map(({ validUntil }) => ({ use: "publisher" as const, validUntil })),
      ...(newest?.edges ?? []).map(({ validUntil }) => ({ use: "edge" as const, validUntil })),
    ],
    issuers: registry.issuers(),
    lists: registry.lists().map(({ programme, list }) => ({
      name: `${programme}/${list}`,
      publishedAt: registry.snapshots({ programme, list })[0]?.publishedAt ?? null,
    })),
    certificateUntil: tls === null ? null : endOf(readFileSync(tls.certFile)),
  };
};

const endOf = (certificate: Buffer): number => Math.floor(Date.parse(new X509Certificate(certificate).validTo) / 1000);
