/** Asks the server about a receipt. Codes and secrets go in bodies alone. Never rejects. */
import type { GenericSchema } from "valibot";
import { problem, readAnswer } from "../../shared/messages.ts";

/** `word` is that of the problem's type; `unreachable` where there is no answer, or not of our server. */
export type Answer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "failed"; readonly word: string; readonly retrySeconds: number };

const waitMilliseconds = 15_000;

export const ask = async <T>(schema: GenericSchema<unknown, T>, path: string, json: object): Promise<Answer<T>> => {
  try {
    const response = await fetch(`/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(json),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(waitMilliseconds),
    });
    const body: unknown = await response.json();
    if (!response.ok) {
      const word = readAnswer(problem, body)?.type.split(":").at(-1) ?? "unreachable";
      return { kind: "failed", word, retrySeconds: Number(response.headers.get("retry-after") ?? 0) };
    }
    const value = readAnswer(schema, body);
    return value === null ? unreachable : { kind: "answered", value };
  } catch {
    return unreachable;
  }
};

const unreachable = { kind: "failed", word: "unreachable", retrySeconds: 0 } as const;
