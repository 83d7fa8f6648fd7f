import type { Driver } from '../drivers/driver.ts';
import type { EgressDenial } from '../model/agent-event.ts';
import type { DriverName } from '../model/agent.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Clock } from '../util/clock.ts';
import { DenialDigest } from './denial-digest.ts';
import type { DriverSet } from './driver-set.ts';
import { decisionOf } from './egress-log.ts';

/** Milliseconds between two looks at what is held back, and before a log that broke off is opened again. */
const interval = 1_000;

/** What following works with. */
export interface DenialGround {
  readonly drivers: DriverSet;
  /** From this time on, in milliseconds since the epoch. */
  readonly since: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly push: (source: DriverName, denial: EgressDenial) => void;
}

/** Follows the logs of edges for what they refuse. */
export class FollowedDenials {
  readonly #ground: DenialGround;
  readonly #following = new Map<string, Promise<void>>();
  /** Where to go on in the log of each, in milliseconds since the epoch. */
  readonly #next = new Map<string, number>();
  readonly #digests = new Map<DriverName, DenialDigest>();

  constructor(ground: DenialGround) {
    this.#ground = ground;
  }

  /** Follows one more edge, until it is gone or the signal is aborted; one that is followed already goes on. */
  open({ driver, ref }: Pick<ObservedResource, 'driver' | 'ref'>): void {
    if (this.#following.has(ref)) return;
    const done = this.#follow(driver, ref).finally(() => this.#following.delete(ref));
    this.#following.set(ref, done);
  }

  /** Tells what is held back, until the signal is aborted. */
  async run(): Promise<void> {
    const { clock, signal, push } = this.#ground;
    while (!signal.aborted) {
      await clock.sleep(interval, signal).catch(() => undefined);
      if (signal.aborted) break;
      for (const [source, digest] of this.#digests) for (const each of digest.due(clock.now())) push(source, each);
    }
    await Promise.all(this.#following.values());
  }

  async #follow(source: DriverName, ref: string): Promise<void> {
    const { drivers, clock, signal, push } = this.#ground;
    const driver = await drivers.open(source);
    const digest = this.#digests.get(source) ?? new DenialDigest();
    this.#digests.set(source, digest);
    const read = async (from: Driver): Promise<boolean> => {
      const since = this.#next.get(ref) ?? this.#ground.since;
      try {
        for await (const { text } of from.logs(ref, { follow: true, since, signal })) {
          const decision = decisionOf(text);
          if (decision) this.#next.set(ref, Date.parse(decision.time) + 1);
          if (decision?.verdict === 'denied') for (const each of digest.hear(decision)) push(source, each);
        }
        return true;
      } catch {
        return false; // a lost engine is an event of its own
      }
    };
    while (driver && !signal.aborted && !(await read(driver))) {
      await clock.sleep(interval, signal).catch(() => undefined);
    }
  }
}
