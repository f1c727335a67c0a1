import { useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import type { FoundUser } from '#client-sdk/client.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { personName } from './person-name.ts'
import css from './picked-people.module.css'

/** Who has been picked, each to be dropped again. */
export function PickedPeople({
  people,
  onDrop,
}: {
  people: readonly FoundUser[]
  onDrop: (person: FoundUser) => void
}) {
  const { t } = useLingui()
  if (people.length === 0) return null
  return (
    <ul className={css.people} aria-label={t`Chosen people`}>
      {people.map((person) => {
        const name = personName(person)
        return (
          <li key={person.userId}>
            <button type="button" className={css.chip} aria-label={t`Drop ${name}`} onClick={() => onDrop(person)}>
              <Avatar id={person.userId} name={name} size="s" />
              <bdi>{name}</bdi>
              <X aria-hidden />
            </button>
          </li>
        )
      })}
    </ul>
  )
}
