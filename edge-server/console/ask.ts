/** Asks the server under /v1/admin, with the session's cookie. Never rejects: an answer of the agreed shape, or a problem. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { GenericSchema } from "valibot";
import { problem, readAnswer } from "../../shared/messages.ts";

/** `word` is that of the problem's type; `unreachable` where there is no answer, or not of our server. */
export type Trouble = { readonly word: string; readonly detail: string; readonly retrySeconds: number };
export type Answer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "failed"; readonly trouble: Trouble };

export const ask = <T>(
  schema: GenericSchema<unknown, T>,
  path: string,
  method: "GET" | "POST" | "DELETE" = "GET",
  json?: unknown,
): Promise<Answer<T>> =>
  send(schema, path, {
    method,
    ...(json === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(json) }),
  });

/** The file goes as it is. */
export const askAboutFile = <T>(
  schema: GenericSchema<unknown, T>,
  path: string,
  file: Blob,
  mediaType: string,
): Promise<Answer<T>> => send(schema, path, { method: "POST", headers: { "content-type": mediaType }, body: file });

const send = async <T>(schema: GenericSchema<unknown, T>, path: string, sent: RequestInit): Promise<Answer<T>> => {
  try {
    const response = await fetch(`/v1/admin${path}`, {
      ...sent,
      cache: "no-store",
      redirect: "error",
    });
    const body: unknown = await response.json();
    if (!response.ok) return failed(readAnswer(problem, body), Number(response.headers.get("retry-after") ?? 0));
    const value = readAnswer(schema, body);
    return value === null ? failed(null, 0) : { kind: "answered", value };
  } catch {
    return failed(null, 0);
  }
};

const failed = (said: { readonly type: string; readonly detail?: string | undefined } | null, retrySeconds: number) =>
  ({
    kind: "failed",
    trouble: {
      word: said?.type.split(":").at(-1) ?? "unreachable",
      detail: said?.detail ?? "",
      retrySeconds,
    },
  }) as const;

export type Asked<T> = { readonly value: T | null; readonly trouble: Trouble | null; readonly again: () => void };

/** Asks now, and again every so many seconds while the page can be seen; what was answered stays until there is more. */
export const useAnswer = <T>(schema: GenericSchema<unknown, T>, path: string, everySeconds: number): Asked<T> => {
  const [known, setKnown] = useState<{ readonly path: string; readonly value: T } | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    let isOver = false;
    const look = async (): Promise<void> => {
      const answer = await ask(schema, path);
      if (isOver) return;
      if (answer.kind === "answered") setKnown({ path, value: answer.value });
      setTrouble(answer.kind === "failed" ? answer.trouble : null);
    };
    void look();
    const timer = setInterval(() => void (document.hidden || look()), everySeconds * 1000);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [schema, path, everySeconds, round]);
  return { value: known?.path === path ? known.value : null, trouble, again };
};
