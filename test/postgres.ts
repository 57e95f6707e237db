/**
 * A PostgreSQL of our own for tests: a cluster in a folder that goes away, on a free port of this machine, with the
 * programs that are installed (Debian's, or those of the PATH). Null where there are none, and one line says so; where
 * the tests run for all of us (CI) that is an error.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pg from "pg";

export type Cluster = {
  readonly port: number;
  /** The path of the program. */
  readonly psql: string;
  /** Makes an empty database; its URL. */
  readonly addDatabase: () => Promise<string>;
  /** Ends the server at once, as a crash would, and starts it again. */
  readonly crash: () => void;
  /** `kill -9` of the server alone, whose sessions end when they notice, and a start as soon as it can be. */
  readonly killAndStart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export const startPostgres = async (settings: readonly string[] = []): Promise<Cluster | null> => {
  const programs = findPrograms();
  if (programs === null) {
    if (process.env.CI === "true") throw new Error("PostgreSQL is missing: apt-get install postgresql");
    console.info("No PostgreSQL was found (initdb): the ledger is tested on SQLite alone.");
    return null;
  }
  const owner = ownerOf();
  const folder = mkdtempSync(join(tmpdir(), "greenlane-postgres-"));
  chmodSync(folder, 0o755);
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  const records = join(folder, "records");
  const port = await findPort();
  const run = (program: string, ...words: readonly string[]): void => {
    const path = join(programs, program);
    const [command, all] = owner === null ? [path, words] : ["runuser", ["-u", "postgres", "--", path, ...words]];
    execFileSync(command, all, { stdio: ["ignore", "ignore", "pipe"], cwd: folder });
  };
  const options = [`-p ${port}`, "-h 127.0.0.1", "-k ''", ...settings.map((each) => `-c ${each}`)].join(" ");
  const start = () => run("pg_ctl", "-D", records, "-l", join(folder, "log"), "-w", "-o", options, "start");
  run("initdb", "-D", records, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync");
  start();

  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  let number = 0;
  return {
    port,
    psql: join(programs, "psql"),
    addDatabase: async () => {
      const name = `ledger_${++number}`;
      await runSql(url("postgres"), `CREATE DATABASE ${name}`);
      return url(name);
    },
    crash: () => {
      run("pg_ctl", "-D", records, "-m", "immediate", "-w", "stop");
      start();
    },
    killAndStart: async () => {
      process.kill(Number(readFileSync(join(records, "postmaster.pid"), "utf8").split("\n")[0]), "SIGKILL");
      for (let tries = 0; ; tries++) {
        try {
          return start();
        } catch (reason) {
          if (tries === 50) throw reason;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }
    },
    stop: async () => {
      run("pg_ctl", "-D", records, "-m", "immediate", "-w", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** With all rights. */
export const runSql = async (url: string, sql: string): Promise<void> => {
  await querySql(url, sql);
};

export const querySql = async (url: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

/** The newest of Debian's, else those of the PATH. */
const findPrograms = (): string | null => {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((each) => join(debian, each, "bin")), ...(process.env.PATH ?? "").split(delimiter)];
  return folders.find((each) => existsSync(join(each, "initdb")) && existsSync(join(each, "pg_ctl"))) ?? null;
};

/** PostgreSQL does not run as root: then it is the account that its package made. */
const ownerOf = (): { readonly uid: number; readonly gid: number } | null => {
  if (process.getuid?.() !== 0) return null;
  const line = readFileSync("/etc/passwd", "utf8").match(/^postgres:[^:]*:(\d+):(\d+):/m);
  if (line === null) throw new Error("PostgreSQL does not run as root, and there is no account postgres");
  return { uid: Number(line[1]), gid: Number(line[2]) };
};

const findPort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
