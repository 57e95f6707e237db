/**
 * Chooses a file in the language of the page: the browser's own field speaks the browser's. Its button is ours, and what was
 * chosen stands beside it and is read out; the same file may be chosen again after it was mended.
 */
import { useRef } from "preact/hooks";
import type { Language } from "./words.ts";
import { sayPublish } from "./words-publish.ts";

type FileChoiceProps = {
  readonly language: Language;
  /** As a browser's field takes it. */
  readonly accept: string;
  /** The name of what is chosen. */
  readonly chosen: string | null;
  readonly onChoose: (file: File) => void;
};

export const FileChoice = ({ language, accept, chosen, onChoose }: FileChoiceProps) => {
  const field = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement): void => {
    const file = input.files?.[0];
    if (file !== undefined) onChoose(file);
    input.value = "";
  };
  return (
    <fieldset class="field file-choice">
      <legend>{sayPublish(language, "file")}</legend>
      <span class="row">
        <button type="button" onClick={() => field.current?.click()}>
          {sayPublish(language, "chooseFile")}
        </button>
        <span role="status" class="file-name">
          {chosen ?? sayPublish(language, "noFile")}
        </span>
      </span>
      <input ref={field} type="file" hidden accept={accept} onChange={({ currentTarget }) => take(currentTarget)} />
    </fieldset>
  );
};
