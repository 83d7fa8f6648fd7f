import type { EdgeDecision, EdgeTrial } from '../model/edge.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import type { Style } from './style.ts';
import { padded, printable } from './text.ts';

/** What a test of the way out came to: see `EgressTest` of the runtime. */
interface Tested {
  readonly agent: string;
  readonly host: string;
  readonly port: number;
  readonly outcome: EdgeTrial | { readonly verdict: 'unrestricted' };
}

/** One line on a decision: when, who, what, where, how, and to which address or why not. */
export function decisionLine(decision: EdgeDecision, { style }: { readonly style: Style }): string {
  const { time, agent, verdict, via, host, port, address, reason } = decision;
  const target = host === '' ? `port ${String(port)}` : hostAndPort(host, port);
  const end = reason ?? (address === undefined ? '' : `to ${address}`);
  const words = [
    style.dim(printable(time)),
    style.bold(padded(printable(agent), 14)),
    verdict === 'allowed' ? style.green('allowed') : style.red('denied '),
    padded(printable(target), 28),
    style.dim(padded(printable(via), 7)),
    printable(end),
  ];
  return words.join('  ').trimEnd();
}

/** A decision as a document for programs. */
export function decisionDocument({ time, ...decision }: EdgeDecision): JsonObject {
  return toDocument({ formatVersion: reportFormatVersion, type: 'egress-decision', at: time, ...decision });
}

/** Decisions as one document for programs. */
export function decisionsDocument(workspace: string, decisions: readonly EdgeDecision[]): JsonObject {
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'egress-log',
    workspace,
    decisions: decisions.map(({ time, ...decision }) => ({ at: time, ...decision })),
  });
}

/** What would come of it, in a sentence. */
export function egressTestLine({ agent, host, port, outcome }: Tested, { style }: { readonly style: Style }): string {
  const [who, where] = [printable(agent), printable(hostAndPort(host, port))];
  switch (outcome.verdict) {
    case 'unrestricted':
      return `${style.green('allowed')}: ${who} may reach everything, as its way out is not restricted`;
    case 'denied':
      return `${style.red('denied')}: ${who} may not reach ${where}: ${printable(outcome.reason)}`;
    case 'allowed': {
      const { reachable, address, rule } = outcome;
      const by = rule ? `\`${printable(rule.host)}\` allows it` : 'a service of it';
      const only = rule?.host.startsWith('*.') ? ', for programs that use the proxy variables' : '';
      const found = `${address === undefined ? '' : ` at ${address}`} (${by}${only})`;
      return reachable
        ? `${style.green('allowed')}: ${who} reaches ${where}${found}`
        : `${style.yellow('unreachable')}: ${who} may reach ${where}${found}, but nothing answers there`;
    }
  }
}

/** The same as a document for programs. */
export function egressTestDocument({ agent, host, port, outcome }: Tested): JsonObject {
  return toDocument({ formatVersion: reportFormatVersion, type: 'egress-test', agent, host, port, ...outcome });
}

function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
