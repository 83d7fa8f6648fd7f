import type { Call, Wait } from '../model/plan.ts';

type Step = Call | Wait;

/**
 * The engine ids of the objects of one apply: those that the plan names, and those learned since. They keep later steps
 * from acting on a stranger that has taken the name.
 */
export class ObjectRefs {
  readonly #learned = new Map<string, string>();

  /** Keeps the id that the object of a step turned out to have. */
  learn(step: Step, ref: string): void {
    this.#learned.set(keyOf(step), ref);
  }

  /** The id of the object a step is about, where it is known. */
  refOf(step: Step): string | undefined {
    return step.target.ref ?? this.#learned.get(keyOf(step));
  }

  /** The call with its object's id in it, where that is known. What is to be created has none yet. */
  complete(call: Call): Call {
    const ref = call.verb === 'create' ? undefined : this.refOf(call);
    return ref === undefined ? call : { ...call, target: { ...call.target, ref } };
  }

  /** What to call the object in front of its driver: its id, else its name. */
  handleOf(step: Step): string {
    return this.refOf(step) ?? step.target.name;
  }
}

function keyOf({ driver, kind, target }: Step): string {
  return `${driver} ${kind} ${target.name}`;
}
