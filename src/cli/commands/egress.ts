import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
import type { EdgeDecision } from '../../model/edge.ts';
import {
  decisionDocument,
  decisionLine,
  decisionsDocument,
  egressTestDocument,
  egressTestLine,
} from '../../report/egress.ts';
import { printable } from '../../report/text.ts';
import { edgesToRead, egressNews, type EgressLogRequest } from '../../runtime/egress-log.ts';
import { testEgress, type EgressTarget } from '../../runtime/egress-test.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import { systemClock } from '../../util/clock.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, printRefusal, styleOf } from '../present.ts';

interface EgressLogOptions extends CommonOptions, EgressLogRequest {
  readonly path: string;
}

/** `aac egress log`: what the edge decided on where agents go; Ctrl-C is the way out of following it and no failure. */
export async function egressLog(
  { terminal, surroundings, interruption }: CommandContext,
  names: readonly string[],
  { path, format, ...request }: EgressLogOptions,
): Promise<ExitCode> {
  const signal = interruption.drain;
  const mistake = mistakeIn(request, format);
  if (mistake) {
    printRefusal(terminal, [mistake], new Map(), format);
    return exitCodes.failed;
  }
  await using workspace = await openWorkspace(path, surroundings, { signal });
  const { reading, drivers } = workspace;
  hideSensitive(terminal, reading);
  const { edges, diagnostics } = await edgesToRead(workspace, names, signal);
  if (hasErrors(diagnostics)) {
    printRefusal(terminal, diagnostics, reading.texts, format);
    return exitCodes.failed;
  }
  printDiagnostics(terminal, diagnostics, reading.texts);
  const decisions: EdgeDecision[] = [];
  const style = styleOf(terminal, 'out');
  let code: ExitCode = exitCodes.ok;
  const news = egressNews(edges, drivers, { ...request, names }, { clock: systemClock, signal });
  for await (const each of news) {
    if (each.type === 'problem') {
      terminal.error(`${each.unreadable ? 'error' : 'warning'}: ${printable(each.message)}\n`);
      if (each.unreadable) code = exitCodes.failed;
    } else if (format === 'text') await terminal.write(`${decisionLine(each.decision, { style })}\n`);
    else if (format === 'jsonl') await terminal.writeJson([decisionDocument(each.decision)]);
    else decisions.push(each.decision);
  }
  if (format === 'json') terminal.json(decisionsDocument(reading.project.workspace, decisions), 2);
  return code;
}

function mistakeIn(
  { follow, since = -Infinity, until = Infinity }: EgressLogRequest,
  format: CommonOptions['format'],
): Diagnostic | undefined {
  const mistake = { code: 'invalid-argument', severity: 'error' } as const;
  if (since > until) return { ...mistake, message: '`--since` is later than `--until`, and nothing lies between them' };
  if (!follow || format !== 'json') return undefined;
  const message = '`--format json` prints one document, which `--follow` would never end';
  return { ...mistake, message, hint: 'take `--format jsonl`, a line for each decision' };
}

/** `aac egress test`: what would come of an agent's going to a host. */
export async function egressTest(
  { terminal, surroundings, interruption }: CommandContext,
  { agent, target }: { readonly agent: string; readonly target: EgressTarget },
  { path, format }: { readonly path: string; readonly format: 'text' | 'json' },
): Promise<ExitCode> {
  const signal = interruption.drain;
  await using workspace = await openWorkspace(path, surroundings, { signal });
  const { reading } = workspace;
  hideSensitive(terminal, reading);
  const tested = await testEgress(workspace, agent, target, signal);
  if (signal.aborted) return exitCodes.interrupted;
  if (!tested.ok) {
    printRefusal(terminal, tested.error, reading.texts, format);
    return exitCodes.failed;
  }
  const { outcome } = tested.value;
  if (format === 'json') terminal.json(egressTestDocument(tested.value), 2);
  else terminal.out(`${egressTestLine(tested.value, { style: styleOf(terminal, 'out') })}\n`);
  const works = outcome.verdict === 'unrestricted' || (outcome.verdict === 'allowed' && outcome.reachable);
  return works ? exitCodes.ok : exitCodes.unreached;
}
