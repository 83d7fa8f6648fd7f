import { Argument, Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { complete } from '../../src/cli/complete.ts';

function program(): Command {
  const root = new Command('aac')
    .helpCommand(false)
    .addOption(new Option('--log-level <level>').choices(['debug', 'info']));
  root
    .command('plan')
    .argument('[path]')
    .option('--out <file>')
    .option('--destroy')
    .addOption(new Option('--format <format>').choices(['text', 'json']));
  root.command('logs').alias('log').argument('[agents...]').option('-n, --tail <lines>');
  root.command('schema').addArgument(new Argument('[kind]').choices(['agent', 'project']));
  const edge = root.command('edge').helpCommand(false);
  edge.command('log');
  edge.command('test').argument('<agent>').argument('<host>');
  root.command('secret', { hidden: true });
  return root;
}

const agents = ['web', 'worker', 'db'];

function words(...typed: readonly string[]): readonly string[] {
  return complete(program(), typed, agents).candidates.map(({ word }) => word);
}

test('commands are offered first, hidden ones are not', () => {
  expect(words('')).toEqual(['plan', 'logs', 'schema', 'edge']);
  expect(words('pl')).toEqual(['plan']);
  expect(words('se')).toEqual([]);
});

test('options and what they choose from are offered, in either way of writing them', () => {
  expect(words('plan', '--')).toEqual(expect.arrayContaining(['--out', '--destroy', '--format']));
  expect(words('plan', '--format', '')).toEqual(['text', 'json']);
  expect(words('plan', '--format=j')).toEqual(['--format=json']);
  expect(words('--log-level', 'd')).toEqual(['debug']);
});

test('agents are offered where agents are asked for, each time, also behind an alias', () => {
  expect(words('logs', 'w')).toEqual(['web', 'worker']);
  expect(words('log', 'web', '-n', '3', '')).toEqual(agents);
  expect(words('edge', 'test', 'd')).toEqual(['db']);
  expect(words('edge', 'test', 'db', '')).toEqual([]);
});

test('arguments offer their choices, nested commands their own', () => {
  expect(words('schema', '')).toEqual(['agent', 'project']);
  expect(words('edge', '')).toEqual(['log', 'test']);
});

test('files are left to the shell where a path is asked for, and nowhere else', () => {
  expect(complete(program(), ['plan', ''], agents).files).toBe(true);
  expect(complete(program(), ['plan', '--out', ''], agents).files).toBe(true);
  expect(complete(program(), ['plan', '--format', ''], agents).files).toBe(false);
  expect(complete(program(), ['logs', ''], agents).files).toBe(false);
  expect(complete(program(), ['plan', '--destroy', ''], agents).files).toBe(true);
});
