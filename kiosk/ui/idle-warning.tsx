/**
 * The session is about to end by itself: how long it still lasts, and one large button for more time. Takes the focus,
 * and gives it back. Closing it by the keyboard means more time, too.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Language } from "./language.ts";
import { ClockPicture } from "./pictures.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { endsIn, words } from "./words.ts";

type IdleWarningProps = { readonly seconds: number; readonly language: Language; readonly onPress: OnPress };

export const IdleWarning = ({ seconds, language, onPress }: IdleWarningProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="warning"
      role="alertdialog"
      aria-labelledby="warning-title"
      aria-describedby="warning-text"
      onCancel={(event) => {
        event.preventDefault();
        onPress({ kind: "more-time" });
      }}
    >
      <ClockPicture />
      <h2 id="warning-title">{words.warningTitle[language]}</h2>
      <p id="warning-text" class="lead">
        {endsIn[language](seconds)}
      </p>
      <PressButton press={{ kind: "more-time" }} onPress={onPress} kind="primary">
        {words.moreTime[language]}
      </PressButton>
    </dialog>
  );
};
