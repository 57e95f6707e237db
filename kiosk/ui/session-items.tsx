/** Item after item: to borrow, to renew, or to return. Says at once what became of the one just scanned. */

import type { Screen } from "../session.ts";
import type { ItemAction, ItemNotice } from "../session-library.ts";
import { headingOf } from "./headings.ts";
import { ItemList } from "./item-list.tsx";
import type { Language } from "./language.ts";
import { type OnPress, PressButton } from "./press-button.tsx";
import { words } from "./words.ts";
import { itemNotices, itemsScanned, kindFull } from "./words-library.ts";

type SessionItemsProps = {
  readonly screen: Extract<Screen, { readonly name: "session"; readonly stage: "items" | "returns" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const SessionItems = ({ screen, language, onPress }: SessionItemsProps) => (
  <section class="sheet">
    <div class="sheet-head">
      <h1>{headingOf(screen)[language]}</h1>
      {screen.stage === "items" && <Modes screen={screen} language={language} onPress={onPress} />}
    </div>
    <p class="notice" role="status" data-notice={screen.notice?.kind}>
      {screen.notice === null ? itemsScanned[language](screen.items.length) : noticeText(screen.notice, language)}
    </p>
    <ItemList items={screen.items} name={words.scanned[language]} language={language} />
    <div class="sheet-actions">
      <PressButton press={{ kind: "finish" }} onPress={onPress} kind="primary">
        {words.finish[language]}
      </PressButton>
    </div>
  </section>
);

type ModesProps = {
  readonly screen: { readonly action: ItemAction; readonly actions: readonly ItemAction[] };
  readonly language: Language;
  readonly onPress: OnPress;
};

const Modes = ({ screen, language, onPress }: ModesProps) => (
  <fieldset class="modes">
    <legend class="unseen">{words.mode[language]}</legend>
    {screen.actions.map((action) => (
      <PressButton
        key={action}
        press={{ kind: "switch-to", action }}
        onPress={onPress}
        kind="mode"
        pressed={action === screen.action}
      >
        {words[action][language]}
      </PressButton>
    ))}
  </fieldset>
);

const noticeText = (notice: ItemNotice, language: Language): string => {
  if (notice.kind === "not-an-item") return words.notAnItem[language];
  if (notice.kind === "kind-full") return kindFull[language](notice.item, notice.of[language]);
  return itemNotices[notice.kind][language](notice.item);
};
