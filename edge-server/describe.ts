/** Words for the OpenAPI document: each route says what it takes and gives from the schemas that it reads with. */
import { describeRoute, resolver } from "hono-openapi";
import type { GenericSchema } from "valibot";
import type { OperatorRole } from "../shared/admin.ts";
import { problem } from "../shared/messages.ts";
import { type ProblemWord, problems } from "./problem.ts";

type Media = { readonly [mediaType: string]: GenericSchema | "bytes" };

/** `gives`: what a 200 carries, and a 206 where `hasRanges`. `refuses`: the problems that it may answer with. */
export type RouteDescription = {
  readonly summary: string;
  readonly takes?: Media;
  readonly gives: Media;
  readonly refuses?: readonly ProblemWord[];
  readonly isSigned?: boolean;
  readonly hasRanges?: boolean;
  readonly path?: Readonly<Record<string, string>>;
  /** What may stand after the question mark, each with its pattern. */
  readonly query?: Readonly<Record<string, string>>;
  /** Takes a session of the console, with this role or one that may more. */
  readonly role?: OperatorRole;
};

export const describe = ({
  summary,
  takes,
  gives,
  refuses = [],
  isSigned = false,
  hasRanges = false,
  path = {},
  query = {},
  role,
}: RouteDescription) =>
  describeRoute({
    summary: role === undefined ? summary : `${summary} (${role})`,
    parameters: [
      ...Object.entries(path).map(([name, pattern]) => ({
        name,
        in: "path" as const,
        required: true,
        schema: { type: "string" as const, pattern },
      })),
      ...Object.entries(query).map(([name, pattern]) => ({
        name,
        in: "query" as const,
        schema: { type: "string" as const, pattern },
      })),
      ...(isSigned ? signatureHeaders : []),
    ],
    ...(takes === undefined ? {} : { requestBody: { required: true, content: contentOf(takes) } }),
    responses: {
      200: { description: "What was asked for", content: contentOf(gives) },
      ...(hasRanges ? { 206: { description: "The range that was asked for", content: contentOf(gives) } } : {}),
      ...refusalsOf([...refuses, ...(role === undefined ? [] : ofSession)]),
    },
  });

const ofSession = ["https-needed", "other-origin", "not-signed-in", "role-missing", "unavailable"] as const;

const signatureHeaders = ["Signature", "Signature-Input"].map((name) => ({
  name,
  in: "header" as const,
  description: "RFC 9421, by the terminal's key",
  schema: { type: "string" as const },
}));

const contentOf = (media: Media) =>
  Object.fromEntries(
    Object.entries(media).map(([mediaType, schema]) => [
      mediaType,
      { schema: schema === "bytes" ? { type: "string" as const, format: "binary" } : resolver(schema) },
    ]),
  );

const refusalsOf = (words: readonly ProblemWord[]) => {
  const statuses = [...new Set(words.map((word) => problems[word][0]))];
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: words
          .filter((word) => problems[word][0] === status)
          .map((word) => `\`${word}\`: ${problems[word][1]}`)
          .join("; "),
        content: { "application/problem+json": { schema: resolver(problem) } },
      },
    ]),
  );
};
