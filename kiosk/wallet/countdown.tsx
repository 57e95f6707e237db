/** How long the code is still shown, and a new one at once. */
import { presentationRefreshSeconds } from "../../shared/credential.ts";
import type { Language } from "../ui/language.ts";
import { newCodeIn, words } from "./words.ts";

type CountdownProps = { readonly left: number; readonly language: Language; readonly newCode: () => void };

export const Countdown = ({ left, language, newCode }: CountdownProps) => (
  <div class="countdown">
    <svg class="ring" viewBox="0 0 36 36" aria-hidden="true">
      <circle cx="18" cy="18" r={ringRadius} />
      <circle
        class="left"
        cx="18"
        cy="18"
        r={ringRadius}
        stroke-dasharray={`${Math.round((100 * left) / presentationRefreshSeconds)} 100`}
      />
    </svg>
    <span>{newCodeIn[language](left)}</span>
    <button type="button" class="quiet" onClick={newCode}>
      {words.newCode[language]}
    </button>
  </div>
);

/** Of a circle 100 units around. */
const ringRadius = 50 / Math.PI;
