import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { EdgeDecision } from '../model/edge.ts';
import type { ObservedResource } from '../model/observed.ts';
import { isRunning } from '../model/version.ts';
import type { LogLine } from '../drivers/driver.ts';
import type { Clock } from '../util/clock.ts';
import { lastThenLive } from '../util/last-then-live.ts';
import type { DriverSet } from './driver-set.ts';
import { edgesAmong } from './edges.ts';
import { unknownToEdges, withoutEdge } from './egress-agents.ts';
import { listAgents } from './list-agents.ts';
import { mergeLogs } from './merge-logs.ts';
import { openLogs, type LogRequest } from './open-logs.ts';
import type { Workspace } from './workspace.ts';

/** Which of the decisions. */
export interface EgressLogRequest extends Pick<LogRequest, 'follow' | 'since' | 'until'> {
  /** Only the last so many of those that are asked for. */
  readonly tail?: number;
  /** Only refusals; all decisions unless told. */
  readonly denied?: boolean;
}

/** A decision, or what an edge says is wrong with itself or its log. */
export type EgressNews =
  | { readonly type: 'decision'; readonly decision: EdgeDecision }
  | { readonly type: 'problem'; readonly message: string; readonly unreadable: boolean };

/** The edges whose logs tell of the agents of these names, or of all. With an error there is nothing to be read. */
export async function edgesToRead(
  workspace: Workspace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly edges: readonly ObservedResource[]; readonly diagnostics: readonly Diagnostic[] }> {
  const { agents, diagnostics } = await listAgents(workspace, [], signal);
  const edges = edgesAmong(agents);
  const wrong = hasErrors(diagnostics) ? diagnostics : unknownToEdges(names, workspace, agents);
  if (hasErrors(wrong)) return { edges, diagnostics: wrong };
  const isUnread = hasErrors(workspace.diagnostics); // unparsed is not undeclared
  const why = withoutEdge(workspace);
  if (edges.length === 0) return { edges, diagnostics: isUnread ? workspace.diagnostics : [why] };
  if (why.severity === 'note' && !isUnread) return { edges, diagnostics: [...diagnostics, why] };
  return { edges, diagnostics: edges.some(isRunning) ? diagnostics : [...diagnostics, idle] };
}

const idle: Diagnostic = {
  code: 'no-edge',
  severity: 'warning',
  message: 'the edge does not run, so that no restricted agent gets out',
  hint: '`aac apply` starts it',
};

/** Milliseconds without news after which what is followed counts as caught up with. */
const silence = 250;

/**
 * What edges decided on the agents of these names, or on all, in the order of time; then with `follow` as they decide.
 * Ends with the logs. A log reaches as far back as its edge stands.
 */
export async function* egressNews(
  edges: readonly ObservedResource[],
  drivers: DriverSet,
  { names, ...request }: EgressLogRequest & { readonly names: readonly string[] },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<EgressNews> {
  const { tail, denied = false, ...part } = request;
  using over = disposableAbort();
  if (edges.length === 0) return;
  const opened = await openLogs(edges, drivers, part, { clock, signal: AbortSignal.any([signal, over.signal]) });
  const isWanted = (news: EgressNews): boolean =>
    news.type === 'problem' ||
    ((names.length === 0 || names.includes(news.decision.agent)) && !(denied && news.decision.verdict === 'allowed'));
  const wanted = readNews(mergeLogs(opened, { clock, follow: request.follow === true }), isWanted);
  if (tail === undefined) yield* wanted;
  else {
    const began = new Date(clock.now()).toISOString();
    const isLive = (news: EgressNews): boolean => news.type === 'decision' && news.decision.time >= began;
    yield* lastThenLive(wanted, tail, request.follow === true ? { isLive, clock, silence } : undefined);
  }
}

/** Aborted when it is left. */
function disposableAbort(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() };
}

async function* readNews(
  merged: ReturnType<typeof mergeLogs>,
  isWanted: (news: EgressNews) => boolean,
): AsyncGenerator<EgressNews> {
  for await (const news of merged) {
    if (news.type === 'failed') {
      yield { type: 'problem', message: `the log of the edge cannot be read: ${news.error.message}`, unreadable: true };
    } else yield* news.lines.flatMap((line) => newsOf(line) ?? []).filter(isWanted);
  }
}

/** What a line of an edge's log tells; `undefined` for what is neither a decision nor an error. */
function newsOf({ stream, text }: LogLine): EgressNews | undefined {
  const decision = decisionOf(text);
  if (decision) return { type: 'decision', decision };
  if (stream === 'stdout' || text.trim() === '') return undefined;
  return { type: 'problem', message: `the edge says: ${text}`, unreadable: false };
}

/** The decision that a line of an edge's log holds. */
export function decisionOf(text: string): EdgeDecision | undefined {
  const line = text.startsWith('{') ? parsed(text) : undefined;
  if (!line) return undefined;
  const { time, agent, verdict, via, host, port, address, reason } = line;
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time)) || typeof agent !== 'string') return undefined;
  if (typeof via !== 'string' || typeof host !== 'string' || typeof port !== 'number') return undefined;
  if (verdict !== 'allowed' && verdict !== 'denied') return undefined;
  return {
    ...{ time, agent, verdict, via, host, port },
    ...(typeof address === 'string' ? { address } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

function parsed(text: string): Partial<EdgeDecision> | undefined {
  try {
    return JSON.parse(text) as Partial<EdgeDecision>;
  } catch {
    return undefined;
  }
}
