/**
 * The terminal's log as a careless program would write it, for the arms of experiments that have to lose. Only in the page
 * that a test builds; fails that build where the text to be replaced is no longer there, so that nothing is left as it was in
 * silence.
 */
import { normalizePath, type Plugin } from "vite";

type Replacements = Readonly<Record<string, { readonly careful: RegExp; readonly careless: string }>>;

/** `isComplete`: whether all was replaced, once the page is built. */
export type Careless = { readonly plugin: Plugin; readonly isComplete: () => boolean };

/** The database at `durability: "relaxed"`, the journal never flushed. */
export const withoutFlush = (): Careless =>
  replacing(/durability: "strict"|\.flush\(\)/, {
    "kiosk/adapters/database.ts": { careful: /durability: "strict"/g, careless: 'durability: "relaxed"' },
    "kiosk/journal-files.ts": { careful: /^\s*handle\.flush\(\);$/gm, careless: "" },
  });

/** One transaction of the database is enough, and whole. */
export const withoutRepeat = (): Careless =>
  replacing(/await (repeat|takeBackTorn)\(/, {
    "kiosk/adapters/store-log.ts": { careful: /^\s*await (repeat|takeBackTorn)\(db.*\);$/gm, careless: "" },
  });

const replacing = (leftOver: RegExp, replacements: Replacements): Careless => {
  const replaced = new Set<string>();
  return {
    isComplete: () => replaced.size === Object.keys(replacements).length,
    plugin: {
      name: "careless",
      enforce: "pre",
      transform(code, id) {
        const path = normalizePath(id).replace(/\?.*$/, "");
        const name = Object.keys(replacements).find((each) => path.endsWith(`/${each}`));
        const replacement = replacements[name ?? ""];
        if (name === undefined || replacement === undefined || id.includes("?worker&url")) return null;
        const careless = code.replace(replacement.careful, replacement.careless);
        // Comments may say what they like.
        const statements = careless.replace(/^\s*(\/?\*|\/\/).*$/gm, "");
        if (careless === code || leftOver.test(statements)) this.error(`${name} has changed: fit test/chaos to it`);
        replaced.add(name);
        return { code: careless, map: null };
      },
    },
  };
};
