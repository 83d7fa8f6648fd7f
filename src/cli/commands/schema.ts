import { manifestJsonSchema, type Kind } from '../../manifest/json-schema.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import {} from '../present.ts';

/** `aac schema`: what editors complete and check manifests by. */
export async function schema({ terminal }: CommandContext, kind: Lowercase<Kind>): Promise<ExitCode> {
  terminal.json(manifestJsonSchema(kind === 'agent' ? 'Agent' : 'Project'), 2);
  return exitCodes.ok;
}
