import type { EdgeAnswer, EdgeRequest } from '../../model/edge.ts';
import { err, ok } from '../../util/result.ts';
import { edgeFolders } from './edge-compile.ts';
import type { Answer, Engine } from './engine.ts';
import { runInContainer } from './exec.ts';

/** The most that an answer may take: the document of an edge is part of it. */
const longestAnswer = 4 * 1024 * 1024;

/** Asks an edge over its control socket, by its own program, which is run beside it. */
export async function askEdge(
  engine: Engine,
  ref: string,
  request: EdgeRequest,
  signal: AbortSignal,
): Answer<EdgeAnswer> {
  const found = await engine.container(ref, signal);
  if (!found.ok) return found;
  if (!found.value) return err({ code: 'not-found', retry: 'terminal', message: 'the edge is gone' });
  if (!found.value.State.Running)
    return err({ code: 'not-ready', retry: 'terminal', message: 'the edge does not run' });
  const program = `${edgeFolders.program}/edge.js`;
  const command = ['node', program, 'ask', edgeFolders.state, JSON.stringify(request)];
  const ran = await runInContainer(engine, ref, command, signal, longestAnswer);
  if (!ran.ok) return ran;
  const { lastLine } = ran.value;
  const answer = answerOf(lastLine);
  if (answer) return ok(answer);
  return err({ code: 'not-ready', retry: 'transient', message: `the edge does not answer: ${lastLine}` });
}

/** The program prints the answer as its last line; without one it says what went wrong. */
function answerOf(line: string): EdgeAnswer | undefined {
  try {
    return JSON.parse(line) as EdgeAnswer;
  } catch {
    return undefined;
  }
}
