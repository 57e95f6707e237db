/** Whose phone this is: the demo city's citizens, and keys of one's own. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Actions, PageProps } from "./view.ts";
import { nameOf } from "./view.ts";
import { words } from "./words.ts";
import { badgeWords } from "./words-badge.ts";

export const PeoplePage = ({ state, badge, view, actions }: PageProps) => {
  const { language } = view;
  const { citizens, chosen, people } = state;
  return (
    <>
      <h1>{words.chooseTitle[language]}</h1>
      <p class="soft">{words.chooseText[language]}</p>
      {citizens.kind === "asking" ? <p role="status">{words.loadingCitizens[language]}</p> : null}
      {citizens.kind === "failed" ? (
        <div class="notice" role="alert">
          <p>{words.noCitizens[language]}</p>
          <button type="button" class="plain" onClick={actions.loadCitizens}>
            {words.again[language]}
          </button>
        </div>
      ) : null}
      <ul class="people">
        {citizensOf(state).map(({ handle, name, about, choose }) => (
          <PersonRow
            key={handle}
            face={name[language]}
            name={name[language]}
            about={about[language]}
            isChosen={chosen?.handle === handle}
            onClick={() => choose(actions)}
          />
        ))}
        {people
          .filter(({ handle }) => handle === null)
          .map((person) => (
            <PersonRow
              key={person.id}
              face={person.kid}
              name={nameOf(person, language)}
              about={words.ownKeyText[language]}
              isChosen={chosen?.id === person.id}
              onClick={() => actions.choose(person.id)}
            />
          ))}
        {/* Not before the list above it is there: it would move away under a finger. */}
        {citizens.kind === "asking" ? null : (
          <PersonRow
            face="+"
            name={words.ownKey[language]}
            about={words.ownKeyText[language]}
            isChosen={false}
            onClick={() => actions.join(null)}
          />
        )}
      </ul>
      {badge.badge === null ? null : (
        <button type="button" class="plain staff-offer" onClick={() => actions.open("badge")}>
          {badgeWords.offer[language]}
        </button>
      )}
      <button type="button" class="plain" onClick={() => actions.open("lost")}>
        {words.lostOffer[language]}
      </button>
    </>
  );
};

type PersonRowProps = {
  readonly face: string;
  readonly name: string;
  readonly about: string;
  readonly isChosen: boolean;
  readonly onClick: () => void;
};

const PersonRow = ({ face, name, about, isChosen, onClick }: PersonRowProps) => (
  <li>
    <button type="button" class="person" aria-pressed={isChosen} onClick={onClick}>
      <span class="face" aria-hidden="true">
        {face.slice(0, 1)}
      </span>
      <span>
        <strong>{name}</strong>
        <small>{about}</small>
      </span>
    </button>
  </li>
);

type Listed = {
  readonly handle: string;
  readonly name: Bilingual;
  readonly about: Bilingual;
  readonly choose: (actions: Actions) => void;
};

/** The city's list; without a network, whoever of it is on this phone already. */
const citizensOf = ({ citizens, people }: PageProps["state"]): readonly Listed[] => {
  if (citizens.kind === "known") {
    return citizens.list.map((citizen) => ({ ...citizen, choose: (actions) => actions.join(citizen) }));
  }
  return people.flatMap(({ id, handle, name, about }) =>
    handle === null || name === null || about === null
      ? []
      : [{ handle, name, about, choose: (actions: Actions) => actions.choose(id) }],
  );
};
