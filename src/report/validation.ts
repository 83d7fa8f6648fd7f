import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { JsonObject } from '../util/json.ts';
import { diagnosticsJson } from './diagnostics.ts';
import { counted, printable } from './text.ts';

/** What a look at all manifests found. */
export interface Validation {
  readonly diagnostics: readonly Diagnostic[];
  readonly workspace: string;
  /** The agents that could be read. */
  readonly agents: readonly string[];
}

/** That nothing is wrong, in one line; empty when something is. */
export function formatValidation({ diagnostics, workspace, agents }: Validation): string {
  return hasErrors(diagnostics) ? '' : `${counted(agents.length, 'agent')} of ${printable(workspace)}: valid\n`;
}

/** The result of `aac validate` as a document for programs. */
export function validationJson({ diagnostics, workspace, agents }: Validation): JsonObject {
  return { workspace, valid: !hasErrors(diagnostics), agents, diagnostics: diagnosticsJson(diagnostics) };
}
