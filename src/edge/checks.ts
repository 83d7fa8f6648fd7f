import type { EdgeCheck, EdgeTarget } from '../model/edge.ts';
import type { Pool } from './pool.ts';
import { probe } from './probe.ts';
import { reach, type Dial } from './reach.ts';

/** What checking needs of the edge around it. */
export interface ChecksMeans {
  /** All groups, with their replicas as they are now. */
  replicas(): Iterable<readonly [group: string, replicas: Readonly<Record<string, EdgeTarget>>]>;
  pool(group: string): Pool;
  readonly dial: Dial;
  /** Takes a line for each replica that is taken out, or back in. */
  tell(message: string): void;
}

/** What is known of one replica. */
interface Checked {
  /** Milliseconds since the epoch: when it is asked next. */
  due: number;
  asking: boolean;
  /** In a row; one of them is always 0. */
  failures: number;
  successes: number;
}

/** Milliseconds between two looks at whose turn it is. */
const tick = 100;

/**
 * Asks replicas whether they answer well, each by its own check and thresholds, and tells the pools. One that does not
 * gets connections only where no other takes them; those that it has stay.
 */
export class Checks implements Disposable {
  readonly #means: ChecksMeans;
  readonly #known = new Map<string, Checked>();
  readonly #timer: NodeJS.Timeout;

  constructor(means: ChecksMeans) {
    this.#means = means;
    this.#timer = setInterval(() => this.#look(Date.now()), tick).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    const seen = new Set<string>();
    for (const [group, replicas] of this.#means.replicas()) {
      for (const [id, target] of Object.entries(replicas)) {
        const { check, state } = target;
        if (state !== 'ready' || !check || !isReachable(target, check)) continue;
        const key = `${group} ${id}`;
        seen.add(key);
        const checked = this.#known.get(key) ?? { due: now, asking: false, failures: 0, successes: 0 };
        this.#known.set(key, checked);
        if (checked.asking || checked.due > now) continue;
        checked.due = now + check.interval;
        void this.#ask({ group, id, target, check }, checked);
      }
    }
    for (const key of this.#known.keys()) {
      if (seen.has(key)) continue;
      this.#known.delete(key);
      const [group = '', id = ''] = key.split(' ');
      this.#means.pool(group).judge(id, true);
    }
  }

  async #ask({ group, id, target, check }: Asked, checked: Checked): Promise<void> {
    checked.asking = true;
    const problem = await ask(target, check, this.#means.dial);
    checked.asking = false;
    if (this.#known.get(`${group} ${id}`) !== checked) return; // it has gone meanwhile
    checked.failures = problem === undefined ? 0 : checked.failures + 1;
    checked.successes = problem === undefined ? checked.successes + 1 : 0;
    const pool = this.#means.pool(group);
    if (pool.isWell(id) && checked.failures >= check.retries) {
      pool.judge(id, false);
      this.#means.tell(`${group}: ${id} gets no new connections: ${problem ?? ''}`);
    } else if (!pool.isWell(id) && checked.successes >= check.successThreshold) {
      pool.judge(id, true);
      this.#means.tell(`${group}: ${id} gets connections again`);
    }
  }
}

/** One replica and how to ask it. */
interface Asked {
  readonly group: string;
  readonly id: string;
  readonly target: EdgeTarget;
  readonly check: EdgeCheck;
}

/** Whether the edge can get at the port of the check: one that a process does not publish only its machine knows. */
function isReachable({ ports }: EdgeTarget, { port }: EdgeCheck): boolean {
  return ports === undefined || ports[`${String(port)}/tcp`] !== undefined;
}

/** What is wrong with a replica; `undefined` where it answers well. */
async function ask(target: EdgeTarget, check: EdgeCheck, dial: Dial): Promise<string | undefined> {
  const { port, path, timeout } = check;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${String(timeout)} ms`), timeout);
  });
  const connecting = reach(target, port, dial);
  const where = `${target.host}:${String(port)}`;
  const problem = await Promise.race([connecting.then((socket) => probe(socket, where, path)), late]);
  clearTimeout(timer);
  void connecting.then((socket) => socket?.destroy());
  return problem;
}
