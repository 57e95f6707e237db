/**
 * Plants each mutant in turn and tries the laws on it, in one process: `node test/laws/hunt.ts`. What lies on the disk stays
 * as it is. Prints one line of JSON: the mutants that no law found, and those that could not be planted.
 */
import { registerHooks } from "node:module";
import { type Core, laws } from "./laws.ts";
import { type Mutant, mutants } from "./mutants.ts";

/** Most are found at once; rare ones need more situations than the suite tries each time. */
const rounds = [100, 2000];

const shared = new URL("../../shared/", import.meta.url).href;
const planted = new Set<string>();

/** A module of shared/ under `?mutant=n` has its own copies of all that it imports there. */
registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context);
    const query = /\?mutant=\d+$/.exec(context.parentURL ?? "")?.[0] ?? "";
    return resolved.url.startsWith(shared) && !resolved.url.includes("?")
      ? { ...resolved, url: `${resolved.url}${query}` }
      : resolved;
  },
  load: (url, context, next) => {
    const [path = url, index] = url.split("?mutant=");
    const loaded = next(path, context);
    const mutant = index === undefined ? undefined : mutants[Number(index)];
    if (mutant === undefined || path !== `${shared}${mutant.file}`) return loaded;
    const text = String(loaded.source instanceof Uint8Array ? Buffer.from(loaded.source) : loaded.source);
    if (text.split(mutant.find).length !== 2) return loaded;
    planted.add(mutant.name);
    return { ...loaded, source: text.replace(mutant.find, () => mutant.replace) };
  },
});

const coreWith = async (index: number): Promise<Core> => {
  const { decide } = await import(`${shared}decide.ts?mutant=${index}`);
  const { decodePolicy } = await import(`${shared}policy.ts?mutant=${index}`);
  return { decide, decodePolicy };
};

/** The law that found the one before is tried first: the next is often of its kind. */
const inTurn = [...laws];

const isFound = (core: Core): boolean =>
  rounds.some((numRuns) => {
    const at = inTurn.findIndex(({ tryOn }) => {
      try {
        tryOn(core, { numRuns, seed: 1, endOnFailure: true });
        return false;
      } catch {
        return true;
      }
    });
    if (at > 0) inTurn.unshift(...inTurn.splice(at, 1));
    return at >= 0;
  });

const survivors: Mutant["name"][] = [];
for (const [index, { name }] of mutants.entries()) if (!isFound(await coreWith(index))) survivors.push(name);
const stray = mutants.map(({ name }) => name).filter((name) => !planted.has(name));
console.log(JSON.stringify({ mutants: mutants.length, survivors, stray }));
