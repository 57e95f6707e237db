import { describe, expect, it } from "vitest";
import { type Import, readJson, readSource, readTop, type SourceFile } from "./source-files.ts";

/**
 * The rules of the house (ARCHITECTURE: "Dependency rules"), read off the source. Each failure lists the places and
 * says what to do there. An exception is written down here with its reason, or it is none.
 */

const files = readSource();
const code = files.filter(({ path }) => /\.tsx?$/.test(path));
const ours = code.filter(({ path }) => /^(shared|kiosk|edge-server)\//.test(path));
const inFolder = (folder: string) => code.filter(({ path }) => path.startsWith(`${folder}/`));

/** Every import of `from` that breaks a rule, as "file imports what". */
const importsThat = (from: readonly SourceFile[], breaks: (each: Import, file: SourceFile) => boolean) =>
  from.flatMap((file) =>
    file.imports.filter((each) => breaks(each, file)).map((each) => `${file.path} imports ${each.specifier}`),
  );

/** Every place where `pattern` stands in the code, as "file:line text". */
const placesOf = (from: readonly SourceFile[], pattern: RegExp, part: "code" | "text" | "uncommented" = "code") =>
  from.flatMap((file) =>
    file[part].split("\n").flatMap((line) => (pattern.test(line) ? [`${file.path}: ${line.trim().slice(0, 80)}`] : [])),
  );

const expectNone = (broken: readonly string[], whatToDo: string): void => {
  expect(broken, `\n${broken.map((each) => `  ${each}`).join("\n")}\n${whatToDo}\n`).toEqual([]);
};

it("reads the source at all", () => {
  expect(ours.length).toBeGreaterThan(30);
  const decide = files.find(({ path }) => path === "shared/decide.ts");
  expect(decide?.imports.map((each) => each.target)).toContain("shared/policy.ts");
  expect(decide?.code).not.toContain("The ladder below");
});

describe("who may import what", () => {
  const libraryOf = ({ target }: Import): string =>
    target.startsWith("@") ? target.split("/").slice(0, 2).join("/") : (target.split("/")[0] ?? target);

  it("shared: only shared, and three libraries in their places", () => {
    const allowed: Readonly<Record<string, RegExp>> = {
      cborg: /^shared\/cose\.ts$/,
      "http-message-sig": /^shared\/http-signature\.ts$/,
      valibot: /^shared\//,
    };
    const broken = importsThat(inFolder("shared"), (each, { path }) =>
      each.isOurs ? !each.target.startsWith("shared/") : !(allowed[libraryOf(each)]?.test(path) ?? false),
    );
    expectNone(broken, "shared is pure: take what you need as an argument, or do it in kiosk/ or edge-server/.");
  });

  it("kiosk and edge-server: never each other, and nobody the tests", () => {
    const broken = importsThat(
      ours,
      ({ target }, { path }) =>
        (path.startsWith("kiosk/") && target.startsWith("edge-server/")) ||
        (path.startsWith("edge-server/") && target.startsWith("kiosk/")) ||
        target.startsWith("test/"),
    );
    expectNone(broken, "What both need belongs into shared/; what only a test needs, into test/.");
  });

  it("console: only its own and what is shared, and the server none of it", () => {
    const isConsole = (path: string) => path.startsWith("edge-server/console/");
    const broken = importsThat(inFolder("edge-server"), (each, { path }) =>
      isConsole(path)
        ? each.target.startsWith("node:") || (each.isOurs && !/^(edge-server\/console|shared)\//.test(each.target))
        : isConsole(each.target),
    );
    expectNone(broken, "The console is a page: what it needs of the server it asks for under /v1/admin.");
  });

  it("adapters: only composition roots and tests name them", () => {
    const isRoot = (path: string) =>
      /(^|\/)(main\.tsx?|cli\.ts|serve\.ts)$|^edge-server\/commands\/|^kiosk\/sw\.ts$/.test(path);
    const isAdapter = (path: string) => /(^|\/)adapters\//.test(path);
    const broken = importsThat(ours, ({ target }, { path }) => isAdapter(target) && !isAdapter(path) && !isRoot(path));
    expectNone(broken, "Ask for a port (kiosk/ports.ts, edge-server/ports.ts) and let a main pass the adapter in.");
  });

  it("screens: only a session, other screens, and what is shared", () => {
    const drawnWith = ["preact", "@preact/signals", "uqr"];
    const session = ["kiosk/session.ts", "kiosk/session-library.ts", "kiosk/session-offer.ts"];
    const broken = importsThat(inFolder("kiosk/ui"), (each) =>
      each.isOurs
        ? !(session.includes(each.target) || /^(kiosk\/ui|shared)\//.test(each.target))
        : !drawnWith.includes(libraryOf(each)),
    );
    expectNone(broken, "A screen knows a session and nothing else: put what it shows into kiosk/session.ts.");
    const parts = importsThat(
      code.filter(({ path }) => session.slice(1).includes(path)),
      ({ target }) => !(session.slice(1).includes(target) || target.startsWith("shared/")),
    );
    expectNone(parts, "A part of the session is what screens show, and made of shared words alone.");
  });

  it("each third-party library: one file", () => {
    /** How many files may name it. */
    const exceptions: Readonly<Record<string, number>> = {
      preact: Number.POSITIVE_INFINITY,
      "@preact/signals": Number.POSITIVE_INFINITY,
      hono: Number.POSITIVE_INFINITY,
      "hono-openapi": Number.POSITIVE_INFINITY,
      valibot: Number.POSITIVE_INFINITY,
      uqr: 2, // the enrolment link on a console, a code on a phone
    };
    const filesBy = new Map<string, Set<string>>();
    for (const { path, imports } of ours) {
      for (const each of imports) {
        if (each.isOurs || each.target.startsWith("node:")) continue;
        filesBy.set(libraryOf(each), (filesBy.get(libraryOf(each)) ?? new Set()).add(path));
      }
    }
    const broken = [...filesBy].flatMap(([library, paths]) =>
      paths.size > (exceptions[library] ?? 1) ? [`${library} in ${[...paths].join(", ")}`] : [],
    );
    expectNone(broken, "Wrap the library in one file and import that, so that it can be replaced there.");
  });

  it("third-party libraries: only those that package.json names", () => {
    const { dependencies, devDependencies } = readJson("package.json") as Record<string, Record<string, string>>;
    /** What `npm start` of a checkout builds with. */
    const buildsFirst = "edge-server/build-missing.ts";
    const isKnown = (library: string, path: string) =>
      library in (dependencies ?? {}) ||
      ((!/^(shared|kiosk|edge-server)\//.test(path) || path === buildsFirst) && library in (devDependencies ?? {}));
    const broken = importsThat(code, (each, { path }) => {
      const isPlatform = each.target.startsWith("node:") || each.target.startsWith("virtual:");
      return !each.isOurs && !isPlatform && !isKnown(libraryOf(each), path);
    });
    expectNone(broken, "npm install it (what runs in production as a dependency), or do without.");
  });

  it("Node's modules: only the server, tests and tools", () => {
    const broken = importsThat([...inFolder("shared"), ...inFolder("kiosk")], ({ target }) =>
      target.startsWith("node:"),
    );
    expectNone(broken, "There is no Node on a terminal.");
  });

  it("our own files: by their whole name", () => {
    const broken = importsThat(
      code,
      (each) => each.isOurs && !/\.(ts|tsx|css|json|wasm|svg|png|html)$/.test(each.target),
    );
    expectNone(broken, "Import with the ending: ./decide.ts.");
  });
});

describe("shared is pure", () => {
  it.each([
    [/\bDate\b|\bperformance\b|\bsetTimeout\b|\bsetInterval\b/, "Take the instant as an argument."],
    [
      /\bMath\.random\b|\bgetRandomValues\b|\brandomUUID\b|\bgenerateKey\b/,
      "Take the random bytes, or the key, as an argument.",
    ],
    [
      /\bfetch\b|\bXMLHttpRequest\b|\bWebSocket\b|\blocalStorage\b|\bindexedDB\b/,
      "Take what was fetched as an argument.",
    ],
    [/\bconsole\b|\bprocess\b|\bglobalThis\b|\bwindow\b|\bdocument\b/, "Give the answer back as a value."],
    [
      /\bclass\b|\bthis\b|\bnew (?!(Map|Set|Uint8Array|DataView|TextEncoder|TextDecoder|TypeError|RangeError|Error|Tagged|Tokenizer)\b)/,
      "A type and functions, no classes.",
    ],
  ])("%s does not stand there", (pattern, whatToDo) => {
    // Its own file of declarations names no more than what is there.
    const pure = inFolder("shared").filter(({ path }) => path !== "shared/webcrypto.d.ts");
    expectNone(placesOf(pure, pattern), whatToDo);
  });
});

describe("every file", () => {
  it("has no default export, but where a tool asks for one", () => {
    const tools = ["vite.config.ts", "vitest.config.ts"];
    const asked = code.filter(({ path }) => !tools.includes(path));
    expectNone(placesOf(asked, /^\s*export default\b|\bas default\b/), "Export it by its name.");
  });

  it("is no barrel", () => {
    const broken = ours.filter(({ uncommented }) => /(?:^|\n)\s*export\s[^=;]*?\sfrom\s*"/.test(uncommented));
    expectNone(
      broken.map(({ path }) => path),
      "Export nothing of another file: import it where it lives.",
    );
  });

  it("has no class, enum or namespace", () => {
    const broken = placesOf(ours, /^\s*(export |declare |abstract )*(class|enum|namespace) \w/);
    expectNone(broken, "A type and functions; a union of words for an enum.");
  });

  it("is at most 300 lines long", () => {
    const broken = ours.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines} lines`);
    expectNone(broken, "It holds two nouns: split it.");
  });

  it("is finished", () => {
    const unfinished = /\b(TODO|FIXME|XXX|HACK)\b|@ts-ignore|@ts-nocheck/; // not in this very file, which has to name them
    const others = code.filter(({ path }) => path !== "test/house-rules.test.ts");
    expectNone(placesOf(others, unfinished, "text"), "Do it, or write an issue.");
  });

  it("of a page has no script, style or handler in its markup (the CSP would refuse them)", () => {
    const pages = files.filter(({ path }) => /\.html$/.test(path));
    const inline = /<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+="|javascript:/i;
    expectNone(placesOf(pages, inline, "text"), "A file of its own: styles in .css, code in .ts.");
    const screens = ours.filter(({ path }) => path.endsWith(".tsx"));
    expectNone(
      placesOf(screens, /\sstyle=|dangerouslySetInnerHTML|\binnerHTML\b/, "uncommented"),
      "A class and the stylesheet; elements, not markup in texts.",
    );
  });
});

describe("words", () => {
  const forbidden = ["user", "manager", "helper", "util", "data", "info", "process", "validate", "token"];
  const isForbidden = (word: string) => forbidden.includes(word.toLowerCase()) || isPlural(word.toLowerCase());
  const isPlural = (word: string) => word.endsWith("s") && forbidden.includes(word.slice(0, -1));
  const wordsOf = (name: string): readonly string[] =>
    name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);

  /** Others' words, where we have to say them. */
  const exceptions: Readonly<Record<string, readonly string[]>> = {
    "shared/cose.ts": ["token", "tokens"], // the CBOR library reads by tokens
    "edge-server/app.ts": ["info"], // the OpenAPI document's
    "edge-server/credit-events.ts": ["data"], // CloudEvents'
    "edge-server/routes/admin-transactions.ts": ["data"], // a server-sent event's own
    "shared/webcrypto.d.ts": ["additionalData"], // WebCrypto's
  };

  /** Names that a file gives. What it unpacks or calls was named by others. */
  const namesIn = ({ code: source }: SourceFile): readonly string[] => {
    const declared = /\b(?:const|let|var|function|type|interface|class|readonly)\s+([A-Za-z_$][\w$]*)/g;
    const argument = /[(,]\s*([A-Za-z_$][\w$]*)\??\s*(?::\s*[A-Z(]|\)\s*(?::[^=]*)?=>)/g;
    return [...source.matchAll(declared), ...source.matchAll(argument)].map(([, name = ""]) => name);
  };

  it("in names are those of the field", () => {
    const broken = ours.flatMap((file) =>
      [...new Set(namesIn(file))]
        .filter((name) => wordsOf(name).some(isForbidden))
        .filter((name) => !(exceptions[file.path] ?? []).includes(name))
        .map((name) => `${file.path}: ${name}`),
    );
    expectNone(
      broken,
      `Say what it is: who (holder, subject, staff, operator), what (pack, entry, bytes). Not ${forbidden.join(", ")}.`,
    );
  });

  it("in file names are those of the field", () => {
    const designTokens = "kiosk/ui/tokens.css"; // ARCHITECTURE's own word for them
    const broken = files
      .map(({ path }) => path)
      .filter((path) => path !== designTokens && path.split("/").flatMap(wordsOf).some(isForbidden));
    expectNone(broken, "Name the file after the noun that it holds.");
  });

  it("at the top are those that were agreed", () => {
    const agreed = [
      ...["kiosk", "edge-server", "shared", "test", "package.json", "vite.config.ts", "README.md"],
      ...["package-lock.json", "LICENSE", "tsconfig.json", "tsconfig.base.json", "vitest.config.ts", "biome.json"],
      ...["node_modules", "dist", "data"],
    ];
    const broken = readTop().filter((name) => !name.startsWith(".") && !agreed.includes(name));
    expectNone(broken, "The top level is fixed: kiosk/, edge-server/, shared/, test/, and what tools force on it.");
  });

  it("has folders for what things are, none for leftovers", () => {
    const leftovers = /(^|\/)(docs|utils?|helpers?|types|lib|common|misc)\//;
    expectNone(
      files.map(({ path }) => path).filter((path) => leftovers.test(path)),
      "Put it beside what it belongs to.",
    );
  });
});
