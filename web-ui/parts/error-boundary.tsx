import { Trans } from '@lingui/react/macro'
import { TriangleAlert } from 'lucide-react'
import { Component } from 'react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { EmptyState } from './empty-state.tsx'

/** What stands where a view broke: what happened, what is kept, what to press. The rest of the page goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override componentDidCatch(error: unknown) {
    console.error(error)
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <EmptyState
        icon={<TriangleAlert />}
        title={<Trans>Something broke here</Trans>}
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            <Trans>Load again</Trans>
          </Button>
        }
      >
        <Trans>Your messages are safe. Loading the page again usually helps.</Trans>
      </EmptyState>
    )
  }
}
