/** What happens between the code and the goodbye, step by step. */
import type { Screen } from "../session.ts";
import type { Language } from "./language.ts";
import type { OnPress } from "./press-button.tsx";
import { SessionDock } from "./session-dock.tsx";
import { SessionItems } from "./session-items.tsx";
import { SessionPerks } from "./session-perks.tsx";
import { SessionReceipt } from "./session-receipt.tsx";
import { SessionTerms } from "./session-terms.tsx";
import { SessionTiers } from "./session-tiers.tsx";

type SessionProps = {
  readonly screen: Extract<Screen, { readonly name: "session" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const Session = ({ screen, language, onPress }: SessionProps) => {
  switch (screen.stage) {
    case "terms":
      return <SessionTerms screen={screen} language={language} onPress={onPress} />;
    case "tiers":
      return <SessionTiers screen={screen} language={language} onPress={onPress} />;
    case "items":
    case "returns":
      return <SessionItems screen={screen} language={language} onPress={onPress} />;
    case "dock":
      return <SessionDock screen={screen} language={language} onPress={onPress} />;
    case "receipt":
      return <SessionReceipt screen={screen} language={language} onPress={onPress} />;
    case "perks":
      return <SessionPerks screen={screen} language={language} onPress={onPress} />;
  }
};
