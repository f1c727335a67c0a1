import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { CallError } from '#client-sdk/call.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import type { MenuItem } from '../parts/menu.tsx'
import { showToast } from '../parts/toast-store.ts'
import type { Command } from './command.ts'

/** Runs a command and says what went wrong, where a call failed. */
export async function runCommand<Target>(command: Command<Target>, target: Target): Promise<void> {
  try {
    await command.run(target)
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    showToast(
      error.kind === 'network'
        ? msg`Your home cannot be reached right now.`
        : msg`That did not work. You may not be allowed to.`,
    )
  }
}

/** The menu entries of those commands that are allowed on a target, and the question of the one that asks first. */
export function useCommands<Target>(
  commands: readonly Command<Target>[],
  target: Target,
): { items: MenuItem[]; question: ReactNode } {
  const { i18n } = useLingui()
  const [asking, setAsking] = useState<Command<Target>>()
  const items = commands
    .filter((command) => command.allowed(target))
    .map((command) => ({
      key: command.name,
      label: i18n._(command.label),
      icon: <command.Icon aria-hidden />,
      danger: command.danger ?? false,
      run: () => (command.confirm ? setAsking(command) : void runCommand(command, target)),
    }))
  const texts = asking?.confirm?.(target)
  const question = asking && texts && (
    <ConfirmDialog
      title={i18n._(texts.title)}
      text={i18n._(texts.text)}
      action={i18n._(asking.label)}
      danger={asking.danger ?? false}
      onClose={() => setAsking(undefined)}
      onConfirm={() => {
        setAsking(undefined)
        void runCommand(asking, target)
      }}
    />
  )
  return { items, question }
}
