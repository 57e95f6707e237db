import { describe, expect, it } from "vitest";
import { problems } from "../edge-server/problem.ts";
import { createWorld } from "./world.ts";

type Schema = { readonly [key: string]: unknown };
type Operation = {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
};
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
type Document = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

const demo = { citizens: () => ({ programme: "here", citizens: [] }), addTerminals: async () => ({ terminals: [] }) };
const issue = async () => ({ kind: "refused", problem: "proof-refused", detail: "" }) as const;

const issueBadge = async () => ({ kind: "refused", problem: "badge-refused", detail: "" }) as const;
const refused = async () => ({ kind: "refused", problem: "recovery-refused", detail: "" }) as const;
const lostPhone = { register: refused, report: refused };

const fetchDocument = async (changes = {}): Promise<Document> => {
  const response = await (await createWorld(changes)).app.request("/openapi.json");
  expect(response.status).toBe(200);
  return response.json();
};
const operationsOf = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );

describe("/openapi.json", () => {
  it("lists every route, and those of demo and issuer only where they are", async () => {
    const always = [
      "GET /healthz",
      "GET /metrics",
      "GET /readyz",
      "GET /v1/artefacts/{sha256}",
      "GET /v1/manifest",
      "GET /v1/places",
      "GET /v1/site/events",
      "POST /v1/enrolments",
      "POST /v1/log",
      "POST /v1/rescues",
      "POST /v1/stays",
    ];
    const names = (document: Document) =>
      operationsOf(document)
        .map(({ name }) => name)
        .sort();
    expect(names(await fetchDocument())).toEqual(always);
    expect(names(await fetchDocument({ demo, issue, issueBadge, lostPhone }))).toEqual(
      [
        ...always,
        "GET /v1/demo/citizens",
        "POST /v1/badges",
        "POST /v1/credentials",
        "POST /v1/demo/terminals",
        "POST /v1/demo/terminals/{service}",
        "POST /v1/losses",
        "POST /v1/recoveries",
      ].sort(),
    );
  });

  it("says of each what it takes, gives and refuses, with a schema each", async () => {
    const document = await fetchDocument({ demo, issue, issueBadge, lostPhone });
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: expect.any(String), version: "1" });
    for (const { name, operation } of operationsOf(document)) {
      expect(operation.summary, name).toEqual(expect.any(String));
      expect(Object.keys(operation.responses), name).toContain("200");
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      for (const { schema } of bodies.flatMap((each) => Object.values(each?.content ?? {}))) checkSchema(schema, name);
      for (const { schema } of operation.parameters ?? []) checkSchema(schema, name);
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (status.startsWith("2")) continue;
        expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(["application/problem+json"]);
        expect(Object.values(problems).map(([known]) => String(known))).toContain(status);
      }
    }
  });

  it("has the very limits that requests are read with", async () => {
    const { paths } = await fetchDocument();
    const schema = paths["/v1/enrolments"]?.post?.requestBody?.content["application/json"]?.schema;
    expect(schema).toMatchObject({
      required: ["code", "key"],
      additionalProperties: false,
      properties: { code: { type: "string", pattern: "^[A-Za-z0-9_-]{22}$" } },
    });
    expect(Object.keys(paths["/v1/log"]?.post?.requestBody?.content ?? {})).toEqual(["application/cbor"]);
    const signed = paths["/v1/log"]?.post?.parameters?.map((each) => `${each.in} ${each.name}`);
    expect(signed).toEqual(["header Signature", "header Signature-Input"]);
    expect(paths["/v1/artefacts/{sha256}"]?.get?.parameters).toMatchObject([
      { name: "sha256", in: "path", required: true },
    ]);
  });
});

/** JSON Schema as far as we write it: known words, each of its kind. */
const checkSchema = (schema: Schema, name: string): void => {
  const strings = ["type", "pattern", "format", "$schema"];
  const schemas = ["items", "additionalProperties", "propertyNames"];
  for (const [key, value] of Object.entries(schema)) {
    const at = `${name}: ${key}`;
    if (strings.includes(key)) expect(typeof value, at).toBe("string");
    else if (/^(min|max)(Length|Items|imum)$/.test(key)) expect(typeof value, at).toBe("number");
    else if (key === "required" || key === "enum") expect(Array.isArray(value), at).toBe(true);
    else if (key === "properties") for (const each of Object.values(value as Schema)) checkSchema(each as Schema, name);
    else if (key === "oneOf" || key === "anyOf") for (const each of value as Schema[]) checkSchema(each, name);
    else if (schemas.includes(key) && typeof value === "object") checkSchema(value as Schema, name);
    else expect(["const", "additionalProperties", "description"], at).toContain(key);
    if (key === "pattern") expect(() => new RegExp(String(value)), at).not.toThrow();
  }
};
