/**
 * What passes by itself: the database is away, failing over, full or slow. An adapter throws it so, and whoever answers says
 * when to ask again; everything else that is thrown is a bug.
 */
const code = "UNAVAILABLE";

export const unavailableError = (cause: string): Error => Object.assign(new Error(cause), { code });

/** Why the database cannot answer at the moment; null where it could, and something else is wrong. */
export const explainUnavailable = (error: unknown): string | null =>
  error instanceof Error && "code" in error && error.code === code ? error.message : null;
