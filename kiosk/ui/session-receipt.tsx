/** What was done, to read before leaving: the items with their dates, and the terms that were agreed to. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import { ItemList } from "./item-list.tsx";
import type { Language } from "./language.ts";
import { OfferList } from "./offer.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { itemsScanned, words } from "./words.ts";

type SessionReceiptProps = {
  readonly screen: Extract<Screen, { readonly name: "session"; readonly stage: "receipt" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const SessionReceipt = ({ screen, language, onPress }: SessionReceiptProps) => (
  <section class="sheet">
    <h1>{headingOf(screen)[language]}</h1>
    {screen.items.length > 0 && (
      <ItemList items={screen.items} name={itemsScanned[language](screen.items.length)} language={language} />
    )}
    {screen.offer !== null && screen.items.length > 0 && (
      <OfferList offer={screen.offer} service="library" dock={null} language={language} />
    )}
    <div class="sheet-actions">
      <PressButton press={{ kind: "leave" }} onPress={onPress} kind="primary">
        {words.leave[language]}
      </PressButton>
    </div>
  </section>
);
