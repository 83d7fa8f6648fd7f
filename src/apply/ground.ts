import type { Driver, Executor, Inspector, Observer, Prober } from '../drivers/driver.ts';
import type { Address } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { ApplyEvent } from '../model/event.ts';
import type { Plan, PlanNode } from '../model/plan.ts';
import type { ValueReader } from '../model/reference.ts';
import type { Clock } from '../util/clock.ts';
import type { Deadlines } from './deadlines.ts';
import type { ObjectRefs } from './object-refs.ts';

/** The parts of a driver that an apply uses; logs only to show the end of them when an agent fails. */
export type ApplyDriver = Observer & Executor & Prober & Pick<Driver, 'limits'> & Partial<Inspector>;

/** Where and as what a plan is applied. Paths are absolute. */
export interface ApplyContext {
  /** The project root that relative paths in specs start from. */
  readonly root: string;
  /** Recorded on what is made as the directory it was applied from. */
  readonly directory: string;
  readonly origin: 'manifest' | 'run';
}

/** What every step of one apply stands on. */
export interface Ground {
  readonly plan: Plan;
  readonly drivers: ReadonlyMap<DriverName, ApplyDriver>;
  readonly context: ApplyContext;
  readonly values: ValueReader;
  readonly clock: Clock;
  readonly random: () => number;
  readonly deadlines: Deadlines;
  readonly drain: AbortSignal;
  readonly abort: AbortSignal;
  readonly refs: ObjectRefs;
  readonly emit: (event: ApplyEvent) => void;
}

/** The driver of a node. */
export function driverOf(ground: Ground, node: PlanNode): ApplyDriver {
  const driver = ground.drivers.get(node.step.driver);
  if (!driver) throw new Error(`apply was given no \`${node.step.driver}\` driver`);
  return driver;
}

/** The address that a step's object was made at: another than the step's where the agent was renamed. */
export function addressOf({ address, target }: PlanNode['step']): Address {
  return target.address ?? address;
}

/** The workspace that a step's object is kept under: another than the plan's where the project was renamed. */
export function workspaceOf(step: PlanNode['step'], plan: Plan): string {
  return step.target.workspace ?? plan.workspace;
}
