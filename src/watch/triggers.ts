import { watch } from 'chokidar';
import { CronJob, validateCronExpression } from 'cron';
import type { ChangeSource } from '../drivers/driver.ts';
import type { Clock } from '../util/clock.ts';
import { backoff, jittered } from './backoff.ts';

/** Begins to tell what may have changed, until the signal is aborted. Reasons are a few words for the log. */
export type Trigger = (trigger: (reason: string) => void, signal: AbortSignal) => void;

/** Any YAML or env file below a directory being written, moved or removed. Atomic saves arrive as one change. */
export function fileChanges(directory: string): Trigger {
  return (trigger, signal) => {
    const watcher = watch(directory, {
      ignoreInitial: true,
      atomic: true,
      ignored: (path) => /(?:^|\/)(?:node_modules|\.git)(?:\/|$)/.test(path.slice(directory.length)),
    });
    watcher.on('all', (_event, path) => trigger(`${path.slice(directory.length + 1) || '.'} changed`));
    signal.addEventListener('abort', () => void watcher.close(), { once: true });
  };
}

/** Tries again what failed through no fault of any manifest, each time after a longer pause. */
export interface Retry {
  readonly trigger: Trigger;
  /** Says how the last run ended; `again`: it is worth another try. */
  settle(again: boolean): void;
}

/** A retry that waits 1 s, 2 s, 4 s and so on to a minute, and begins anew once a run went well. */
export function createRetry(clock: Clock, random: () => number): Retry {
  let tries = 0;
  let begin: (pause: number) => void = () => undefined;
  return {
    trigger: (trigger, signal) => {
      begin = (pause) => {
        void clock.sleep(pause, signal).then(
          () => trigger('trying again'),
          () => undefined, // the watch has ended
        );
      };
    },
    settle: (again) => {
      if (again) begin(jittered(backoff(tries++), random));
      else tries = 0;
    },
  };
}

/** A trigger that goes off at a time that can be set anew. */
export interface Alarm {
  readonly trigger: Trigger;
  /** At this time, milliseconds since the epoch, in place of the one that was set before; `undefined`: not at all. */
  set(time: number | undefined): void;
}

/** Further off than this, a timer is set again on the way: the machine may sleep, or its clock be put right. */
const longestNap = 60_000;

/** An alarm that is not set. */
export function createAlarm(clock: Clock, reason: string): Alarm {
  let begin: (time: number) => void = () => undefined;
  let current: AbortController | undefined;
  return {
    trigger: (trigger, signal) => {
      begin = (time) => {
        const own = new AbortController();
        current = own;
        const over = AbortSignal.any([signal, own.signal]);
        void (async () => {
          while (clock.now() < time) await clock.sleep(Math.min(longestNap, time - clock.now()), over);
          if (!over.aborted) trigger(reason);
        })().catch(() => undefined); // set anew, or the watch has ended
      };
    },
    set: (time) => {
      current?.abort();
      current = undefined;
      if (time !== undefined) begin(time);
    },
  };
}

/** What a driver hints at: an agent that died, a container somebody removed. A lost engine is asked again. */
export function driverChanges(
  driver: ChangeSource & { readonly name: string },
  workspace: string,
  clock: Clock,
): Trigger {
  return (trigger, signal) => {
    void (async () => {
      for (let tries = 0; !signal.aborted; tries++) {
        try {
          for await (const { address } of driver.changes(workspace, signal)) {
            tries = 0;
            trigger(`${address ?? driver.name} changed`);
          }
        } catch (error) {
          if (!signal.aborted) trigger(`${driver.name}: ${error instanceof Error ? error.message : String(error)}`);
        }
        await clock.sleep(backoff(tries), signal).catch(() => undefined);
      }
    })();
  };
}

/** Whether a text is a cron expression. */
export function isSchedule(text: string): boolean {
  return validateCronExpression(text).valid;
}

/** At the times of a cron expression. */
export function resync(schedule: string): Trigger {
  return (trigger, signal) => {
    const job = CronJob.from({ cronTime: schedule, onTick: () => trigger('resync'), start: true });
    signal.addEventListener('abort', () => void job.stop(), { once: true });
  };
}

/** SIGHUP, as daemons take it. `heard` is called first. */
export function hangUp(process: NodeJS.Process, heard: () => void = () => undefined): Trigger {
  return (trigger, signal) => {
    const listener = (): void => {
      heard();
      trigger('SIGHUP');
    };
    process.on('SIGHUP', listener);
    signal.addEventListener('abort', () => process.off('SIGHUP', listener), { once: true });
  };
}
