import { join } from 'node:path';
import { toScaling, type Scaling } from '../model/scaling.ts';
import { memoryFiles, type MemoryFiles } from './memory-files.ts';

/** What the autoscaler of a workspace remembers, by agent. */
export function scalingFiles(stateFolder: string): MemoryFiles<Scaling> {
  return memoryFiles(join(stateFolder, 'scaling'), toScaling);
}
