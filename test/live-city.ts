/**
 * A city for tests of the whole: the real server in a process of its own, which can be killed and started again, the
 * real command line, and an issuer of the test's own whose phones show what they are told, genuine or not.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bytes } from "../shared/bytes.ts";
import { type CredentialClaims, issueCredential, present, toQrText } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import type { Fault } from "../shared/verify.ts";
import { drawKey } from "./sample.ts";

const repository = join(import.meta.dirname, "..");

export type Ran = { readonly exitCode: number; readonly out: string; readonly err: string };

export type City = {
  readonly folder: string;
  readonly url: string;
  /** Starts the server, where it does not run, and waits until it is ready. */
  readonly start: () => Promise<void>;
  /** Ends it as a power cut would. */
  readonly kill: () => Promise<void>;
  /** What the server and the command line are run with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The process id of the running server. */
  readonly serverProcess: () => number | undefined;
  readonly greenlane: (...args: readonly string[]) => Promise<Ran>;
  readonly close: () => Promise<void>;
};

/** `settings` as in the environment of the server. */
export const createCity = async (settings: Readonly<Record<string, string>> = {}): Promise<City> => {
  const folder = await mkdtemp(join(tmpdir(), "greenlane-city-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const place = { GREENLANE_DATA: join(folder, "data"), PORT: String(port), GREENLANE_URL: url };
  const env = { ...process.env, ...place, ...settings };
  let server: ChildProcess | null = null;

  const kill = async (): Promise<void> => {
    const running = server;
    server = null;
    if (running === null || running.exitCode !== null) return;
    await new Promise((resolve) => {
      running.once("exit", resolve);
      running.kill("SIGKILL");
    });
  };

  return {
    folder,
    url,
    start: async () => {
      if (server?.exitCode === null && server.signalCode === null) return;
      const started = spawn(process.execPath, ["edge-server/cli.ts", "serve"], { cwd: repository, env });
      server = started;
      const said: string[] = [];
      for (const stream of [started.stdout, started.stderr]) stream.on("data", (text) => said.push(String(text)));
      await waitUntil(async () => {
        if (started.exitCode !== null) throw new Error(`the server ended: ${said.join("")}`);
        return (await fetch(`${url}/readyz`).catch(() => null))?.ok === true;
      });
    },
    kill,
    environment: env,
    serverProcess: () => server?.pid,
    greenlane: (...args) =>
      new Promise((resolve) => {
        const command = [join(repository, "edge-server/cli.ts"), ...args];
        execFile(process.execPath, command, { env, cwd: folder, maxBuffer: 2 ** 28 }, (error, out, err) =>
          resolve({ exitCode: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, out, err }),
        );
      }),
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** What stands in the list of the test's issuer, by index. */
export const people = { perk: 0, ordinary: 1, revoked: 2, lower: 3 } as const;

export type Issuer = {
  /** A phone of the person at `index` of a list, showing a new code for the moment `at`. */
  readonly code: (index: number, at: number, list?: string) => Promise<string>;
  /** The same person's phone at any moment. */
  readonly phone: (index: number) => (at: number) => Promise<string>;
  /** A printed card of the person at `index`. */
  readonly card: (index: number) => Promise<string>;
  /** A code with exactly this fault at the moment `at`. */
  readonly faulty: (fault: Fault, at: number) => Promise<string>;
};

/** An issuer of a programme that the city trusts, with a list `t` of its own. The server may run or not. */
export const createIssuer = async (city: City, programme = "fuzhou-moli", perkScore = 800): Promise<Issuer> => {
  const key = await drawKey();
  const keyFile = join(city.folder, `${programme}.jwk`);
  const listFile = join(city.folder, `${programme}.csv`);
  await writeFile(keyFile, JSON.stringify(key.jwk));
  await writeFile(listFile, `idx,score\n0,${perkScore}\n1,\n2,revoked\n3,660\n`);
  await succeed(city, "issuer", "trust", keyFile, "--programme", programme, "--name", "test");
  await succeed(city, "scores", "publish", listFile, "--programme", programme, "--list", "t");

  const [holder, stranger] = await Promise.all([drawKey("P-256"), drawKey()]);
  const claims = (at: number, change: Partial<CredentialClaims> = {}): CredentialClaims => ({
    sub: `s${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`,
    iat: at - 3600,
    exp: at + 86_400,
    holder: holder.jwk,
    status: { uri: "t", index: people.perk },
    ...change,
  });
  const show = async (credential: Bytes, at: number, by: SigningKey = holder): Promise<string> =>
    toQrText(await present(credential, by, at));
  const issue = (at: number, change: Partial<CredentialClaims> = {}, by: SigningKey = key): Promise<Bytes> =>
    issueCredential(claims(at, change), by);

  const makers: Readonly<Record<Fault, (at: number) => Promise<string>>> = {
    "not-ours": async () => "https://example.org/ticket/1",
    "update-terminal": async (at) => (await show(await issue(at), at)).replace("GL1:", "GL2:"),
    unreadable: async (at) => (await show(await issue(at), at)).slice(0, 200),
    "unknown-issuer": async (at) => show(await issue(at, {}, stranger), at),
    "wrong-algorithm": async (at) => show(await issue(at, {}, { ...key, curve: "P-256" }), at),
    "bad-issuer-signature": async (at) => show(await issue(at, {}, { ...key, sign: stranger.sign }), at),
    "bad-holder-signature": async (at) => show(await issue(at), at, { ...holder, sign: (await drawKey("P-256")).sign }),
    "not-yet-valid": async (at) => show(await issue(at, { nbf: at + 3600 }), at),
    expired: async (at) => show(await issue(at, { iat: at - 86_400, exp: at - 60 }), at),
    "life-too-long": async (at) => show(await issue(at, { exp: at + 40 * 86_400 }), at),
    "from-the-future": async (at) => show(await issue(at), at + 120),
    stale: async (at) => show(await issue(at), at - 150),
  };

  return {
    phone: (index) => {
      const sub = `s${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
      return async (at) => show(await issue(at, { sub, status: { uri: "t", index } }), at);
    },
    card: async (index) => {
      const { holder: _, ...bare } = claims(nowSeconds(), { status: { uri: "t", index } });
      return toQrText(await issueCredential(bare, key));
    },
    code: async (index, at, list = "t") => show(await issue(at, { status: { uri: list, index } }), at),
    faulty: (fault, at) => makers[fault](at),
  };
};

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

export const succeed = async (city: City, ...args: readonly string[]): Promise<string> => {
  const ran = await city.greenlane(...args);
  if (ran.exitCode !== 0) throw new Error(`greenlane ${args.join(" ")}: ${ran.err}`);
  return ran.out;
};

export const waitUntil = async (isTrue: () => Promise<boolean>, seconds = 60): Promise<void> => {
  const until = performance.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (performance.now() > until) throw new Error(`not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
