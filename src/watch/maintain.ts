import type { Driver } from '../drivers/driver.ts';
import type { Clock } from '../util/clock.ts';

const pause = 2_000;

/**
 * Lets a driver look after what it runs, every two seconds until the signal is aborted; nothing for a driver whose
 * engine does that. A failure is said once until another one comes.
 */
export async function keepMaintained(
  driver: Pick<Driver, 'name' | 'maintain'>,
  workspace: string,
  { clock, say, signal }: { readonly clock: Clock; readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  if (!driver.maintain) return;
  let said = '';
  const complain = (failure: string): void => {
    if (failure !== said && failure !== '') say(failure);
    said = failure;
  };
  while (!signal.aborted) {
    try {
      const done = await driver.maintain(workspace, signal);
      for (const { address, action, message } of done) if (action === 'stopped') say(`${address} stopped: ${message}`);
      const failures = done.filter(({ action }) => action === 'failed');
      complain(failures.map(({ address, message }) => `${address}: ${message}`).join('; '));
    } catch (error) {
      if (!signal.aborted) complain(`${driver.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}
