import { CronTime } from 'cron';
import type { SyncWindow } from '../model/agent.ts';

/** Whether changes may be made now. Times are milliseconds since the epoch; `until` is absent where that never changes. */
export type WindowState =
  | { readonly type: 'open'; readonly until?: number }
  /** `by`: the window that denies, or none where no window allows. */
  | { readonly type: 'closed'; readonly until?: number; readonly by?: SyncWindow };

/** A stretch of time, its end not included. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** So many beginnings and ends are looked at for the next one that matters. */
const farthest = 200;

/**
 * What the sync windows say at `now`: closed while one denies, and, where there are any that allow, while none of them
 * does. A window begins when its cron expression matches in its time zone and lasts for its duration of elapsed time,
 * whatever clocks are set to meanwhile; one that begins anew before its end goes on.
 */
export function windowState(windows: readonly SyncWindow[], now: number): WindowState {
  const here = judge(windows, now);
  let at = now;
  for (let step = 0; step < farthest; step += 1) {
    const next = nextTurn(windows, at);
    if (next === undefined) break;
    if (judge(windows, next).type !== here.type) return { ...here, until: next };
    at = next;
  }
  return here;
}

function judge(windows: readonly SyncWindow[], now: number): WindowState {
  const denies = windows.find((window) => window.kind === 'deny' && stretchAt(window, now) !== undefined);
  if (denies) return { type: 'closed', by: denies };
  const allowing = windows.filter(({ kind }) => kind === 'allow');
  const isOpen = allowing.length === 0 || allowing.some((window) => stretchAt(window, now) !== undefined);
  return { type: isOpen ? 'open' : 'closed' };
}

/** The earliest time after `now` at which a window begins or ends. */
function nextTurn(windows: readonly SyncWindow[], now: number): number | undefined {
  const turns = windows.flatMap((window) => {
    const start = nextStart(window, now);
    const end = stretchAt(window, now)?.end;
    return [...(start === undefined ? [] : [start]), ...(end === undefined ? [] : [end])];
  });
  return turns.length === 0 ? undefined : Math.min(...turns);
}

/** The latest stretch of a window that holds `now`: looked for further and further back, as some begin every minute. */
function stretchAt(window: SyncWindow, now: number): Stretch | undefined {
  for (let back = 1_000; ; back *= 2) {
    const reach = Math.min(back, window.duration);
    let start = nextStart(window, now - reach);
    let latest: number | undefined;
    while (start !== undefined && start <= now) {
      latest = start;
      start = nextStart(window, start);
    }
    if (latest !== undefined) return { start: latest, end: latest + window.duration };
    if (reach === window.duration) return undefined;
  }
}

/**
 * When a window begins next, after `after` and not at it; `undefined` for a date that never comes. A time on the clock
 * that comes twice, as clocks are set back, counts the first time, unless the expression is met every hour anyway.
 */
function nextStart({ schedule, timeZone = 'UTC' }: SyncWindow, after: number): number | undefined {
  const time = new CronTime(schedule, timeZone);
  const next = (from: number) => time.getNextDateFrom(new Date(from), timeZone);
  try {
    for (let start = next(after); ; start = next(start.toMillis())) {
      const setBack = start.minus({ hours: 1 }).offset - start.offset;
      const first = start.minus({ minutes: setBack });
      const isRepeated = setBack > 0 && first.offset - start.offset === setBack;
      if (!isRepeated || next(first.toMillis()).equals(start)) return start.toMillis();
    }
  } catch {
    return undefined; // such as 30 February: the library looks ahead for eight years
  }
}
