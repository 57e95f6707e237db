/** Charts of the last two days: flow, terms, refers by reason, latency, and where terms are ordinary for a cause of ours. */
import { type Figures, figuresAnswer } from "../../shared/admin.ts";
import { useAnswer } from "./ask.ts";
import { Bars, Loaded, type PageProps } from "./parts.tsx";
import { say, sayCause, sayNumber } from "./words.ts";

const permitWords = ["perk", "ordinary", "technical"];

export const FiguresPage = ({ language }: PageProps) => {
  const asked = useAnswer(figuresAnswer, "/figures", 30);
  return (
    <Loaded language={language} asked={asked}>
      {({ hours, latency, technical }) => {
        const count = (value: number) => sayNumber(language, value);
        const sum = (of: Figures["hours"]) => of.reduce((total, each) => total + each.count, 0);
        const byWord = (words: readonly string[]) =>
          words
            .map((word) => ({ word, value: sum(hours.filter((each) => each.word === word)) }))
            .filter(({ value }) => value > 0)
            .sort((a, b) => b.value - a.value)
            .map(({ word, value }) => ({ name: sayCause(language, word), value, text: count(value) }));
        const permits = hours.filter(({ word }) => permitWords.includes(word));
        const flow = [...new Set(permits.map(({ hour }) => hour))].slice(-24).map((hour) => {
          const value = sum(permits.filter((each) => each.hour === hour));
          const at = new Date(hour * 1000);
          return { name: `${at.getMonth() + 1}-${at.getDate()} ${at.getHours()}:00`, value, text: count(value) };
        });
        const refers = [...new Set(hours.map(({ word }) => word))].filter((word) => word.startsWith("refer:"));
        const charts = [
          { title: say(language, "flow"), bars: flow },
          { title: say(language, "terms"), bars: byWord(permitWords) },
          { title: say(language, "refers"), bars: byWord(refers) },
          {
            title: say(language, "latency"),
            bars: latency.map(({ stage, p95 }) => ({ name: stage, value: p95, text: String(Math.round(p95)) })),
          },
          {
            title: say(language, "technical"),
            bars: technical.map((each) => ({
              name: each.name,
              value: each.technical / each.permits,
              text: `${((100 * each.technical) / each.permits).toFixed(1)} %`,
            })),
          },
        ];
        return (
          <div class="figures">
            {charts.map(({ title, bars }) => (
              <section key={title} class="card" aria-label={title}>
                <h2>{title}</h2>
                {bars.length === 0 ? (
                  <p class="quiet">{say(language, "nothing")}</p>
                ) : (
                  <Bars label={title} bars={bars} />
                )}
              </section>
            ))}
          </div>
        );
      }}
    </Loaded>
  );
};
