/** What was borrowed, renewed or returned so far: the newest first, each with its due date or that it is back. */
import type { ComponentChildren } from "preact";
import type { ItemLine } from "../session-library.ts";
import { formatDay } from "./format.ts";
import type { Language } from "./language.ts";
import { DonePicture } from "./pictures.tsx";
import { words } from "./words.ts";
import { dueOn } from "./words-library.ts";

type ItemListProps = {
  readonly items: readonly ItemLine[];
  readonly name: string;
  readonly language: Language;
  /** Below the items, and moving with them. */
  readonly children?: ComponentChildren;
};

export const ItemList = ({ items, name, language, children }: ItemListProps) => (
  // A list that scrolls has to be reachable with the keyboard.
  // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
  <section class="items" tabIndex={0} aria-label={name}>
    {items.length === 0 ? (
      <p class="items-none">{words.noItems[language]}</p>
    ) : (
      <ol>
        {items.toReversed().map(({ item, dueAt, isOrdered }) => (
          <li key={`${item} ${dueAt}`} data-item={item}>
            <DonePicture />
            <span class="item-name">{item}</span>
            <span class="item-due">
              {dueAt !== null
                ? dueOn[language](formatDay(dueAt, language))
                : (isOrdered === true ? words.ordered : words.returned)[language]}
            </span>
          </li>
        ))}
      </ol>
    )}
    {children}
  </section>
);
