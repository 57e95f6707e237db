/**
 * What the environment says, read once at the start.
 *
 *     GREENLANE_DATA  folder of everything kept; ./data           GREENLANE_DEMO  off: no demo city
 *     PORT            8787; 0 takes a free one                    GREENLANE_URL   base of printed links, as others reach us
 *     GREENLANE_HOST  address to listen on                        TLS_CERT, TLS_KEY  PEM files, both or neither
 *     DATABASE_URL    postgres://... of the ledger, which several servers may share; unset: a file in the folder
 *     GREENLANE_PROXIES  addresses of proxies in front of us, such as 10.0.0.1, 10.1.0.0/16: their X-Forwarded-For is believed
 *     GREENLANE_PERSONAL_DAYS  after so many days what is personal beside an entry is erased; 365; off: never by itself
 *
 * With the demo city the server listens on this machine only, since anybody may be issued a demo credential. Without it,
 * it listens where it is told, everywhere by default. What is wrong is said in one line; nothing is guessed.
 */
import { join, resolve } from "node:path";
import { isProxyName } from "./sender-address.ts";

export type Settings = {
  /** Absolute. */
  readonly folder: string;
  readonly port: number;
  readonly host: string;
  readonly isDemo: boolean;
  /** Base of links without a closing slash; null: `urlOf` makes it from the port. */
  readonly url: string | null;
  /** Of the ledger on PostgreSQL, with its password; null where it is a file. */
  readonly databaseUrl: string | null;
  /** How many days what is personal is kept; null: until somebody erases it. */
  readonly personalDays: number | null;
  /** Addresses, or ranges of them (see sender-address.ts). */
  readonly proxies: readonly string[];
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
};

export type Environment = { readonly [name: string]: string | undefined };

export type ReadSettings =
  | { readonly kind: "read"; readonly settings: Settings }
  | { readonly kind: "invalid"; readonly error: string };

export const readSettings = (environment: Environment): ReadSettings => {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const demo = given("GREENLANE_DEMO") ?? "on";
  if (demo !== "on" && demo !== "off") return invalid(`GREENLANE_DEMO is "${demo}": it can be on or off`);
  const isDemo = demo === "on";

  const port = given("PORT") ?? "8787";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return invalid(`PORT is "${port}": it must be 0 to 65535`);

  const host = given("GREENLANE_HOST") ?? (isDemo ? "127.0.0.1" : "0.0.0.0");
  if (isDemo && !isLoopback(host)) {
    return invalid(
      `GREENLANE_HOST is "${host}": the demo city is served to this machine only; GREENLANE_DEMO=off opens it`,
    );
  }

  const url = given("GREENLANE_URL");
  if (url !== undefined && !isBaseUrl(url)) {
    return invalid(`GREENLANE_URL is "${url}": it must be like https://edge.example.org`);
  }

  const databaseUrl = given("DATABASE_URL");
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\/./.test(databaseUrl)) {
    return invalid("DATABASE_URL must be like postgres://greenlane@db.example.org/greenlane"); // it may hold a password
  }

  const days = given("GREENLANE_PERSONAL_DAYS") ?? "365";
  if (days !== "off" && !/^[1-9]\d{0,4}$/.test(days)) {
    return invalid(`GREENLANE_PERSONAL_DAYS is "${days}": it must be a number of days, or off`);
  }

  const proxies = (given("GREENLANE_PROXIES") ?? "").split(/[\s,]+/).filter((each) => each !== "");
  const wrong = proxies.find((each) => !isProxyName(each));
  if (wrong !== undefined) {
    return invalid(
      `GREENLANE_PROXIES has "${wrong}": each must be an address such as 10.0.0.1, or a range 10.1.0.0/16`,
    );
  }

  const [certFile, keyFile] = [given("TLS_CERT"), given("TLS_KEY")];
  if ((certFile === undefined) !== (keyFile === undefined)) return invalid("TLS_CERT and TLS_KEY go together");

  return {
    kind: "read",
    settings: {
      folder: resolve(given("GREENLANE_DATA") ?? "data"),
      port: Number(port),
      host,
      isDemo,
      url: url?.replace(/\/$/, "") ?? null,
      databaseUrl: databaseUrl ?? null,
      personalDays: days === "off" ? null : Number(days),
      proxies,
      tls: certFile === undefined || keyFile === undefined ? null : { certFile, keyFile },
    },
  };
};

/** Base of links: what was set, else this machine at the port that is listened on. */
export const urlOf = (settings: Settings, port: number = settings.port): string =>
  settings.url ?? `${settings.tls === null ? "http" : "https"}://localhost:${port}`;

/** Where things lie in the data folder. Each database is opened by one adapter. */
export const pathsIn = (folder: string) =>
  ({
    keys: join(folder, "keys"),
    registry: join(folder, "registry.sqlite"),
    citizens: join(folder, "citizens.sqlite"),
    published: join(folder, "published.sqlite"),
    ledger: join(folder, "ledger.sqlite"),
    events: join(folder, "events.sqlite"),
    operators: join(folder, "operators.sqlite"),
    survey: join(folder, "survey.sqlite"),
    exports: join(folder, "exports"),
    settlements: join(folder, "settlements"),
  }) as const;

const invalid = (error: string): ReadSettings => ({ kind: "invalid", error });

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

const isBaseUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "" && url.username === "";
};
