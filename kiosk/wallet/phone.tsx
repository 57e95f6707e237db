/** The phone's screen: a bar, and the page that is open. Nobody chosen yet: the people to choose from. */
import { otherLanguage, tagOf } from "../ui/language.ts";
import { BadgePage } from "./badge-page.tsx";
import { CardPage } from "./card.tsx";
import { CodePage } from "./code.tsx";
import { LostPage } from "./lost.tsx";
import { OrderPage } from "./order-page.tsx";
import { PeoplePage } from "./people.tsx";
import { ReceiptPage } from "./receipt.tsx";
import { RecoveryPage } from "./recovery.tsx";
import type { PageProps } from "./view.ts";
import { words } from "./words.ts";

export const Phone = (props: PageProps) => {
  const { state, view, actions } = props;
  const { language } = view;
  const needsNobody = view.page === "lost" || view.page === "badge";
  const page = state.chosen === null && !needsNobody ? "people" : view.page;
  const Page = pages[page];
  return (
    <div class="phone" lang={tagOf[language]}>
      <header class="bar">
        {page === "code" || (page === "people" && state.chosen === null) ? (
          <span class="brand">{words.brand[language]}</span>
        ) : (
          <button type="button" class="quiet" onClick={() => actions.open(state.chosen === null ? "people" : "code")}>
            <span aria-hidden="true">‹ </span>
            {words.back[language]}
          </button>
        )}
        <button type="button" class="quiet" lang={tagOf[otherLanguage(language)]} onClick={actions.switchLanguage}>
          {words.inOtherLanguage[language]}
        </button>
      </header>
      <main data-page={page}>
        {state.trouble === null ? null : (
          <p class="notice" role="alert">
            {words.trouble[language]} <small>{state.trouble}</small>
          </p>
        )}
        <Page {...props} />
      </main>
    </div>
  );
};

const pages = {
  badge: BadgePage,
  code: CodePage,
  people: PeoplePage,
  card: CardPage,
  order: OrderPage,
  recovery: RecoveryPage,
  lost: LostPage,
  receipt: ReceiptPage,
} as const;
