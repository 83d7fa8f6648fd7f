import type { Address, TemplateAddress } from './address.ts';
import type { DiagnosticCode } from './codes.ts';
import type { SourceRange } from './source.ts';

/** Something to tell a person about what they wrote or what was found. Diagnostics come as lists beside a result. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning' | 'note';
  /** Lower-case, no full stop, names in backticks. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly range?: SourceRange;
  readonly address?: Address | TemplateAddress;
  readonly related?: readonly { readonly message: string; readonly range: SourceRange }[];
}

/** Whether any of the diagnostics is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}
