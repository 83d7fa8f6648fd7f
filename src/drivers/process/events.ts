import type { DriverEvent } from '../../model/agent-event.ts';
import type { EventOptions } from '../driver.ts';
import { differences } from '../event-differences.ts';
import { surveys, type SurveyGround } from './changes.ts';
import type { Host } from './host.ts';

/**
 * What happens to the instances of a workspace, found out by looking, until the signal is aborted: at the latest a
 * second after it happened. Nobody keeps what was before.
 */
export async function* processEvents(
  host: Host,
  ground: SurveyGround,
  { signal }: EventOptions,
): AsyncGenerator<DriverEvent> {
  for await (const { before, after } of surveys(host, ground, signal)) {
    yield* differences(before, after, host.clock.now());
  }
}
