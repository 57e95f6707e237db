/**
 * The JSON Schema of a pack, from the same source as its decoder: what `shared/programmes/pack.schema.json` holds, so that an
 * editor completes and explains a pack that names it by `$schema`.
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import * as pack from "../shared/pack-schema.ts";

/** What stands in several places, once. */
const definitions = {
  bilingual: pack.bilingual,
  provenance: pack.provenance,
  terms: pack.terms,
  service: pack.service,
};

/** A part of a JSON Schema, as far as it is looked at here. */
export type SchemaPart = {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly items?: SchemaPart;
  readonly additionalProperties?: SchemaPart | boolean;
  readonly anyOf?: readonly SchemaPart[];
  readonly oneOf?: readonly SchemaPart[];
  readonly allOf?: readonly SchemaPart[];
  readonly $defs?: Readonly<Record<string, SchemaPart>>;
};

/** `check`: what no JSON Schema can say is said by `programme check`. */
export const packSchema = toJsonSchema(pack.pack, { definitions, ignoreActions: ["check"] }) as SchemaPart;

export const packSchemaText = `${JSON.stringify(packSchema, null, 2)}\n`;

/** The fields that may stand at `path`; empty where it is no object. */
export const fieldsAt = (path: readonly (string | number)[]): readonly string[] => [
  ...new Set(partsAt(path).flatMap((part) => Object.keys(part.properties ?? {}))),
];

const partsAt = (path: readonly (string | number)[]): readonly SchemaPart[] =>
  path.reduce<readonly SchemaPart[]>(
    (parts, step) => parts.flatMap((part) => inside(part, step)).flatMap(unfold),
    unfold(packSchema),
  );

const inside = (part: SchemaPart, step: string | number): readonly SchemaPart[] => {
  if (typeof step === "number") return part.items === undefined ? [] : [part.items];
  const named = Object.hasOwn(part.properties ?? {}, step) ? part.properties?.[step] : undefined;
  if (named !== undefined) return [named];
  return typeof part.additionalProperties === "object" ? [part.additionalProperties] : [];
};

/** A part and everything that it is put together from. */
const unfold = (part: SchemaPart): readonly SchemaPart[] => {
  const referred = part.$ref === undefined ? undefined : packSchema.$defs?.[part.$ref.split("/").at(-1) ?? ""];
  const parts = [...(part.anyOf ?? []), ...(part.oneOf ?? []), ...(part.allOf ?? []), ...(referred ? [referred] : [])];
  return [part, ...parts.flatMap(unfold)];
};
