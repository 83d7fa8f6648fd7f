import type { Drift, Plan } from '../model/plan.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { driftRows } from './plan-rows.ts';
import { alignRows, rowPaints, valueBudget, type Row } from './rows.ts';
import type { Style } from './style.ts';
import { counted, padded, printable, widest } from './text.ts';

/** How drift is shown; `width` as for `formatPlan`. */
export interface DriftOptions {
  readonly style: Style;
  readonly width?: number;
}

/** What the world did since the last apply, by itself. */
export function formatDrift(plan: Plan, options: DriftOptions): string {
  const { style } = options;
  if (plan.drift.length === 0) return `${style.bold(style.green('No drift.'))} Nothing changed outside of aac.\n`;
  const summary = `Drift: ${counted(plan.drift.length, 'resource')} moved; \`aac apply\` puts them right.`;
  return `${driftSection(plan.drift, options)}\n\n${style.bold(summary)}\n`;
}

/** The drift of a plan as a document for programs. */
export function driftJson(plan: Plan): JsonObject {
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'drift',
    workspace: plan.workspace,
    drift: plan.drift,
    diagnostics: plan.diagnostics,
  });
}

/** The heading and a line for each resource that moved, its fields below it; empty when none did. */
export function driftSection(drift: readonly Drift[], options: DriftOptions): string {
  if (drift.length === 0) return '';
  const { style } = options;
  const lines = driftBlocks(drift, options).flatMap(({ heading, rows }) => [
    `    ${heading}`,
    ...alignRows(rows, rowPaints(style)),
  ]);
  return [style.bold(style.yellow('Changes outside of aac:')), ...lines].join('\n');
}

/** What happened to each resource, and the fields of it that moved. */
export function driftBlocks(
  drift: readonly Drift[],
  { style, width }: DriftOptions,
): readonly { readonly heading: string; readonly rows: readonly Row[] }[] {
  const column = Math.min(40, widest(drift.map(({ address }) => address)));
  return drift.map(({ address, type, fields }) => ({
    heading: `${style.bold(padded(printable(address), column))} ${driftWords[type]}`,
    rows: driftRows(fields, valueBudget(width)),
  }));
}

/** What the world did to a resource. */
export const driftWords: Readonly<Record<Drift['type'], string>> = {
  missing: 'was removed',
  fields: 'was changed',
  'not-running': 'is not running',
  'image-moved': 'runs another image than its tag names now',
};
