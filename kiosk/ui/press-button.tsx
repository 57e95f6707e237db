/** A button that says what was pressed, and nothing more. */
import type { ComponentChildren } from "preact";
import type { Press } from "../session.ts";

export type OnPress = (press: Press) => void;

const choiceIn = (press: Press): string | undefined => {
  if ("effect" in press) return press.effect;
  if ("tier" in press) return press.tier ?? "none";
  return "reason" in press ? press.reason : undefined;
};

type PressButtonProps = {
  readonly press: Press;
  readonly onPress: OnPress;
  readonly kind: "primary" | "secondary" | "dock" | "mode" | "tier";
  /** Of a choice: whether this is the one made. */
  readonly pressed?: boolean;
  readonly children: ComponentChildren;
};

export const PressButton = ({ press, onPress, kind, pressed, children }: PressButtonProps) => (
  <button
    type="button"
    class={`button button-${kind}`}
    data-press={press.kind}
    data-dock={"dock" in press ? press.dock : undefined}
    data-action={"action" in press ? press.action : undefined}
    data-choice={choiceIn(press)}
    aria-pressed={pressed}
    onClick={() => onPress(press)}
  >
    {children}
  </button>
);
