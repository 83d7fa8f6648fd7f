import type { DriverError } from '../../model/outcome.ts';
import type { CreateCall } from '../../model/plan.ts';
import type { ExecuteContext } from '../driver.ts';
import type { Labels } from './engine-types.ts';
import { strangerWords } from './facts.ts';
import { isOurs, readRecord } from './record.ts';

/** Whether an object is what the call would create: then the call has been carried out before. */
export function standsAlready(labels: Labels | null, call: CreateCall, context: ExecuteContext): boolean {
  const record = isOurs(labels, context.workspace, call.address) ? readRecord(labels) : undefined;
  return record?.specHash === call.specHash && record.generation === call.target.generation;
}

/** The error for a name that is held by something else than what was to be created. */
export function nameTaken(word: string, name: string, id: string, labels: Labels | null): DriverError {
  const record = readRecord(labels);
  const holder = record
    ? `\`${record.address}\` of the workspace \`${record.workspace}\`, generation ${String(record.generation)}`
    : strangerWords(word, labels);
  return {
    code: 'conflict',
    retry: 'terminal',
    message: `the name \`${name}\` is taken by ${holder} (${id.slice(0, 12)})`,
    hint: record ? 'plan again' : `rename or remove that ${word}, or give the workspace another name`,
  };
}
