import type { DriverName } from '../model/agent.ts';
import type { NodeId, PlanNode } from '../model/plan.ts';
import { PriorityQueue } from './priority-queue.ts';

/** How many calls may run at once. Waits count nowhere. */
export interface ScheduleLimits {
  /** By driver: calls of any kind, and removals among them. A driver that is not listed has no limit. */
  readonly drivers: ReadonlyMap<DriverName, { readonly calls: number; readonly removals: number }>;
  /** Over all drivers; absent is no limit. */
  readonly total?: number;
}

/** How a node that ran has ended. */
export type Settlement = 'succeeded' | 'failed' | 'cancelled';

/** A node that will not run, and the node whose failure is the root of it. */
export interface Skipped {
  readonly node: PlanNode;
  readonly blockedBy: NodeId;
}

type State = 'waiting' | 'ready' | 'running' | 'skipped' | Settlement;

interface Entry {
  readonly node: PlanNode;
  /** Its place in the plan; the earlier starts first. */
  readonly rank: number;
  readonly lane: Lane;
  readonly claim: Claim | undefined;
  readonly dependents: Entry[];
  state: State;
  unmet: number;
}

/** Nodes that are bound by the same limits. */
interface Lane {
  readonly type: 'calls' | 'removals' | 'waits';
  readonly driver: DriverName;
  readonly queue: PriorityQueue<Entry>;
  running: number;
}

/** The calls on one object: one of them at a time is in its lane or running, the others queue here. */
interface Claim {
  readonly queue: PriorityQueue<Entry>;
  held: boolean;
}

/**
 * Which node may start when: a synchronous state machine, which neither calls nor waits.
 *
 * ```
 *           all it depends on            start()             settle()
 *           has succeeded
 *  waiting ───────────────────▶ ready ───────────▶ running ───────────▶ succeeded │ failed │ cancelled
 *     │                           │
 *     │ something it depends on,  │ stop()
 *     │ however far, has failed   ▼
 *     ├──────▶ skipped          stays for good
 *     │
 *     │ stop(), or something it depends on was cancelled
 *     └──────▶ stays for good
 * ```
 *
 * `ready` gives what may start now: within the limits, and never a second call on one object. Among several the earlier
 * in the plan comes first, so that an agent is seen through before the next is begun. Each node passes each queue once:
 * a plan of n nodes and e edges costs O(n log n + e).
 */
export class Schedule {
  readonly #limits: ScheduleLimits;
  readonly #entries = new Map<NodeId, Entry>();
  readonly #lanes = new Map<string, Lane>();
  #stopped = false;

  /** Throws when the nodes are no acyclic graph: such a plan is not one of ours. */
  constructor(nodes: readonly PlanNode[], limits: ScheduleLimits) {
    this.#limits = limits;
    const claims = new Map<string, Claim>();
    for (const [rank, node] of nodes.entries()) {
      if (this.#entries.has(node.id)) throw new Error(`the plan has two nodes \`${node.id}\``);
      const lane = this.#laneOf(node);
      const claim = claimOf(node, claims);
      this.#entries.set(node.id, { node, rank, lane, claim, dependents: [], state: 'waiting', unmet: 0 });
    }
    const entries = [...this.#entries.values()];
    for (const entry of entries) {
      for (const id of new Set(entry.node.dependsOn)) {
        this.#entry(id).dependents.push(entry);
        entry.unmet += 1;
      }
    }
    refuseCycles(entries);
    for (const entry of entries) if (entry.unmet === 0) makeReady(entry);
  }

  /** How many nodes have been started and not settled. */
  get running(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.running, 0);
  }

  /** The next node that may start now; `undefined` when none may before another settles. Asking changes nothing. */
  ready(): PlanNode | undefined {
    if (this.#stopped) return undefined;
    let first: Entry | undefined;
    for (const lane of this.#lanes.values()) {
      const entry = lane.queue.peek();
      if (entry && (first === undefined || entry.rank < first.rank) && this.#hasRoom(lane)) first = entry;
    }
    return first?.node;
  }

  /** Starts the node that `ready` gives. */
  start(id: NodeId): void {
    const entry = this.#entry(id);
    if (entry.lane.queue.peek() !== entry) throw new Error(`\`${id}\` is not next`);
    entry.lane.queue.pop();
    entry.lane.running += 1;
    entry.state = 'running';
  }

  /** Records how a running node has ended; gives the nodes that are skipped because of it. */
  settle(id: NodeId, settlement: Settlement): readonly Skipped[] {
    const entry = this.#entry(id);
    if (entry.state !== 'running') throw new Error(`\`${id}\` is not running`);
    entry.state = settlement;
    entry.lane.running -= 1;
    if (entry.claim) passOn(entry.claim);
    if (settlement === 'succeeded') for (const dependent of entry.dependents) meetOne(dependent);
    return settlement === 'failed' ? skipDependents(entry) : [];
  }

  /** From now on nothing starts; what runs may still settle. */
  stop(): void {
    this.#stopped = true;
  }

  #entry(id: NodeId): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new Error(`the plan has no node \`${id}\``);
    return entry;
  }

  #laneOf({ step }: PlanNode): Lane {
    const type = step.verb === 'wait' ? 'waits' : step.verb === 'remove' ? 'removals' : 'calls';
    const key = `${step.driver} ${type}`;
    const lane = this.#lanes.get(key) ?? { type, driver: step.driver, queue: new PriorityQueue(rankOf), running: 0 };
    this.#lanes.set(key, lane);
    return lane;
  }

  #hasRoom(lane: Lane): boolean {
    if (lane.type === 'waits') return true;
    const calls = [...this.#lanes.values()].filter((other) => other.type !== 'waits');
    if (sumRunning(calls) >= (this.#limits.total ?? Infinity)) return false;
    const limits = this.#limits.drivers.get(lane.driver);
    if (!limits) return true;
    if (sumRunning(calls.filter((other) => other.driver === lane.driver)) >= limits.calls) return false;
    return lane.type !== 'removals' || lane.running < limits.removals;
  }
}

function rankOf(entry: Entry): number {
  return entry.rank;
}

function sumRunning(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, lane) => sum + lane.running, 0);
}

/** The claim on the object that a call is about; a wait only looks. Pulling one image twice at once is no use either. */
function claimOf({ step }: PlanNode, claims: Map<string, Claim>): Claim | undefined {
  if (step.verb === 'wait') return undefined;
  const object = step.verb === 'pull' ? `image ${step.image}` : `${step.kind} ${step.target.name}`;
  const key = `${step.driver} ${object}`;
  const claim = claims.get(key) ?? { queue: new PriorityQueue(rankOf), held: false };
  claims.set(key, claim);
  return claim;
}

function makeReady(entry: Entry): void {
  entry.state = 'ready';
  const { claim, lane } = entry;
  if (claim?.held) {
    claim.queue.push(entry);
    return;
  }
  if (claim) claim.held = true;
  lane.queue.push(entry);
}

function passOn(claim: Claim): void {
  const next = claim.queue.pop();
  if (next) next.lane.queue.push(next);
  else claim.held = false;
}

function meetOne(dependent: Entry): void {
  dependent.unmet -= 1;
  if (dependent.unmet === 0 && dependent.state === 'waiting') makeReady(dependent);
}

function skipDependents(root: Entry): readonly Skipped[] {
  const skipped: Entry[] = [];
  const reached = [root];
  for (let entry = reached.pop(); entry; entry = reached.pop()) {
    for (const dependent of entry.dependents) {
      if (dependent.state !== 'waiting') continue;
      dependent.state = 'skipped';
      skipped.push(dependent);
      reached.push(dependent);
    }
  }
  skipped.sort((left, right) => left.rank - right.rank);
  return skipped.map(({ node }) => ({ node, blockedBy: root.node.id }));
}

/** Takes away, over and over, what depends on nothing that is left; what stays lies on a cycle or behind one. */
function refuseCycles(entries: readonly Entry[]): void {
  const unmet = new Map(entries.map((entry) => [entry, entry.unmet]));
  const free = entries.filter((entry) => entry.unmet === 0);
  for (let entry = free.pop(); entry; entry = free.pop()) {
    unmet.delete(entry);
    for (const dependent of entry.dependents) {
      const left = (unmet.get(dependent) ?? 0) - 1;
      unmet.set(dependent, left);
      if (left === 0) free.push(dependent);
    }
  }
  const [stuck] = unmet.keys();
  if (stuck) throw new Error(`the plan waits for itself at \`${stuck.node.id}\``);
}
