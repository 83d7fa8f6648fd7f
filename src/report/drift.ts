import type { Address } from '../model/address.ts';
import type { DriverEvent } from '../model/agent-event.ts';
import type { Drift, Plan } from '../model/plan.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { eventWords } from './event-line.ts';
import { driftRows } from './plan-rows.ts';
import { alignRows, rowPaints, valueBudget, type Row } from './rows.ts';
import { plainStyle, type Style } from './style.ts';
import { counted, padded, printable, widest } from './text.ts';

/** How drift is shown; `width` as for `formatPlan`. */
export interface DriftOptions {
  readonly style: Style;
  readonly width?: number;
}

/** What happened to resources that moved, as far as somebody remembers. */
export type Happened = ReadonlyMap<Address, readonly DriverEvent[]>;

/** What the world did since the last apply, by itself. */
export function formatDrift(plan: Plan, options: DriftOptions, happened: Happened = new Map()): string {
  const { style } = options;
  if (plan.drift.length === 0) return `${style.bold(style.green('No drift.'))} Nothing changed outside of aac.\n`;
  const summary = `Drift: ${counted(plan.drift.length, 'resource')} moved; ${putsRight(plan.drift.length)}`;
  return `${driftSection(plan.drift, options, happened)}\n\n${style.bold(summary)}\n`;
}

/** The drift of a plan as a document for programs. */
export function driftJson(plan: Plan, happened: Happened = new Map()): JsonObject {
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'drift',
    workspace: plan.workspace,
    drift: plan.drift.map((drift) => withEvents(drift, happened)),
    diagnostics: plan.diagnostics,
  });
}

/** What moved of a resource, for programs, with what happened to it where that is known. */
export function withEvents(drift: Drift, happened: Happened): object {
  const events = happened.get(drift.address);
  return events ? { ...drift, events: events.map(toDated) } : drift;
}

/** The heading and a line for each resource that moved, its fields below it; empty when none did. */
export function driftSection(drift: readonly Drift[], options: DriftOptions, happened: Happened = new Map()): string {
  if (drift.length === 0) return '';
  const { style } = options;
  const lines = driftBlocks(drift, options, happened).flatMap(({ heading, events, rows }) => [
    `    ${heading}`,
    ...events.map((event) => `      ${event}`),
    ...alignRows(rows, rowPaints(style)),
  ]);
  return [style.bold(style.yellow('Changes outside of aac:')), ...lines].join('\n');
}

/** What moved of each resource: what somebody remembers of how that came, and the fields. */
export function driftBlocks(
  drift: readonly Drift[],
  { style, width }: DriftOptions,
  happened: Happened = new Map(),
): readonly { readonly heading: string; readonly events: readonly string[]; readonly rows: readonly Row[] }[] {
  const column = Math.min(40, widest(drift.map(({ address }) => address)));
  return drift.map(({ address, type, fields }) => ({
    heading: `${style.bold(padded(printable(address), column))} ${driftWords[type]}`,
    events: happenedTo(address, happened, style),
    rows: driftRows(fields, valueBudget(width)),
  }));
}

/** A line for each thing that happened to a resource: `2026-01-31T09:30:00.000Z  was sent signal 9`. */
export function happenedTo(address: Address, happened: Happened, style: Style = plainStyle): readonly string[] {
  return (happened.get(address) ?? []).map(
    (event) => `${style.dim(new Date(event.at).toISOString())}  ${eventWords(event)}`,
  );
}

/** `` `aac apply` puts it right. `` */
export function putsRight(count: number): string {
  return `\`aac apply\` puts ${count === 1 ? 'it' : 'them'} right.`;
}

/** What the world did to a resource. */
export const driftWords: Readonly<Record<Drift['type'], string>> = {
  missing: 'was removed',
  fields: 'was changed',
  'not-running': 'is not running',
  'image-moved': 'runs another image than its tag names now',
};

function toDated({ at, ref: _ref, ...event }: DriverEvent): object {
  return { at: new Date(at).toISOString(), ...event };
}
