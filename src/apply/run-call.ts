import type { Call } from '../model/plan.ts';
import { ok } from '../util/result.ts';
import { askDriver, type Answer } from './ask-driver.ts';
import { deadlineOf, inspectDeadline } from './deadlines.ts';
import { addressOf, driverOf, type Ground, workspaceOf } from './ground.ts';
import { judgePrecondition, listedFields, type Verdict } from './precondition.ts';
import { failed, outcomeOf, type Begun, type RunOutcome } from './run-outcome.ts';

/** Carries one call out, after a look at its object where the plan has a precondition on that. */
export async function runCall(ground: Ground, begun: Begun<Call>): Promise<RunOutcome> {
  const { node, step } = begun;
  if (node.precondition !== undefined) {
    const looked = await look(ground, begun, node.precondition);
    if (looked.cutOff || !looked.result.ok) return outcomeOf(ground, begun, looked);
    const verdict = looked.result.value;
    if (verdict.type === 'refused') return failed(ground, begun, verdict.error);
    if (verdict.type === 'needless') return outcomeOf(ground, begun, looked);
  }
  const answer = await askDriver(ground, node, {
    what: `\`${step.verb}\` of \`${step.target.name}\``,
    deadline: deadlineOf(step, ground.deadlines),
    signal: ground.abort,
    call: (signal) => execute(ground, begun, signal),
  });
  const ref = !answer.cutOff && answer.result.ok ? answer.result.value.ref : undefined;
  if (ref !== undefined && step.verb !== 'pull') ground.refs.learn(step, ref);
  return outcomeOf(ground, begun, answer);
}

function execute(ground: Ground, { node, step }: Begun<Call>, signal: AbortSignal) {
  const { plan, context, values, clock, emit, refs } = ground;
  return driverOf(ground, node).execute(
    { ...refs.complete(step), address: addressOf(step) },
    {
      workspace: workspaceOf(step, plan),
      ...context,
      values,
      signal,
      progress: (message) => emit({ type: 'node-progress', node, message, at: clock.now() }),
    },
  );
}

async function look(ground: Ground, { node, step }: Begun<Call>, precondition: string): Promise<Answer<Verdict>> {
  const { plan, context, refs } = ground;
  const answer = await askDriver(ground, node, {
    what: `a look at \`${step.target.name}\``,
    deadline: inspectDeadline,
    signal: ground.abort,
    call: (signal) =>
      driverOf(ground, node).inspect(
        { workspace: workspaceOf(step, plan), root: context.root },
        addressOf(step),
        refs.handleOf(step),
        signal,
      ),
  });
  if (answer.cutOff) return answer;
  const { result, attempts } = answer;
  if (!result.ok) return { cutOff: false, result, attempts };
  if (result.value) refs.learn(step, result.value.ref);
  const verdict = judgePrecondition(step, precondition, result.value, () => listedFields(plan, step.address));
  return { cutOff: false, result: ok(verdict), attempts };
}
