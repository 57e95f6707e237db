/** `code check`: what a terminal would make of a code. */
import { importPublicKey } from "../../shared/keys.ts";
import { decodeTrust, openTrust, type Trust } from "../../shared/trust.ts";
import { type VerifiedPresentation, verify } from "../../shared/verify.ts";
import { type Command, type CommandEdges, refuse } from "../command.ts";
import { readJsonFile } from "../files.ts";

export const checkCode: Command = {
  name: "code check",
  usage: "TEXT [--now T] [--trust FILE.json] [--json]",
  about: `Verifies the text of one code as a terminal would: exit code 0 when it is genuine and current, 1 with its fault.
--now is the time in Unix seconds. FILE.json is {"trust": [{"jwk": ...}]}, else the registry's issuers are trusted.`,
  options: ["now", "trust"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [text = ""], option }, edges) => {
    const now = option("now") ?? String(edges.now());
    if (!/^\d{1,12}$/.test(now)) return refuse(`--now is "${now}": it must be a time in Unix seconds`);
    const path = option("trust");
    const trust = path === undefined ? await trustOfRegistry(edges) : await trustInFile(path);
    if (typeof trust === "string") return refuse(trust);

    const result = await verify(text, trust, Number(now));
    if (result.kind === "fault") {
      return { kind: "answered", text: `Refused: ${result.fault}`, json: { fault: result.fault }, isBad: true };
    }
    const read = describeRead(result.presentation);
    const lines = Object.entries(read).map(([name, value]) => `  ${name.padEnd(12)} ${String(value)}`);
    return { kind: "answered", text: ["Genuine and current:", ...lines].join("\n"), json: read };
  },
};

/** By the names that the vectors of the format use. */
const describeRead = (presentation: VerifiedPresentation) => {
  const { form, use, sub, exp, statusUri, statusIndex, issuedAt, issuerKid, identity, role, sites } = presentation;
  const all = { form, use, sub, exp, statusUri, statusIndex, issuedAt, issuerKid, identity, role, sites };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
};

const trustOfRegistry = async (edges: CommandEdges): Promise<Trust | string> => {
  const trust = await openTrust((await edges.open()).registry.issuers());
  return trust.kind === "valid" ? trust.value : trust.error;
};

/** An entry needs no more than its key: the kid follows from it, and citizen is the usual use. */
const trustInFile = async (path: string): Promise<Trust | string> => {
  const file = readJsonFile(path);
  if (file.kind === "unreadable") return file.error;
  const rows = isObject(file.value) ? file.value.trust : undefined;
  if (!Array.isArray(rows)) return `${path} must be like {"trust": [{"jwk": ...}]}`;
  const entries: unknown[] = [];
  for (const [index, row] of rows.entries()) {
    const key = isObject(row) ? await importPublicKey(row.jwk) : null;
    if (key === null) return `${path}: trust.${index}.jwk is not a public Ed25519 or P-256 key`;
    entries.push({ kid: key.kid, use: "citizen", ...row, jwk: key.jwk });
  }
  const decoded = decodeTrust(JSON.stringify({ v: 1, version: 1, entries }));
  const trust = decoded.kind === "valid" ? await openTrust(decoded.value.entries) : decoded;
  return trust.kind === "valid" ? trust.value : `${path}: ${trust.error}`;
};

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null;
