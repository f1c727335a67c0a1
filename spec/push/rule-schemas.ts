import * as z from 'zod/mini'
import { isPushAction, withoutHistorical } from './actions.ts'
import { isPushCondition } from './conditions.ts'
import { pushRuleKinds, type PushAction, type PushCondition } from './push-rule.ts'

/*
 * What clients may send. Strict: a condition or an action that could never do what it says is refused. Conditions of kinds that are not
 * known here are taken, as the specification has a meaning for them: they never hold.
 */

/** Schema of the kinds, as they stand in paths. */
export const pushRuleKind = z.enum(pushRuleKinds)

/** Schema of a list of actions; those that do nothing any more are left out of what comes out. */
export const pushActions = z.pipe(
  z.array(z.custom<PushAction>(isPushAction, 'Not an action of a push rule')),
  z.transform((actions: PushAction[]) => withoutHistorical(actions)),
)

/** Schema of what `PUT /pushrules/global/{kind}/{ruleId}` takes. Which fields a kind has, `putRule` knows. */
export const pushRuleBody = z.object({
  actions: pushActions,
  conditions: z.optional(z.array(z.custom<PushCondition>(isPushCondition, 'Not a condition of a push rule'))),
  pattern: z.optional(z.string()),
})

/** What a client says a rule shall be. */
export type PushRuleBody = z.output<typeof pushRuleBody>
