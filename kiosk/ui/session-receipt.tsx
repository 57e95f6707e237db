/** What was done, to read before leaving: the items with their dates, and the terms that were agreed to. */
import type { Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import { ItemList } from "./item-list.tsx";
import type { Language } from "./language.ts";
import { OfferList } from "./offer.tsx";
import { BookPicture } from "./pictures.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { ReceiptCode } from "./why.tsx";
import { words } from "./words.ts";
import { itemsScanned } from "./words-library.ts";

type SessionReceiptProps = {
  readonly screen: Extract<Screen, { readonly name: "session"; readonly stage: "receipt" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const SessionReceipt = ({ screen, language, onPress }: SessionReceiptProps) => {
  const { receipt } = screen;
  const leave = (
    <PressButton press={{ kind: "leave" }} onPress={onPress} kind="primary">
      {words.leave[language]}
    </PressButton>
  );
  if (screen.items.length === 0) {
    return (
      <Scene picture={BookPicture} title={headingOf(screen)[language]} actions={leave}>
        {receipt !== undefined && <ReceiptCode receipt={receipt} language={language} />}
      </Scene>
    );
  }
  return (
    <section class="sheet">
      <h1>{headingOf(screen)[language]}</h1>
      <ItemList items={screen.items} name={itemsScanned[language](screen.items.length)} language={language}>
        {screen.offer !== null && <OfferList offer={screen.offer} service="library" dock={null} language={language} />}
      </ItemList>
      {receipt !== undefined && <ReceiptCode receipt={receipt} language={language} />}
      <div class="sheet-actions">{leave}</div>
    </section>
  );
};
