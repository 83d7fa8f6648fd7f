import type { Address } from '../model/address.ts';
import type { ApplyEvent } from '../model/event.ts';
import type { PlanNode } from '../model/plan.ts';
import type { JsonObject } from '../util/json.ts';
import { achievements } from './cause.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { ledgerJson } from './ledger.ts';
import type { ActiveResource, ProgressState, SettledResource } from './progress-state.ts';
import { actionPaint, symbols, type Style } from './style.ts';
import { counted, cut, padded, printable, printableLines } from './text.ts';
import { countActions } from './totals.ts';
import { formatDuration, formatElapsed } from './units.ts';
import { doing, done, notDone } from './verbs.ts';

/** The lines that stay: one for each resource that the last event settled. */
export function settledLines(state: ProgressState, options: { readonly style: Style }): readonly string[] {
  return state.settled.flatMap((resource) => settledLine(resource, state.column, options.style));
}

/**
 * The lines that are drawn anew: one for each active resource with its elapsed time, at most `rows` in all, and a last
 * one that counts. None wider than `width` columns. `now` in milliseconds since the epoch.
 */
export function renderProgress(
  state: ProgressState,
  now: number,
  options: { readonly style: Style; readonly width: number; readonly rows: number },
): readonly string[] {
  if (state.active.size === 0) return [];
  const { style, width, rows } = options;
  const room = Math.max(1, rows - 2);
  const shown = [...state.active].slice(0, state.active.size > room + 1 ? room : room + 1);
  const lines = shown.map(([address, resource]) => activeLine(state, address, resource, { now, width, style }));
  const hidden = state.active.size - shown.length;
  return [
    ...lines,
    ...(hidden > 0 ? [style.dim(cut(`    … and ${String(hidden)} more`, width))] : []),
    summaryLine(state, now, width, style),
  ];
}

/**
 * An event as a plain line for a log, `agent/web/0: started after 1.2 s`; `undefined` for events that a log is better
 * without: short steps that begin, progress within a long step, and what the ledger says at the end.
 */
export function progressLine(event: ApplyEvent): string | undefined {
  switch (event.type) {
    case 'node-started': {
      const { step } = event.node;
      return step.verb === 'pull' || step.verb === 'wait' ? `${nameOf(event.node)}: ${doing(step)}` : undefined;
    }
    case 'node-retrying': {
      const delay = formatDuration(Math.round(event.delay / 100) * 100);
      const words = `${event.node.step.verb} failed: ${firstLine(event.error.message)}`;
      return `${nameOf(event.node)}: ${words}; trying again in ${delay} (attempt ${String(event.attempt)})`;
    }
    case 'node-finished':
      return finishedLine(event);
    case 'interrupted':
      return `interrupted: ${counted(event.running, 'step')} still running, nothing new begins; interrupt again to cut off`;
    case 'node-progress': // a creation is short: what is said of it is a remark
      return event.node.step.verb === 'create' ? `${nameOf(event.node)}: ${printable(event.message)}` : undefined;
    case 'apply-started':
    case 'apply-finished':
      return undefined;
  }
}

/** An event as one JSON line's document. A plan is counted, not repeated; the last event holds the ledger. */
export function eventJson(event: ApplyEvent): JsonObject {
  const common = { formatVersion: reportFormatVersion, type: event.type, at: new Date(event.at).toISOString() };
  switch (event.type) {
    case 'apply-started': {
      const { workspace, digest, changes, nodes } = event.plan;
      return toDocument({ ...common, workspace, digest, counts: countActions(changes), nodes: nodes.length });
    }
    case 'node-started':
      return toDocument({ ...common, ...nodeJson(event.node) });
    case 'node-progress':
      return toDocument({ ...common, ...nodeJson(event.node), message: event.message });
    case 'node-retrying': {
      const { attempt, delay, error } = event;
      return toDocument({ ...common, ...nodeJson(event.node), attempt, delay, error });
    }
    case 'node-finished':
      return toDocument({ ...common, ...nodeJson(event.node), ...event.outcome });
    case 'interrupted':
      return toDocument({ ...common, running: event.running });
    case 'apply-finished':
      return toDocument({ ...common, status: event.report.status, ledger: ledgerJson(event.report) });
  }
}

function settledLine(resource: SettledResource, column: number, style: Style): readonly string[] {
  const { address, action, elapsed, outcome, step } = resource;
  const name = padded(printable(address), column);
  if (outcome.status === 'failed') {
    return [`  ${style.red('x')} ${name} ${style.red(notDone(step))}: ${firstLine(outcome.error.message)}`];
  }
  if (outcome.status === 'cancelled') return [`  ${style.yellow('?')} ${name} ${style.yellow('cut off')}`];
  if (action === undefined) return []; // it was only waited for
  const paint = actionPaint(style, action);
  const took = style.dim(formatElapsed(elapsed).padStart(8));
  return [`${paint(symbols[action].padStart(3))} ${name} ${paint(padded(achievements[action], 8))} ${took}`];
}

function activeLine(
  state: ProgressState,
  address: Address,
  resource: ActiveResource,
  view: { readonly now: number; readonly width: number; readonly style: Style },
): string {
  const { now, width, style } = view;
  const { column } = state;
  const action = state.actions.get(address) ?? 'no-op';
  const [current] = [...resource.running.values()].reverse();
  const elapsed = formatElapsed(now - resource.since).padStart(8);
  const message = current?.message ? `, ${firstLine(current.message)}` : '';
  const name = cut(printable(address), column);
  const words = cut(`${doing(current?.step ?? resource.last)}${message}`, Math.max(8, width - column - 14));
  return `${actionPaint(style, action)(symbols[action].padStart(3))} ${padded(name, column)} ${style.dim(elapsed)} ${words}`;
}

function summaryLine(state: ProgressState, now: number, width: number, style: Style): string {
  const { all, done, failed } = state.counts;
  const counts = `${String(done)} of ${String(all)} done${failed === 0 ? '' : `, ${String(failed)} failed`}`;
  const text = state.interrupted
    ? `    ${counts}; finishing what runs, Ctrl-C again cuts it off`
    : `    ${counts} after ${formatElapsed(now - state.startedAt)}`;
  return (state.interrupted ? style.yellow : style.dim)(cut(text, width));
}

function finishedLine({ node, outcome }: Extract<ApplyEvent, { readonly type: 'node-finished' }>): string | undefined {
  switch (outcome.status) {
    case 'succeeded':
      return `${nameOf(node)}: ${done(node.step)} after ${formatElapsed(outcome.elapsed)}`;
    case 'failed': {
      const after = `after ${formatElapsed(outcome.elapsed)}`;
      return `${nameOf(node)}: ${notDone(node.step)} ${after}: ${firstLine(outcome.error.message)}`;
    }
    case 'cancelled':
      return `${nameOf(node)}: ${node.step.verb} was cut off after ${formatElapsed(outcome.elapsed)}`;
    case 'skipped':
    case 'not-started':
      return undefined;
  }
}

function nodeJson(node: PlanNode): object {
  const { address, driver, verb } = node.step;
  return { node: node.id, address, driver, verb };
}

function nameOf(node: PlanNode): string {
  return printable(node.step.address);
}

function firstLine(text: string): string {
  return printableLines(text)[0] ?? '';
}
