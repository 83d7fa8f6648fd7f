import type { Address } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { FieldPath } from '../model/field-path.ts';
import type { Revision } from '../model/revision.ts';
import type { Json } from '../util/json.ts';
import type { JournalEntry, NodeFinished } from './journal-entry.ts';
import { revisionsOf } from './revisions.ts';

/** What the journal knows of a workspace. Planning is right without it, and can say more with it. */
export interface History {
  /** What was created and has not been removed by aac since: gone now, it is missing and not new. */
  readonly applied: ReadonlySet<Address>;
  /** The drivers that may hold something of the workspace. */
  readonly drivers: ReadonlySet<DriverName>;
  /**
   * By engine id, of every object that aac is known to have made or updated: the fields set in place since, which the
   * object's own record cannot know. None set is an entry too: then the record is known to hold.
   */
  readonly updates: ReadonlyMap<string, Readonly<Record<FieldPath, Json>>>;
  /** Engine ids of the objects that somebody had aac let go of, and that it has not worked on since. */
  readonly forgotten: ReadonlySet<string>;
  /** Every apply that had something to do, the oldest first. */
  readonly revisions: readonly Revision[];
}

/**
 * Reads the journal of a workspace. With `directory`, `applied` counts only what was applied from there, as a directory
 * without a project file owns no more; what was removed is gone wherever that was done.
 */
export function history(entries: readonly JournalEntry[], directory?: string): History {
  const created = new Map<string, NodeFinished>();
  const perhaps = new Map<string, DriverName>();
  const updates = new Map<string, Readonly<Record<FieldPath, Json>>>();
  const unfinished = new Map<string, readonly DriverName[]>();
  const elsewhere = new Set<string>();
  const forgotten = new Set<string>();

  for (const entry of entries) {
    switch (entry.type) {
      case 'apply-started':
        unfinished.set(entry.apply, entry.drivers);
        if (directory !== undefined && entry.directory !== directory) elsewhere.add(entry.apply);
        break;
      case 'apply-finished':
        unfinished.delete(entry.apply);
        break;
      case 'node-finished': {
        const object = `${entry.driver} ${entry.kind} ${entry.name}`;
        const succeeded = entry.status === 'succeeded';
        if (entry.verb === 'create') {
          perhaps.set(object, entry.driver); // one that failed may have left something all the same
          if (succeeded && !elsewhere.has(entry.apply)) created.set(object, entry);
        }
        if (entry.verb === 'remove' && succeeded) {
          perhaps.delete(object);
          created.delete(object);
          if (entry.ref !== undefined) updates.delete(entry.ref);
        }
        if ((entry.verb === 'create' || entry.verb === 'update') && succeeded && entry.ref !== undefined) {
          updates.set(entry.ref, { ...updates.get(entry.ref), ...entry.fields });
          forgotten.delete(entry.ref);
        }
        break;
      }
      case 'forgotten': {
        const isOfDriver = (driver: DriverName): boolean => driver === entry.driver;
        for (const { driver, kind, name, ref } of entry.objects ?? []) {
          forgotten.add(ref);
          perhaps.delete(`${driver} ${kind} ${name}`);
          created.delete(`${driver} ${kind} ${name}`);
        }
        for (const [object, driver] of perhaps) if (isOfDriver(driver)) perhaps.delete(object);
        for (const [object, { driver }] of created) if (isOfDriver(driver)) created.delete(object);
        for (const [apply, drivers] of unfinished) {
          unfinished.set(
            apply,
            drivers.filter((driver) => !isOfDriver(driver)),
          );
        }
        break;
      }
    }
  }
  return {
    applied: new Set([...created.values()].map((entry) => entry.address)),
    drivers: new Set([...perhaps.values(), ...[...unfinished.values()].flat()]),
    updates,
    forgotten,
    revisions: revisionsOf(entries),
  };
}
