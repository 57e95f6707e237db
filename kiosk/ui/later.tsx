/**
 * A part of the screen that is not fetched with the page: it is when it is first shown, or before (`load`). Its place stays
 * empty until it is there. Where it cannot be had, its place says so, and each new drawing tries again.
 */
import type { FunctionComponent } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { Language } from "./language.ts";
import { words } from "./words.ts";

export const later = <Props extends { readonly language: Language }>(
  fetch: () => Promise<FunctionComponent<Props>>,
) => {
  let Part: FunctionComponent<Props> | null = null;
  let fetching: Promise<void> | null = null;

  const load = (): Promise<void> => {
    fetching ??= fetch()
      .then((fetched) => {
        Part = fetched;
      })
      .finally(() => {
        fetching = null;
      });
    return fetching;
  };

  const Later = (props: Props) => {
    const [state, setState] = useState<"awaited" | "here" | "away">("awaited");
    useLayoutEffect(() => {
      if (Part !== null) return;
      load().then(
        () => setState("here"),
        () => setState("away"),
      );
    });
    if (Part !== null) return <Part {...props} />;
    return state === "away" ? <p role="alert">{words.partAway[props.language]}</p> : null;
  };
  return Object.assign(Later, { load });
};
