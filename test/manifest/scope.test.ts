import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFiles } from '../../src/manifest/find-files.ts';
import { readProject } from '../../src/manifest/read-project.ts';
import { agentText, directoryOf, projectText, read } from './rig.ts';

const project = {
  'aac.yaml': projectText(),
  'agent.yaml': agentText('root'),
  'team/a.agent.yaml': agentText('a'),
  'team/deep/agent.yml': agentText('b'),
  'team/deep/c.agent.yml': agentText('c'),
};

describe('with a project file', () => {
  test('the directory of the project is read whole and the project names the workspace', async () => {
    const root = directoryOf(project);
    const reading = await read({}, { cwd: root });
    expect(reading.diagnostics).toEqual([]);
    expect(reading.project).toMatchObject({ workspace: 'desk', root, scope: { type: 'project', directory: root } });
    expect(reading.agents.map(({ name, file, folder }) => [name, file, folder])).toEqual([
      ['a', 'team/a.agent.yaml', './team'],
      ['b', 'team/deep/agent.yml', './team/deep'],
      ['c', 'team/deep/c.agent.yml', './team/deep'],
      ['root', 'agent.yaml', '.'],
    ]);
    expect(reading.selection).toBeUndefined();
  });

  test.each([
    ['team', ['a', 'b', 'c'], ['team/a.agent.yaml', 'team/deep/agent.yml', 'team/deep/c.agent.yml']],
    ['team/deep/', ['b', 'c'], ['team/deep/agent.yml', 'team/deep/c.agent.yml']],
    ['team/a.agent.yaml', ['a'], ['team/a.agent.yaml']],
  ])('the path %s below it only selects', async (path, agents, manifests) => {
    const reading = await read(project, { path });
    expect(reading.agents.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'root']);
    expect([...reading.selection!.agents].sort()).toEqual(agents);
    expect([...reading.selection!.manifests].sort()).toEqual(manifests);
  });

  test('the project file as the path is the whole project', async () => {
    const reading = await read(project, { path: 'aac.yaml' });
    expect(reading.agents).toHaveLength(4);
    expect(reading.selection).toBeUndefined();
  });

  test('the place is the same wherever the command runs, files read as people would type them there', async () => {
    const root = directoryOf({ ...project, 'team/bad.agent.yaml': agentText('Bad') });
    const below = await read({}, { cwd: join(root, 'team', 'deep'), path: '.' });
    expect(below.project.root).toBe(root);
    expect(below.diagnostics.map(({ range }) => range?.file)).toEqual(['../bad.agent.yaml']);
    expect([...below.texts.keys()]).toContain('agent.yml');
  });

  test('a project without agents is no error: they may have been taken out', async () => {
    const reading = await read({ 'aac.yaml': projectText() });
    expect(reading.diagnostics).toEqual([]);
  });

  test('a path that selects nothing is an error', async () => {
    const root = directoryOf(project);
    mkdirSync(join(root, 'empty'));
    const reading = await read({}, { cwd: root, path: 'empty' });
    expect(reading.diagnostics.map(({ code }) => code)).toEqual(['no-manifests']);
  });

  test('without a name the workspace is the directory', async () => {
    const root = directoryOf({ 'My Agents_1/aac.yaml': 'apiVersion: agent.dev/v1\nkind: Project\n' });
    const reading = await read({}, { cwd: root, path: 'My Agents_1' });
    expect(reading.project.workspace).toBe('my-agents-1');
  });

  test('a project file that cannot be parsed still claims its directory, and nothing else is guessed at', async () => {
    const reading = await read({
      ...project,
      'aac.yaml': 'kind: [Project',
      'x.agent.yaml': agentText('x', 'dependsOn: [y]'),
    });
    expect(reading.project.scope.type).toBe('project');
    expect(new Set(reading.diagnostics.map(({ code }) => code))).toEqual(new Set(['invalid-yaml']));
    expect(reading.agents).toEqual([]);
  });

  test('a project file without a project says so', async () => {
    const reading = await read({ ...project, 'aac.yaml': '# nothing yet\n' });
    expect(reading.diagnostics.map(({ message }) => message)).toEqual(['`aac.yaml` describes no project']);
  });

  test.each([
    ['below another', { 'team/aac.yaml': projectText() }],
    ['beside another', { 'aac.yml': projectText() }],
  ])('a second project file %s is an error', async (_, more) => {
    const reading = await read({ ...project, ...more });
    expect(reading.diagnostics.map(({ code }) => code)).toContain('several-projects');
  });
});

describe('without a project file', () => {
  const loose = { 'a.agent.yaml': agentText('a'), 'b.agent.yaml': agentText('b'), 'sub/agent.yaml': agentText('sub') };

  test('a directory is a scope of its own', async () => {
    const root = directoryOf(loose);
    const reading = await read({}, { cwd: root });
    expect(reading.project.scope).toEqual({ type: 'directory', directory: root });
    expect(reading.agents.map(({ name }) => name)).toEqual(['a', 'b', 'sub']);
    expect(reading.selection).toBeUndefined();
  });

  test('of a file its directory is read, not what is below, and the file alone is selected', async () => {
    const root = directoryOf(loose);
    const reading = await read({}, { cwd: root, path: 'a.agent.yaml' });
    expect(reading.project.scope).toEqual({ type: 'directory', directory: root });
    expect(reading.agents.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(reading.selection).toEqual({ agents: new Set(['a']), manifests: new Set(['a.agent.yaml']) });
  });

  test('a file that is named is read whatever it is called', async () => {
    const reading = await read({ ...loose, 'web.yaml': agentText('web', 'dependsOn: [a]') }, { path: 'web.yaml' });
    expect(reading.diagnostics).toEqual([]);
    expect(reading.selection?.agents).toEqual(new Set(['web']));
  });

  test('projects below the path are an error that says where to go', async () => {
    const reading = await read({ 'x/aac.yaml': projectText(), 'y/aac.yaml': projectText() });
    expect(reading.diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
      ['several-projects', 'name `x` as the path, or keep one project file alone'],
      ['several-projects', 'name `y` as the path, or keep one project file alone'],
    ]);
  });

  test('a directory without manifests is an error with a way out', async () => {
    const reading = await read({ 'notes.yaml': 'a: 1' });
    expect(reading.diagnostics).toMatchObject([{ code: 'no-manifests', message: 'no manifest was found under `.`' }]);
  });

  test('a path that is not there is an error', async () => {
    const reading = await read({}, { path: 'nowhere' });
    expect(reading.diagnostics).toMatchObject([
      { code: 'unreadable-file', message: '`nowhere` cannot be read: it does not exist' },
    ]);
  });
});

describe('the search', () => {
  test('leaves out node_modules, hidden folders and files of other names', async () => {
    const reading = await read({
      'agent.yaml': agentText('a'),
      'node_modules/x/agent.yaml': agentText('x'),
      '.git/agent.yaml': agentText('x'),
      '.hidden/agent.yaml': agentText('x'),
      '.agent.yaml': agentText('x'),
      'myagent.yaml': agentText('x'),
      'agent.yaml.bak': agentText('x'),
    });
    expect(reading.agents.map(({ name }) => name)).toEqual(['a']);
  });

  test('follows links to files and not to folders', async () => {
    const root = directoryOf({ 'sub/agent.yaml': agentText('a'), 'store/text': agentText('linked') });
    symlinkSync('../store/text', join(root, 'sub', 'linked.agent.yaml'));
    symlinkSync('..', join(root, 'sub', 'loop'));
    const reading = await read({}, { cwd: root });
    expect(reading.agents.map(({ name }) => name)).toEqual(['a', 'linked']);
  });

  test('tells what it cannot read, and never takes it for absent', async () => {
    const root = directoryOf({ 'agent.yaml': agentText('a') });
    symlinkSync('gone', join(root, 'b.agent.yaml'));
    writeFileSync(join(root, 'c.agent.yaml'), Uint8Array.from([0xff, 0xfe, 0x00]));
    const reading = await read({}, { cwd: root });
    expect(reading.diagnostics.map(({ message }) => message)).toEqual([
      '`b.agent.yaml` cannot be read: it does not exist',
      '`c.agent.yaml` is not UTF-8',
    ]);
    const gone = await findFiles(join(root, 'gone'), { recursive: true });
    expect(gone.unreadable).toMatchObject([{ path: join(root, 'gone') }]);
  });

  test('ends when it is aborted', async () => {
    const root = directoryOf(project);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readProject('.', { cwd: root, environment: {}, signal })).rejects.toThrow('enough');
  });
});
