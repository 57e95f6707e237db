/** An operator's records in a folder of their own, with a clock that stands still. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteCitizens } from "../edge-server/adapters/citizens-sqlite.ts";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { createPublisher } from "../edge-server/publisher.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { type SigningKey, signingKeyOf } from "../shared/keys.ts";

export const openOperatorWorld = async (start = 1_800_000_000) => {
  const folder = mkdtempSync(join(tmpdir(), "operator-"));
  const paths = pathsIn(folder);
  const clock = { now: start };
  const keys = await openKeyFiles(paths.keys);
  const registry = createSqliteRegistry(paths.registry);
  const citizens = createSqliteCitizens(paths.citizens);
  const store = createSqlitePublishedStore(paths.published);
  const publisher = createPublisher({ registry, keys, store, now: () => clock.now });
  return {
    folder,
    clock,
    keys,
    registry,
    citizens,
    store,
    publisher,
    url: "https://edge.example.org",
    close: () => {
      for (const each of [registry, citizens, store]) each.close();
      rmSync(folder, { recursive: true });
    },
  };
};

export type OperatorWorld = Awaited<ReturnType<typeof openOperatorWorld>>;

export const makeKey = async (curve: "Ed25519" | "P-256" = "Ed25519"): Promise<SigningKey> => {
  const algorithm = curve === "Ed25519" ? { name: curve } : { name: "ECDSA", namedCurve: curve };
  return signingKeyOf((await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair);
};
