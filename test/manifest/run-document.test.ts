import { expect, test } from 'vitest';
import { locate } from '../../src/manifest/locate.ts';
import { runDocument } from '../../src/manifest/run-document.ts';

test('a command line is a manifest, each value of which stands where it was written', () => {
  const document = runDocument({
    name: 'web',
    image: 'busybox:1',
    commandIs: 'args',
    command: ['echo', 'two words'],
    publish: ['8080:80', '127.0.0.1::90/udp'],
    env: ['LEVEL=a$b', 'MINE'],
    fileVariables: ['FILED'],
    volume: ['/srv:/data:ro', 'cache:/cache', 'tmpfs:/tmp'],
    memory: '512Mi',
    user: '1000:100',
  });
  expect(document.value).toMatchObject({
    kind: 'Agent',
    metadata: { name: 'web' },
    spec: {
      image: 'busybox:1',
      args: ['echo', 'two words'],
      ports: ['8080:80', '127.0.0.1::90/udp'],
      environment: [
        { name: 'LEVEL', value: 'a$$b' },
        { name: 'MINE', from: 'env' },
        { name: 'FILED', from: 'env' },
      ],
      volumes: [
        { type: 'bind', source: '/srv', target: '/data', readOnly: true },
        { type: 'volume', source: 'cache', target: '/cache' },
        { type: 'tmpfs', target: '/tmp' },
      ],
      resources: { limits: { memory: '512Mi' } },
      security: { runAsUser: 1000, runAsGroup: 100 },
      restartPolicy: 'never',
    },
  });
  const { text } = document.file;
  const writtenAt = (...path: readonly (string | number)[]): string => {
    const { start, end } = locate({ document, path: ['spec', ...path] });
    return text.slice(start.offset, end.offset);
  };
  expect(writtenAt('image')).toBe('busybox:1');
  expect(writtenAt('ports', 1)).toBe('127.0.0.1::90/udp');
  expect(writtenAt('args', 1)).toBe('"two words"');
  expect(writtenAt('resources', 'limits', 'memory')).toBe('512Mi');
});

test('the values of variables do not stand on the command line that is shown', () => {
  const { file } = runDocument({ name: 'web', commandIs: 'command', command: ['true'], env: ['TOKEN=sentinel'] });
  expect(file.text).toBe('aac run --name web --env TOKEN=… -- true');
});
