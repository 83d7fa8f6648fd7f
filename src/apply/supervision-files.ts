import { join } from 'node:path';
import { toSupervision, type Supervision } from '../model/supervision.ts';
import { memoryFiles, type MemoryFiles } from './memory-files.ts';

/** What the supervisor of a workspace remembers, by object name: one file each, written whole. */
export async function readSupervisions(stateFolder: string): Promise<ReadonlyMap<string, Supervision>> {
  return filesOf(stateFolder).read();
}

/** Keeps what is remembered of one object. */
export async function writeSupervision(stateFolder: string, name: string, supervision: Supervision): Promise<void> {
  await filesOf(stateFolder).write(name, supervision);
}

/** Forgets an object that is gone. */
export async function forgetSupervision(stateFolder: string, name: string): Promise<void> {
  await filesOf(stateFolder).forget(name);
}

function filesOf(stateFolder: string): MemoryFiles<Supervision> {
  return memoryFiles(join(stateFolder, 'supervision'), toSupervision);
}
