import type { DesiredResource, DesiredState } from '../../src/model/desired.ts';
import type { Facts, ObservedResource, ObservedState } from '../../src/model/observed.ts';
import type { Call, CreateCall, Plan, PlanNode, Wait } from '../../src/model/plan.ts';
import { isRunning, versionOf, withFields } from '../../src/model/version.ts';
import { assertNever } from '../../src/util/assert-never.ts';
import { askedPorts, collide, heldPorts } from '../../src/plan/ports.ts';
import { templateOf } from '../../src/model/address.ts';
import { made, noFacts, observe, publishedOf } from './planning.ts';

/**
 * A world small enough to be a list: it does what nodes say, and refuses what an engine would refuse, so that a plan
 * whose order is wrong does not get through it.
 */
export class World {
  #objects: readonly ObservedResource[];
  readonly #images: Map<string, string | null>;

  constructor(objects: readonly ObservedResource[] = [], images: ReadonlyMap<string, string | null> = new Map()) {
    this.#objects = objects;
    this.#images = new Map(images);
  }

  get objects(): readonly ObservedResource[] {
    return this.#objects;
  }

  /** What a driver would see. */
  observed(): ObservedState {
    const ports = this.#objects.flatMap((object) =>
      heldPorts(object).map(({ port, protocol, hostIp }) => ({
        port,
        protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
        hostIp,
        holder: `container ${object.name}`,
        ref: object.ref,
      })),
    );
    const facts: Facts = { ...noFacts, images: new Map(this.#images), ports };
    return observe(this.#objects, facts);
  }

  /** Replaces one object by what `change` makes of it, `undefined` being nothing. For what other people do. */
  meddle(ref: string, change: (object: ObservedResource) => ObservedResource | undefined): void {
    this.#objects = this.#objects.flatMap((object) => (object.ref === ref ? (change(object) ?? []) : [object]));
  }

  /** Carries out one node. Throws where an engine would refuse, or where the precondition does not hold. */
  carryOut(node: PlanNode, desired: DesiredState): void {
    const { step } = node;
    if (node.precondition !== undefined && versionOf(this.#find(step)) !== node.precondition) {
      throw new Error(`\`${node.id}\` finds another object than was planned for`);
    }
    switch (step.verb) {
      case 'pull':
        this.#images.set(step.image, `id of ${step.image}`);
        return;
      case 'create':
        this.#create(step, desired);
        return;
      case 'update':
        this.#change(step, (object) => ({ ...object, live: withFields(object.live, step.fields) }));
        return;
      case 'start':
        this.#start(step, desired);
        return;
      case 'route':
        if (!isRunning(this.#find(step))) throw new Error(`\`${step.target.name}\` does not run`);
        this.#change(step, (object) => ({ ...object, routed: true }));
        return;
      case 'unroute':
        this.#change(step, (object) => ({ ...object, routed: false }));
        return;
      case 'stop':
        this.#change(step, (object) => ({ ...object, phase: 'exited', exitCode: 143, published: [] }));
        return;
      case 'remove':
        this.#remove(step);
        return;
      case 'wait':
        this.#wait(step, desired);
        return;
      default:
        assertNever(step);
    }
  }

  #create(step: CreateCall, desired: DesiredState): void {
    const template = desired.templates.get(templateOf(step.address));
    if (!template) throw new Error(`nobody declares \`${step.address}\``);
    const isTaken = this.#objects.some(({ kind, name }) => kind === step.kind && name === step.target.name);
    if (isTaken) throw new Error(`the name \`${step.target.name}\` is taken`);
    const image = template.image && this.#images.get(template.image.name);
    if (image === null) throw new Error(`\`${template.image?.name ?? ''}\` is not there`);
    for (const address of step.dependsOn) {
      const isShared = (desired.templates.get(address)?.kind ?? 'agent') !== 'agent';
      const stands = this.#objects.some((object) => templateOf(object.address) === address);
      if (isShared && !stands) throw new Error(`\`${step.address}\` needs \`${address}\``);
    }
    const resource: DesiredResource = {
      address: step.address,
      template,
      index: 0,
      spec: step.spec,
      specHash: step.specHash,
    };
    const object = made(resource, step.target.generation, {
      phase: step.kind === 'agent' ? 'created' : 'exists',
      ...(template.routes ? { routed: step.unrouted !== true } : {}),
      record: { protect: step.protect, manifest: step.manifest },
      ...(image === undefined ? {} : { imageId: image }),
    });
    const ref = `${object.ref} ${String(this.#objects.length)} ${String(step.target.generation)}`;
    this.#objects = [...this.#objects, { ...object, ref }];
  }

  #start(step: Call, desired: DesiredState): void {
    const subject = this.#find(step);
    for (const asked of askedPorts(subject.live)) {
      const holder = this.#objects.find(
        (object) => object !== subject && heldPorts(object).some((held) => collide(held, asked)),
      );
      if (holder) throw new Error(`port ${String(asked.port)} for \`${step.address}\` is held by \`${holder.name}\``);
    }
    for (const dependency of desired.templates.get(templateOf(step.address))?.dependsOn ?? []) {
      const others = this.#objects.filter((object) => templateOf(object.address) === dependency.address);
      const isMet = others.some((object) => {
        const isDone = object.phase === 'exited' && object.exitCode === 0;
        switch (dependency.until) {
          case 'exists':
            return true;
          case 'completed':
            return isDone;
          case 'started':
          case 'ready':
            return isRunning(object) || isDone;
        }
      });
      if (!isMet) throw new Error(`\`${step.address}\` starts before \`${dependency.address}\` is ${dependency.until}`);
    }
    this.#change(step, ({ exitCode: _, ...object }) => {
      const running: ObservedResource = { ...object, phase: 'running' };
      return { ...running, published: publishedOf(running) };
    });
  }

  #remove(step: Call): void {
    const subject = this.#find(step);
    if (isRunning(subject)) throw new Error(`\`${subject.name}\` is running`);
    if (step.kind !== 'agent') {
      const user = this.#objects.find(
        ({ record, driver }) => driver === step.driver && record.dependsOn.includes(templateOf(step.address)),
      );
      if (user) throw new Error(`\`${user.name}\` stands on \`${subject.name}\``);
    }
    this.#objects = this.#objects.filter((object) => object !== subject);
  }

  #wait(step: Wait, desired: DesiredState): void {
    const subject = this.#find(step);
    if (step.until === 'drained') {
      if (subject.routed === true) throw new Error(`\`${subject.name}\` still has its names`);
    } else if (step.until === 'completed') {
      if (subject.phase === 'created') throw new Error(`\`${subject.name}\` was never started`);
      if (!desired.templates.get(templateOf(step.address))?.readiness.oneShot) return;
      this.#change(step, (object) => ({ ...object, phase: 'exited', exitCode: 0, published: [] }));
    } else if (step.until === 'started' && subject.exitCode === 0) {
      return; // it was to run once, and has
    } else if (subject.phase !== 'running') throw new Error(`\`${subject.name}\` is ${subject.phase}`);
  }

  #find({ driver, kind, target }: Call | Wait): ObservedResource {
    const found = this.#objects.find(
      (object) =>
        object.driver === driver &&
        object.kind === kind &&
        object.name === target.name &&
        (target.ref === undefined || object.ref === target.ref),
    );
    if (!found) throw new Error(`\`${target.name}\` is not there`);
    return found;
  }

  #change(step: Call | Wait, change: (object: ObservedResource) => ObservedResource): void {
    const subject = this.#find(step);
    this.#objects = this.#objects.map((object) => (object === subject ? change(object) : object));
  }
}

/** Picks which of `count` nodes that could come next does. */
export type Pick = (count: number) => number;

/** The nodes of a plan in some order that its edges allow; fails when they allow none. */
export function anyOrder({ nodes }: Plan, pick: Pick): readonly PlanNode[] {
  const done = new Set<string>();
  const left = [...nodes];
  const ordered: PlanNode[] = [];
  while (left.length > 0) {
    const ready = left.filter((node) => node.dependsOn.every((dependency) => done.has(dependency)));
    const next = ready[pick(ready.length)] ?? ready[0];
    if (!next) throw new Error('no node can come next');
    left.splice(left.indexOf(next), 1);
    done.add(next.id);
    ordered.push(next);
  }
  return ordered;
}
