import type { ReactNode } from 'react'
import { HearthMark } from '../../parts/hearth-mark.tsx'
import { LanguageChoice } from '../../parts/language-choice.tsx'
import css from './view.module.css'

export interface GateProps {
  title: ReactNode
  lead?: ReactNode
  /** Above the title instead of the sign of the app: who is inviting, for instance. */
  figure?: ReactNode
  children: ReactNode
  foot?: ReactNode
}

/** The frame of everything that happens before one is in: sign, title, one card, and the languages. */
export function Gate({ title, lead, figure, children, foot }: GateProps) {
  return (
    <div className={css.gate}>
      <header className={css.top}>
        <LanguageChoice />
      </header>
      <main className={css.main}>
        <div className={css.figure}>{figure ?? <HearthMark size={64} />}</div>
        <h1 className={css.title}>{title}</h1>
        {lead && <p className={css.lead}>{lead}</p>}
        <div className={css.card}>{children}</div>
        {foot && <div className={css.foot}>{foot}</div>}
      </main>
    </div>
  )
}
