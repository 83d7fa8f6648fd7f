import { expect, test } from 'vitest';
import { isReference } from '../../src/model/reference.ts';
import { readValues } from '../../src/manifest/read-project.ts';
import { agentText, directoryOf, projectText, read } from './rig.ts';

const files = {
  'aac.yaml': projectText('env: [.env, local.env]'),
  '.env': 'FROM_FILE=file\nOVER=first\nBOTH=file-value\n',
  'local.env': 'OVER=second\n',
  'agent.yaml': agentText(
    'web',
    `image: example/\${PUBLIC}:1
environment:
  - { name: KEY, value: "key=\${SENTINEL}" }
  - { name: FILE, value: "\${FROM_FILE}" }
  - { name: OVER, value: "\${OVER}" }
  - { name: BOTH, value: "\${BOTH}" }
  - { name: DEFAULT, value: "\${GONE:-fallback}" }
  - { name: SHOWN, value: "\${SHOWN}", sensitive: false }
  - { name: ENV, from: env, envKey: DIRECT }
  - { name: ENV_DEFAULT, from: env, envKey: GONE, defaultValue: default-text }
  - { name: ENV_SHOWN, from: env, envKey: ALSO_SHOWN, sensitive: false }
  - { name: SHORT, value: "\${SHORT}" }
  - { name: IMAGE_TOO, value: "\${PUBLIC}" }
  - { name: DOLLAR, value: "a$$b" }
  - { name: SECRET, from: secret }`,
  ),
};
const environment = {
  SENTINEL: 's3ntinel-value',
  BOTH: 'caller-value',
  DIRECT: 'direct-value',
  SHOWN: 'shown-value',
  ALSO_SHOWN: 'also-shown-value',
  PUBLIC: 'public-name',
  SHORT: 'abc',
};

test('values that may be secret stay references, others are literals', async () => {
  const { agents, diagnostics } = await read(files, { environment });
  expect(diagnostics).toEqual([]);
  expect(agents[0]!.image).toBe('example/public-name:1');
  expect(agents[0]!.environment).toEqual({
    KEY: { from: 'interpolation', template: 'key=${SENTINEL}' },
    FILE: { from: 'interpolation', template: '${FROM_FILE}' },
    OVER: { from: 'interpolation', template: '${OVER}' },
    BOTH: { from: 'interpolation', template: '${BOTH}' },
    DEFAULT: { from: 'interpolation', template: '${GONE:-fallback}' },
    SHOWN: 'shown-value',
    ENV: { from: 'env', key: 'DIRECT' },
    ENV_DEFAULT: { from: 'env', key: 'GONE', default: 'default-text' },
    ENV_SHOWN: 'also-shown-value',
    SHORT: { from: 'interpolation', template: '${SHORT}' },
    IMAGE_TOO: { from: 'interpolation', template: '${PUBLIC}' },
    DOLLAR: 'a$b',
    SECRET: { from: 'secret', name: 'web', key: 'SECRET' },
  });
});

test('references are read from env files, a later file over an earlier and the caller over all', async () => {
  const { agents, values } = await read(files, { environment });
  const entries = Object.entries(agents[0]!.environment).filter(([, value]) => isReference(value));
  const found = await Promise.all(
    entries.map(async ([name, value]) => [name, isReference(value) ? await values.read(value) : value]),
  );
  expect(Object.fromEntries(found)).toEqual({
    KEY: 'key=s3ntinel-value',
    FILE: 'file',
    OVER: 'second',
    BOTH: 'caller-value',
    DEFAULT: 'fallback',
    ENV: 'direct-value',
    ENV_DEFAULT: 'default-text',
    SHORT: 'abc',
    IMAGE_TOO: 'public-name',
    SECRET: undefined,
  });
});

test('what must not be printed are values and variables behind references, not what the manifest shows itself', async () => {
  const { sensitive } = await read(files, { environment });
  expect(sensitive()).toEqual([
    'key=s3ntinel-value',
    's3ntinel-value',
    'caller-value',
    'direct-value',
    'second',
    'file',
  ]);
});

test('no value of a reference is in an agent, in what was written or in a diagnostic', async () => {
  const reading = await read({ ...files, 'bad.agent.yaml': agentText('bad', 'image: ${SENTINEL} x') }, { environment });
  const { agents, diagnostics } = await read(files, { environment });
  expect(reading.diagnostics).toMatchObject([{ code: 'invalid-value' }]);
  expect(JSON.stringify([agents, diagnostics, reading.agents, reading.diagnostics])).not.toContain('s3ntinel');
});

test('the values of a saved plan come from the project directory and the environment alone', async () => {
  const root = directoryOf(files);
  const { values, sensitive } = await readValues(root, environment);
  expect(sensitive()).toEqual([]);
  expect(await values.read({ from: 'interpolation', template: '${FROM_FILE}-${SENTINEL}' })).toBe(
    'file-s3ntinel-value',
  );
  expect(sensitive()).toEqual(['file-s3ntinel-value', 's3ntinel-value', 'file']);
  expect(await values.read({ from: 'env', key: 'GONE' })).toBeUndefined();
  expect(await values.read({ from: 'interpolation', template: '${GONE}' })).toBeUndefined();
});

test('without a project file the environment is all there is', async () => {
  const { values } = await readValues(directoryOf({}), { A: 'a' });
  expect(await values.read({ from: 'env', key: 'A' })).toBe('a');
});
