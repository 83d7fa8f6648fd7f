import pc from 'picocolors';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { DriverError } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { diagnosticsJson, formatDiagnostics } from '../report/diagnostics.ts';
import { driftJson, formatDrift } from '../report/drift.ts';
import { formatPlan } from '../report/plan-text.ts';
import { planToJson } from '../report/plan-json.ts';
import { formatValidation, validationJson } from '../report/validation.ts';
import type { Subject } from '../report/render.ts';
import { createRedactor } from '../report/redact.ts';
import type { Style } from '../report/style.ts';
import type { ProjectReading } from '../manifest/read-project.ts';
import type { CommonOptions } from './context.ts';
import type { Terminal } from './terminal.ts';

/** The palette for one of the two streams. */
export function styleOf(terminal: Terminal, stream: 'out' | 'error'): Style {
  return pc.createColors(terminal.color[stream]);
}

/** From here on nothing that is printed holds a value the manifests read from elsewhere. */
export function hideSensitive(terminal: Terminal, reading: Pick<ProjectReading, 'sensitive'>): void {
  let known = -1;
  let redact = (text: string): string => text;
  terminal.redactWith((text) => {
    const values = reading.sensitive(); // secrets join when they are read
    if (values.length !== known) redact = createRedactor(values);
    known = values.length;
    return redact(text);
  });
}

/** Diagnostics without the advice that only whoever applies needs. */
export function withoutAdvice(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ code }) => code !== 'unsupervised');
}

/** Diagnostics for people, on stderr. */
export function printDiagnostics(
  terminal: Terminal,
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
): void {
  if (diagnostics.length === 0) return;
  const { columns } = terminal.size();
  terminal.error(ended(formatDiagnostics(diagnostics, { texts, style: styleOf(terminal, 'error'), width: columns })));
}

/** A failed call, where there is no ledger to hold it. */
export function printFailure(terminal: Terminal, { message, hint, details = [] }: DriverError): void {
  terminal.error(`error: ${message}\n`);
  for (const line of details) terminal.error(`  ${line}\n`);
  if (hint !== undefined) terminal.error(`hint: ${hint}\n`);
}

/** Why there is no plan: on stderr for people, or as one JSON document on stdout. */
export function printRefusal(
  terminal: Terminal,
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  format: CommonOptions['format'],
): void {
  if (format === 'text') printDiagnostics(terminal, diagnostics, texts);
  else terminal.json(diagnosticsJson(diagnostics), 2);
}

/** A plan: text for people with its diagnostics on stderr, or one JSON document. */
export function printPlan(
  terminal: Terminal,
  plan: Plan,
  texts: ReadonlyMap<string, string>,
  format: CommonOptions['format'],
): void {
  if (format !== 'text') {
    terminal.json(planToJson(plan), 2);
    return;
  }
  printDiagnostics(terminal, plan.diagnostics, texts);
  terminal.out(ended(formatPlan(plan, { style: styleOf(terminal, 'out'), width: terminal.size().columns })));
}

/** A text that ends with one line break. */
export function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** A subject as `--format text` and `--format json` print it; the end of an apply is printed by `printOutcome`. */
export function printSubject(
  terminal: Terminal,
  subject: Subject,
  texts: ReadonlyMap<string, string>,
  format: 'text' | 'json',
): void {
  switch (subject.type) {
    case 'plan':
      printPlan(terminal, subject.plan, texts, format);
      return;
    case 'drift':
      printDrift(terminal, subject, texts, format);
      return;
    case 'refusal':
      printRefusal(terminal, subject.diagnostics, texts, format);
      return;
    case 'validation':
      printValidation(terminal, subject, texts, format);
      return;
    case 'ledger':
      return;
  }
}

function printDrift(
  terminal: Terminal,
  { plan, happened }: Extract<Subject, { readonly type: 'drift' }>,
  texts: ReadonlyMap<string, string>,
  format: 'text' | 'json',
): void {
  if (format === 'json') {
    terminal.json(driftJson(plan, happened), 2);
    return;
  }
  const errors = plan.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  printDiagnostics(terminal, errors, texts);
  const view = { style: styleOf(terminal, 'out'), width: terminal.size().columns };
  terminal.out(ended(formatDrift(plan, view, happened)));
}

function printValidation(
  terminal: Terminal,
  subject: Extract<Subject, { readonly type: 'validation' }>,
  texts: ReadonlyMap<string, string>,
  format: 'text' | 'json',
): void {
  if (format === 'json') {
    terminal.json(validationJson(subject), 2);
    return;
  }
  printDiagnostics(terminal, subject.diagnostics, texts);
  terminal.out(formatValidation(subject));
}
