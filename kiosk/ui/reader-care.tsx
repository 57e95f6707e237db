/** For staff: which camera and its light, how loud, with or without a voice, and how long a tap takes here. */
import type { CareTouch, ReaderCare } from "../session.ts";
import type { Language } from "./language.ts";
import { careWords, stageNames } from "./words-care.ts";

type CareProps = {
  readonly care: ReaderCare;
  readonly language: Language;
  readonly onCare: (touch: CareTouch) => void;
};

export const ReaderCareList = ({ care, language, onCare }: CareProps) => (
  <>
    <li class="care">
      {care.cameras.length > 1 && (
        <label>
          {careWords.camera[language]}
          <select
            data-care="camera"
            value={care.camera ?? ""}
            onChange={({ currentTarget }) => onCare({ kind: "camera", id: currentTarget.value })}
          >
            {care.cameras.map(({ id, label }, at) => (
              <option key={id} value={id}>
                {label === "" ? `${careWords.camera[language]} ${at + 1}` : label}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {careWords.volume[language]}
        <input
          type="range"
          data-care="volume"
          min={1}
          max={5}
          step={1}
          value={care.volume}
          onChange={({ currentTarget }) => onCare({ kind: "volume", volume: currentTarget.valueAsNumber })}
        />
      </label>
      {care.light !== null && (
        <Switch kind="light" isOn={care.light} label={careWords.light[language]} onCare={onCare} />
      )}
      {care.voice !== null && (
        <Switch kind="voice" isOn={care.voice} label={careWords.voice[language]} onCare={onCare} />
      )}
    </li>
    {care.latency.length > 0 && (
      <li>
        <Latency care={care} language={language} />
      </li>
    )}
  </>
);

type SwitchProps = {
  readonly kind: "light" | "voice";
  readonly isOn: boolean;
  readonly label: string;
  readonly onCare: CareProps["onCare"];
};

const Switch = ({ kind, isOn, label, onCare }: SwitchProps) => (
  <button
    type="button"
    class="button button-mode"
    data-care={kind}
    aria-pressed={isOn}
    onClick={() => onCare({ kind, isOn: !isOn })}
  >
    {label}
  </button>
);

const Latency = ({ care, language }: Omit<CareProps, "onCare">) => (
  <table class="latency">
    <caption>{careWords.latency[language]}</caption>
    <thead>
      <tr>
        <th scope="col">{careWords.stage[language]}</th>
        <th scope="col">p50</th>
        <th scope="col">p95</th>
        <th scope="col">p99</th>
      </tr>
    </thead>
    <tbody>
      {care.latency.map(({ stage, p50, p95, p99 }) => (
        <tr key={stage} data-latency={stage}>
          <th scope="row">{stageNames[stage][language]}</th>
          {[p50, p95, p99].map((milliseconds, at) => (
            <td key={at}>{milliseconds.toFixed(1)}</td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);
