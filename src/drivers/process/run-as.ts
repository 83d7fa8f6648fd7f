import { readFile } from 'node:fs/promises';
import type { SecuritySpec } from '../../model/spec.ts';
import { orAbsent } from './failure.ts';

/** Whom a process is started as. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom a process is to run as; `undefined` for whoever runs aac. Without a group it is the user's own, as the system
 * knows it, else the one of the same number. Supplementary groups are given up by whoever starts it.
 */
export async function runAs(security: SecuritySpec | undefined, own: number): Promise<RunAs | undefined> {
  const { runAsUser, runAsGroup } = security ?? {};
  if (own !== 0 || (runAsUser === undefined && runAsGroup === undefined)) return undefined;
  const uid = runAsUser ?? own;
  return { uid, gid: runAsGroup ?? groupOf((await orAbsent(readFile('/etc/passwd', 'utf8'))) ?? '', uid) ?? uid };
}

/** The group of a user in the text of `/etc/passwd`. */
export function groupOf(text: string, uid: number): number | undefined {
  const fields = text.split('\n').map((line) => line.split(':'));
  const group = fields.find((field) => field[2] === String(uid))?.[3];
  return group === undefined ? undefined : Number(group);
}
