import type { ValueReference } from '../../model/reference.ts';
import { isJsonObject, type Json } from '../../util/json.ts';
import { defined } from '../defined.ts';
import { interpolate } from '../interpolate.ts';
import { didYouMean } from '../nearest-word.ts';
import { below, type ResolveContext } from './context.ts';
import type { Listed, MergedSpec } from './layers.ts';

type Variable = MergedSpec['environment'][number];
type Field = keyof Variable['item'];
type Value = string | ValueReference;

/** Which fields go with which source. */
const companions: Readonly<Record<NonNullable<Variable['item']['from']> | 'value', readonly Field[]>> = {
  value: ['sensitive'],
  secret: ['secretName', 'secretKey'],
  config: ['configKey', 'configMapName', 'configMapKey'],
  configmap: ['configMapName', 'configMapKey'],
  env: ['envKey', 'defaultValue', 'sensitive'],
};

/** The variables of an agent: literals where they may be shown, references where they may not. */
export function resolveEnvironment(context: ResolveContext): Readonly<Record<string, Value>> {
  const first = new Map<string, Variable>();
  const environment: Record<string, Value> = {};
  for (const variable of context.merged.environment) {
    const { item, place } = variable;
    const earlier = first.get(item.name);
    if (earlier) {
      context.reporter.error('duplicate-name', `variable \`${item.name}\` is set twice`, below(place, 'name'), {
        related: [{ message: 'first set here', place: below(earlier.place, 'name') }],
      });
      continue;
    }
    first.set(item.name, variable);
    const value = resolveVariable(context, variable);
    if (value !== undefined) environment[item.name] = value;
  }
  return environment;
}

function resolveVariable(context: ResolveContext, variable: Variable): Value | undefined {
  const { item, place } = variable;
  const { reporter } = context;
  if (item.value !== undefined && item.from !== undefined) {
    reporter.error(
      'conflicting-fields',
      `variable \`${item.name}\` has both \`value\` and \`from\``,
      below(place, 'from'),
      {
        hint: 'take one of them out',
        part: 'key',
        related: [{ message: 'the value', place: below(place, 'value') }],
      },
    );
    return undefined;
  }
  const source = item.value === undefined ? item.from : 'value';
  if (source === undefined) {
    reporter.error(
      'missing-field',
      `variable \`${item.name}\` has neither \`value\` nor \`from\``,
      below(place, 'name'),
    );
    return undefined;
  }
  checkCompanions(context, variable, source);
  switch (source) {
    case 'value':
      return literalOrTemplate(context, variable);
    case 'env':
      return environmentValue(context, variable);
    case 'secret':
      return { from: 'secret', name: item.secretName ?? context.name, key: item.secretKey ?? item.name };
    case 'configmap':
      return configReference(context, variable);
    case 'config':
      return item.configMapName === undefined && item.configMapKey === undefined
        ? configValue(context, variable)
        : configReference(context, variable);
  }
}

function checkCompanions(context: ResolveContext, { item, place }: Variable, source: keyof typeof companions): void {
  for (const [field, value] of Object.entries(item)) {
    const known = field === 'name' || field === 'value' || field === 'from';
    if (value === undefined || known || companions[source].some((allowed) => allowed === field)) continue;
    const beside = source === 'value' ? '`value`' : `\`from: ${source}\``;
    context.reporter.error('conflicting-fields', `\`${field}\` means nothing beside ${beside}`, below(place, field), {
      part: 'key',
      hint: companions[source].length > 0 ? `beside it go ${companions[source].map(quote).join(', ')}` : undefined,
    });
  }
}

function literalOrTemplate(context: ResolveContext, { item, place }: Variable): Value | undefined {
  const template = item.value ?? '';
  const result = interpolate(template, context.variables);
  const at = below(place, 'value');
  if (!result.ok) {
    const { code, message, hint } = result.error;
    context.reporter.error(code, message, at, { hint });
    return undefined;
  }
  const { text, dynamic, used } = result.value;
  if (!dynamic) {
    if (item.sensitive) {
      context.reporter.warning(
        'invalid-value',
        `\`sensitive\` does not hide a value that stands in the manifest`,
        below(place, 'sensitive'),
        { part: 'key', hint: 'take the value from a `${VARIABLE}` or a secret' },
      );
    }
    return text;
  }
  if (item.sensitive !== false) return { from: 'interpolation', template };
  for (const name of used) context.publicVariables.add(name);
  return text;
}

function environmentValue(context: ResolveContext, { item, place }: Variable): Value | undefined {
  const key = item.envKey ?? item.name;
  const value = Object.hasOwn(context.variables, key) ? context.variables[key] : undefined;
  if (value === undefined && item.defaultValue === undefined) {
    const at = below(place, item.envKey === undefined ? 'name' : 'envKey');
    context.reporter.error('unset-variable', `variable \`${key}\` is not set`, at, {
      hint: 'set it, or give a `defaultValue`',
    });
    return undefined;
  }
  if (item.sensitive !== false) return { from: 'env', key, ...defined({ default: item.defaultValue }) };
  if (value !== undefined) context.publicVariables.add(key);
  return value ?? item.defaultValue;
}

function configReference(context: ResolveContext, { item, place }: Variable): Value | undefined {
  if (item.configKey !== undefined && item.from === 'config') {
    context.reporter.error(
      'conflicting-fields',
      '`configKey` names a field of `spec.config`, `configMapName` and `configMapKey` a key of the config source',
      below(place, 'configKey'),
      { part: 'key', hint: 'write `configMapKey` instead' },
    );
    return undefined;
  }
  return { from: 'config', name: item.configMapName ?? context.name, key: item.configMapKey ?? item.name };
}

function configValue(context: ResolveContext, { item, place }: Listed<Variable['item']>): string | undefined {
  const path = item.configKey ?? item.name;
  const found = lookUp(context.merged.fields.config as Json | undefined, path.split('.'));
  if (found.value === undefined) {
    const missing = found.keys === undefined ? '`spec.config` is not there' : `\`spec.config\` has no \`${path}\``;
    context.reporter.error(
      'unknown-reference',
      `${missing}, which variable \`${item.name}\` is read from`,
      below(place, item.configKey === undefined ? 'from' : 'configKey'),
      { hint: found.missing === undefined ? undefined : didYouMean(found.missing, found.keys ?? []) },
    );
    return undefined;
  }
  return typeof found.value === 'string' ? found.value : JSON.stringify(found.value);
}

interface Found {
  readonly value?: Json;
  /** The first part of the path that is not there, and what there is instead. */
  readonly missing?: string;
  readonly keys?: readonly string[];
}

/** Keys with dots in them are found too, the longest first. */
function lookUp(config: Json | undefined, parts: readonly string[]): Found {
  if (config === undefined) return {};
  if (parts.length === 0) return { value: config };
  const [missing = ''] = parts;
  if (Array.isArray(config)) {
    const item = (config as readonly Json[])[Number(missing)];
    return item === undefined ? { missing, keys: [] } : lookUp(item, parts.slice(1));
  }
  if (!isJsonObject(config)) return { missing, keys: [] };
  for (let length = parts.length; length > 0; length -= 1) {
    const key = parts.slice(0, length).join('.');
    if (Object.hasOwn(config, key)) return lookUp(config[key], parts.slice(length));
  }
  return { missing, keys: Object.keys(config) };
}

function quote(word: string): string {
  return `\`${word}\``;
}
