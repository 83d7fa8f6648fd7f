import { manifestJsonSchema } from '../../manifest/json-schema.ts';
import { planJsonSchema } from '../../report/plan-schema.ts';
import type { JsonObject } from '../../util/json.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

const schemas: Readonly<Record<'agent' | 'project' | 'plan', () => JsonObject>> = {
  agent: () => manifestJsonSchema('Agent'),
  project: () => manifestJsonSchema('Project'),
  plan: planJsonSchema,
};

/** `aac schema`: what editors complete and check manifests by, and what programs can rely on in a plan. */
export async function schema({ terminal }: CommandContext, kind: keyof typeof schemas): Promise<ExitCode> {
  terminal.json(schemas[kind](), 2);
  return exitCodes.ok;
}
