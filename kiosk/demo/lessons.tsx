/** What a newcomer can try, ticked off as it happens. */
import type { Language } from "../ui/language.ts";
import { type Lesson, lessons } from "./demo.ts";
import { lessonWords, words } from "./words.ts";

type LessonsProps = { readonly learnt: readonly Lesson[]; readonly language: Language };

export const Lessons = ({ learnt, language }: LessonsProps) => {
  const next = lessons.find((lesson) => !learnt.includes(lesson));
  return (
    <section aria-label={words.lessons[language]}>
      <ol class="lessons">
        {lessons.map((lesson, index) => {
          const isLearnt = learnt.includes(lesson);
          const { title, how } = lessonWords[lesson];
          return (
            <li
              key={lesson}
              data-lesson={lesson}
              data-learnt={isLearnt}
              aria-current={lesson === next ? "step" : undefined}
            >
              <span class="mark" aria-hidden="true">
                {isLearnt ? "✓" : index + 1}
              </span>
              <div>
                <strong>{title[language]}</strong>
                {isLearnt ? <span class="unseen"> ({words.learnt[language]})</span> : null}
                <p>{how[language]}</p>
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
};
