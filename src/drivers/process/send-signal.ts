import { constants } from 'node:os';

/**
 * Sends a signal to a process, or to a group when `pid` is negative; `false` when nobody was there to get it or it is
 * not ours to signal. Who `pid` is has been checked before: see `signalVerified`.
 */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isInteger(pid) || Math.abs(pid) <= 1) return false; // 0, 1 and -1 mean "my group", init and "everybody"
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** `term`, `SIGTERM` or `15` as the signal's name; `undefined` when this system has no such signal. */
export function signalName(text: string): NodeJS.Signals | undefined {
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const found = Object.entries(constants.signals).find(([key, number]) => key === name || String(number) === text);
  return found?.[0] as NodeJS.Signals | undefined;
}

/** The signal to stop with: the one asked for, or SIGTERM where this system has no such signal. */
export function stopSignal(text: string): NodeJS.Signals {
  return signalName(text) ?? 'SIGTERM';
}
