import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRig } from '../support/rig.ts';
import { runCommand } from '../support/run-command.ts';
import { localProcess } from './manifests.ts';

/** What an interactive bash offers after the words, the last of which is being typed. */
async function offered(folder: string, ...words: readonly string[]): Promise<readonly string[]> {
  const script = `
    # from the package bash-completion, which need not be here
    _get_comp_words_by_ref() { cur=\${COMP_WORDS[COMP_CWORD]}; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
    compopt() { :; }
    source <(aac completion bash)
    COMP_WORDS=(aac "$@"); COMP_CWORD=$#; COMPREPLY=()
    __aac_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const bin = join(import.meta.dirname, '..', '..', 'bin');
  const { stdout, exitCode, all } = await runCommand('bash', ['-c', script, 'bash', ...words], {
    cwd: folder,
    environment: { PATH: `${bin}:${process.env.PATH ?? ''}` },
  });
  expect(exitCode, all).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash completes commands, options, what they choose from, and agents', async () => {
  await using rig = createRig();
  rig.write({ 'web.agent.yaml': localProcess('web'), 'worker.agent.yaml': localProcess('worker') });
  expect(await offered(rig.folder, 'val')).toEqual(['validate']);
  expect(await offered(rig.folder, 'plan', '--detail')).toEqual(['--detailed-exitcode']);
  expect(await offered(rig.folder, 'plan', '--driver', '')).toEqual(['docker', 'process']);
  expect(await offered(rig.folder, 'logs', 'w')).toEqual(['web', 'worker']);
  rig.write({ 'web.agent.yaml': 'spec: [' });
  expect(await offered(rig.folder, 'logs', 'w')).toEqual(['worker']);
});

test.each(['bash', 'zsh', 'fish'])('the script for %s is printed, and nothing else', async (shell) => {
  await using rig = createRig();
  const { exitCode, stdout, stderr } = await rig.aac('completion', shell);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('aac complete --');
});
