import { Trans } from '@lingui/react/macro'
import { Check } from 'lucide-react'
import { useStore } from 'zustand'
import type { FoundUser } from '#client-sdk/client.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { SkeletonRows } from '../../parts/skeleton.tsx'
import { ProblemText } from '../problem-text.tsx'
import type { PeopleSearchModel } from './model.ts'
import css from './people-list.module.css'
import { personName } from './person-name.ts'

export interface PeopleListProps {
  model: PeopleSearchModel
  onPick: (person: FoundUser) => void
  /** Where several people are picked: whom so far. */
  picked?: readonly FoundUser[]
}

/** The people a search found, or the sentence for none. */
export function PeopleList({ model, onPick, picked }: PeopleListProps) {
  const { query, found, searching, problem } = useStore(model.store)
  if (problem) {
    return (
      <p className={css.line} role="alert">
        <ProblemText problem={problem} />
      </p>
    )
  }
  if (found.length === 0 && searching) return <SkeletonRows count={3} />
  if (found.length === 0 && query.trim() !== '') {
    return (
      <p className={css.line} role="status">
        <Trans>Nobody here is called “{query}”.</Trans>
      </p>
    )
  }
  return (
    <ul className={css.list}>
      {found.map((person) => {
        const chosen = picked?.some((one) => one.userId === person.userId)
        const name = personName(person)
        return (
          <li key={person.userId}>
            <button type="button" className={css.person} aria-pressed={chosen} onClick={() => onPick(person)}>
              <Avatar id={person.userId} name={name} size="l" />
              <span className={css.text}>
                <span className={css.name}>
                  <bdi>{name}</bdi>
                </span>
                <span className={css.id} dir="ltr">
                  {person.userId}
                </span>
              </span>
              {picked && <span className={css.mark}>{chosen && <Check aria-hidden />}</span>}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
