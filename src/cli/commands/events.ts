import { eventDocument, eventLine } from '../../report/event-line.ts';
import { followEvents } from '../../runtime/follow-events.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { unknownAgents } from '../../runtime/select-agents.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import { systemClock } from '../../util/clock.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printRefusal, styleOf } from '../present.ts';

interface EventsOptions extends CommonOptions {
  readonly since?: number;
  readonly path: string;
}

/** `aac events`: what happens, as it happens, until Ctrl-C, which is the way out of it and no failure. */
export async function events(
  context: CommandContext,
  names: readonly string[],
  { since, path, format }: EventsOptions,
): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  const signal = interruption.drain;
  await using workspace = await openWorkspace(path, surroundings, { signal });
  const { reading } = workspace;
  hideSensitive(terminal, reading);
  if (names.length > 0) {
    const { agents } = await listAgents(workspace, [], signal);
    const declared = reading.agents.map(({ name }) => name);
    const unknown = unknownAgents(names, agents, declared);
    if (unknown.length > 0) {
      printRefusal(terminal, unknown, reading.texts, format);
      return exitCodes.failed;
    }
  }
  const style = styleOf(terminal, 'out');
  const request = since === undefined ? {} : { since };
  for await (const event of followEvents(workspace, names, request, { clock: systemClock, signal })) {
    if (format === 'jsonl') terminal.json(eventDocument(event));
    else terminal.out(`${eventLine(event, { style })}\n`);
  }
  return exitCodes.ok;
}
