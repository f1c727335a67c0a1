import { createStore } from 'zustand/vanilla'
import type { Client } from '#client-sdk/client.ts'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'
import { loginNameOf } from '../register/login-name.ts'

export type LogInField = 'name' | 'password'

interface Problems {
  name?: 'empty' | undefined
  password?: 'empty' | undefined
  /** `not-allowed` here: name and password do not belong together. */
  form?: CallProblem | undefined
}

export interface LogInState {
  name: string
  password: string
  problems: Problems
  sending: boolean
}

export type LogInModel = ReturnType<typeof logInModel>

export function logInModel(client: Pick<Client, 'login'>) {
  const store = createStore<LogInState>(() => ({ name: '', password: '', problems: {}, sending: false }))
  const { getState: get, setState: set } = store
  const mark = (problems: Problems) => set({ problems: { ...get().problems, ...problems } })

  /** Answers with the field that wants the focus, or nothing once logged in. */
  async function submit(): Promise<LogInField | undefined> {
    if (get().sending) return undefined
    mark({ ...fieldProblems(get()), form: undefined })
    if (get().problems.name) return 'name'
    if (get().problems.password) return 'password'
    set({ sending: true })
    try {
      await client.login({ username: usernameOf(get().name), password: get().password })
      return undefined
    } catch (error) {
      const problem = callProblem(error)
      mark({ form: problem })
      if (problem !== 'offline') set({ password: '' })
      return 'password'
    } finally {
      set({ sending: false })
    }
  }

  return {
    store,
    submit,
    setName(name: string) {
      set({ name })
      mark({ name: undefined })
    },
    setPassword(password: string) {
      set({ password })
      mark({ password: undefined })
    },
    leaveName() {
      if (get().name !== '') mark({ name: fieldProblems(get()).name })
    },
  }
}

const fieldProblems = ({ name, password }: LogInState): Problems => ({
  name: name.trim() === '' ? 'empty' : undefined,
  password: password === '' ? 'empty' : undefined,
})

/** People type their own name as they write it, the log-in name it made, or a whole user id. */
const usernameOf = (name: string): string =>
  /^@.+:.+/.test(name.trim()) ? name.trim() : loginNameOf(name) || name.trim()
