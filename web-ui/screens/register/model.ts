import { createStore } from 'zustand/vanilla'
import type { Client, RegistrationNeeds } from '#client-sdk/client.ts'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'
import { loginNameOf } from './login-name.ts'
import { shortestPassword } from './password-strength.ts'

export type NameProblem = 'empty' | 'no-latin' | 'too-long' | 'taken' | 'not-allowed'
export type PasswordProblem = 'empty' | 'short' | 'refused'
export type FormProblem = CallProblem | 'link-used'
export type RegisterField = 'name' | 'password' | 'terms'

interface Problems {
  name?: NameProblem | undefined
  password?: PasswordProblem | undefined
  terms?: 'not-agreed' | undefined
  form?: FormProblem | undefined
}

export interface RegisterState {
  name: string
  password: string
  agreed: boolean
  /** What the node asks for; absent until it has answered. */
  needs: RegistrationNeeds | undefined
  problems: Problems
  sending: boolean
}

export type RegisterClient = Pick<Client, 'registrationNeeds' | 'isUsernameAvailable' | 'register' | 'setDisplayName'>
export type RegisterModel = ReturnType<typeof registerModel>

const empty: RegisterState = { name: '', password: '', agreed: false, needs: undefined, problems: {}, sending: false }
const fieldOrder: readonly RegisterField[] = ['name', 'password', 'terms']

/** The form that makes an account: by an invite or set-up link (`registrationToken`), or freely where the node is open. */
export function registerModel(client: RegisterClient, registrationToken?: string) {
  const store = createStore<RegisterState>(() => empty)
  const { getState: get, setState: set } = store
  const mark = (problems: Problems) => set({ problems: { ...get().problems, ...problems } })
  const firstWrong = () => fieldOrder.find((field) => get().problems[field])

  async function askNeeds(): Promise<void> {
    try {
      set({ needs: await client.registrationNeeds() })
      mark({ form: undefined })
    } catch (error) {
      mark({ form: callProblem(error) })
    }
  }

  async function leaveName(): Promise<void> {
    const { name } = get()
    if (name === '') return
    const problem = nameProblem(name) ?? (await availabilityProblem(client, loginNameOf(name)))
    if (name === get().name) mark({ name: problem })
  }

  /** Makes the account. Answers with the first field that is wrong, for the focus. */
  async function submit(): Promise<RegisterField | undefined> {
    if (get().sending) return undefined
    mark({ ...fieldProblems(get()), form: undefined })
    if (firstWrong()) return firstWrong()
    set({ sending: true })
    try {
      if (!get().needs) set({ needs: await client.registrationNeeds() })
      mark({ terms: termsProblem(get()) })
      if (!firstWrong()) await makeAccount(client, get(), registrationToken)
    } catch (error) {
      const problem = callProblem(error)
      // The password goes after every refusal; an unreachable node refused nothing.
      if (problem !== 'offline') set({ password: '' })
      mark(refusal(problem, registrationToken !== undefined))
    } finally {
      set({ sending: false })
    }
    return firstWrong()
  }

  return {
    store,
    askNeeds,
    leaveName,
    submit,
    setName(name: string) {
      set({ name })
      mark({ name: undefined })
    },
    setPassword(password: string) {
      set({ password })
      mark({ password: undefined })
    },
    leavePassword() {
      if (get().password !== '') mark({ password: passwordProblem(get().password) })
    },
    setAgreed(agreed: boolean) {
      set({ agreed })
      mark({ terms: undefined })
    },
  }
}

async function makeAccount(client: RegisterClient, state: RegisterState, registrationToken?: string): Promise<void> {
  const { name, password, agreed } = state
  const username = loginNameOf(name)
  await client.register({ username, password, registrationToken, acceptedTerms: agreed })
  if (name.trim() !== username) await keepOwnSpelling(client, name.trim())
}

const longestLoginName = 120

function nameProblem(name: string): NameProblem | undefined {
  if (name.trim() === '') return 'empty'
  const loginName = loginNameOf(name)
  if (loginName === '') return 'no-latin'
  return loginName.length > longestLoginName ? 'too-long' : undefined
}

function passwordProblem(password: string): PasswordProblem | undefined {
  if (password === '') return 'empty'
  return [...password].length < shortestPassword ? 'short' : undefined
}

const termsProblem = ({ needs, agreed }: RegisterState) =>
  (needs?.terms.length ?? 0) > 0 && !agreed ? ('not-agreed' as const) : undefined

const fieldProblems = (state: RegisterState): Problems => ({
  name: nameProblem(state.name) ?? (state.problems.name === 'taken' ? 'taken' : undefined),
  password: passwordProblem(state.password),
  terms: termsProblem(state),
})

/** Where a refusal of the node is shown. */
function refusal(problem: CallProblem, byLink: boolean): Problems {
  if (problem === 'name-taken') return { name: 'taken' }
  if (problem === 'name-not-allowed') return { name: 'not-allowed' }
  if (problem === 'weak-password') return { password: 'refused' }
  return { form: problem === 'not-allowed' && byLink ? 'link-used' : problem }
}

/** Asked when the name field is left. Without an answer nothing is said: submitting asks again. */
async function availabilityProblem(client: RegisterClient, loginName: string): Promise<NameProblem | undefined> {
  try {
    return (await client.isUsernameAvailable(loginName)) ? undefined : 'taken'
  } catch (error) {
    const problem = callProblem(error)
    if (problem === 'name-taken') return 'taken'
    return problem === 'name-not-allowed' ? 'not-allowed' : undefined
  }
}

/** `Ayşe Yılmaz` logs in as `ayse.yilmaz`, and is shown to everybody as she wrote herself. */
async function keepOwnSpelling(client: RegisterClient, name: string): Promise<void> {
  try {
    await client.setDisplayName(name)
  } catch (error) {
    console.warn('The account is made; its display name can be set later', callProblem(error))
  }
}
