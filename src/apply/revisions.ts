import type { Revision, RevisionStep } from '../model/revision.ts';
import type { JournalEntry } from './journal-entry.ts';

/** The revisions that a journal tells of, the oldest first. An apply that had nothing to do is none. */
export function revisionsOf(entries: readonly JournalEntry[]): readonly Revision[] {
  const revisions = new Map<string, Revision & { readonly steps: RevisionStep[] }>();
  for (const entry of entries) {
    const known = revisions.get(entry.apply);
    switch (entry.type) {
      case 'apply-started': {
        if (!entry.origin) break;
        const { at, user, host, command, digest, directory, origin, changes = {} } = entry;
        revisions.set(entry.apply, {
          ...origin,
          at,
          user,
          host,
          command,
          digest,
          directory,
          changes,
          status: 'unfinished',
          steps: [],
        });
        break;
      }
      case 'node-finished': {
        const { at, address, verb, status, code } = entry;
        known?.steps.push({ at, address, verb, status, ...(code === undefined ? {} : { code }) });
        break;
      }
      case 'forgotten':
        break;
      case 'apply-finished':
        if (known) revisions.set(entry.apply, { ...known, status: entry.status, finishedAt: entry.at });
        break;
    }
  }
  return [...revisions.values()];
}
