import { Redirect, Route, Switch } from 'wouter'
import { useClient } from './client-context.ts'
import { ErrorBoundary } from './parts/error-boundary.tsx'
import { Toasts } from './parts/toasts.tsx'
import { useSignal } from './parts/use-signal.ts'
import { Frame } from './screens/frame/view.tsx'
import { Invitation } from './screens/invitation/view.tsx'
import { LogIn } from './screens/log-in/view.tsx'
import { Register } from './screens/register/view.tsx'
import { SetUp } from './screens/set-up/view.tsx'
import { Welcome } from './screens/welcome/view.tsx'

/** Inside where somebody is logged in, at the gate otherwise. The address stays, so that a deep link survives logging in. */
export function App() {
  const client = useClient()
  const session = useSignal(client.session)
  const status = useSignal(client.status)
  const inside = session !== undefined && status !== 'signed-out'
  return (
    <>
      <ErrorBoundary>{inside ? <Frame /> : <Outside signedOut={session !== undefined} />}</ErrorBoundary>
      <Toasts />
    </>
  )
}

function Outside({ signedOut }: { signedOut: boolean }) {
  if (signedOut) return <LogIn signedOut />
  return (
    <Switch>
      <Route path="/login">
        <LogIn />
      </Route>
      <Route path="/register">
        <Register />
      </Route>
      <Route path="/setup/:token">{({ token }) => <SetUp token={token} />}</Route>
      <Route path="/invite/:token">{({ token }) => <Invitation key={token} token={token} />}</Route>
      <Route path="/chat/*?">
        <Welcome />
      </Route>
      <Route path="/">
        <Welcome />
      </Route>
      <Route>
        <Redirect to="/" />
      </Route>
    </Switch>
  )
}
