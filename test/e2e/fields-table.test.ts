import { expect, it } from 'vitest';
import { exempt, rows } from './fields-table.ts';
import { agentFields } from './schema-fields.ts';

const inRows = new Set(rows.flatMap(({ fields }) => fields));
const isExempt = (field: string): boolean =>
  Object.keys(exempt).some((name) => field === name || field.startsWith(`${name}.`));

it('every field of an agent is in the table, or exempt with a reason', () => {
  expect(agentFields().filter((field) => !inRows.has(field) && !isExempt(field))).toEqual([]);
});

it('no field is both in the table and exempt, and each of them exists', () => {
  const fields = agentFields();
  expect([...inRows].filter((field) => isExempt(field) || !isField(fields, field))).toEqual([]);
  expect(Object.keys(exempt).filter((name) => !isField(fields, name))).toEqual([]);
});

function isField(fields: readonly string[], name: string): boolean {
  return fields.some((field) => field === name || field.startsWith(`${name}.`));
}
