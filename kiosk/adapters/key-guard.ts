/**
 * Keeps from the page and the browser what a citizen's terminal has no use for and a code can type through a keyboard wedge
 * (BadBarcode): every key held with Ctrl, Alt or Meta (Ctrl+J, which a line feed becomes, opens the downloads), F1 to F24,
 * keys of browsers and media, pasting and dropping.
 *
 * What a person without a touch screen needs is left alone: Tab, Enter, Space, the arrows, Escape, and Ctrl with + - 0,
 * which no code can say, to make everything larger. So is what staff write into a field that is there for it, letter by
 * letter; whoever reads the field takes no code out of it. A page never hears of Ctrl+N, T and W: the kiosk mode of the
 * browser has to be without windows and tabs.
 *
 * Started after the wedge, so that the wedge sees what spoils a scan.
 */
export const guardKeys = (target: Window = window): (() => void) => {
  const guarding = new AbortController();
  const options = { capture: true, signal: guarding.signal };
  for (const type of ["keydown", "keypress", "keyup"] as const) {
    target.addEventListener(type, (event) => void (isUnwanted(event) && keepBack(event)), options);
  }
  for (const type of ["paste", "cut", "dragover", "drop"] as const) target.addEventListener(type, keepBack, options);
  target.addEventListener("beforeinput", (event) => void (isWritten(event) || keepBack(event)), options);
  return () => guarding.abort();
};

const enlarging = ["+", "-", "=", "0"];
const ownKeys = /^(F\d{1,2}|Browser.*|Launch.*|Media.*|ContextMenu|Help|BrightnessUp|BrightnessDown|PrintScreen)$/;

const isUnwanted = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean => {
  if (ownKeys.test(key)) return true;
  if (ctrlKey && !altKey && !metaKey && enlarging.includes(key)) return false;
  return ctrlKey || altKey || metaKey;
};

/** Typed by hand, also by way of an input method; never pasted or dropped. */
const isWritten = ({ target, inputType }: InputEvent): boolean =>
  target instanceof HTMLInputElement && target.type === "text" && writing.test(inputType);

const writing = /^(insert(Text|CompositionText|FromComposition|ReplacementText)|delete(Content|Word|Composition)\w*)$/;

const keepBack = (event: Event): void => {
  event.preventDefault();
  event.stopImmediatePropagation();
};
