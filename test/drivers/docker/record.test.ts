import { describe, expect, it } from 'vitest';
import type { Address, TemplateAddress } from '../../../src/model/address.ts';
import type { SpecHash } from '../../../src/model/desired.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import { labels as names } from '../../../src/model/labels.ts';
import type { AppliedRecord } from '../../../src/model/observed.ts';
import { isOurs, maxRecordBytes, readRecord, recordLabels } from '../../../src/drivers/docker/record.ts';
import type { Labels } from '../../../src/drivers/docker/engine-types.ts';

const record: AppliedRecord = {
  workspace: 'shop',
  address: 'agent/web/0' as Address,
  specHash: 'abc' as SpecHash,
  generation: 3,
  lastApplied: { environment: { TOKEN: { from: 'env', key: 'TOKEN' } } },
  fingerprints: { [fieldPath('environment', 'TOKEN')]: { salt: 'aa', digest: 'bb' } },
  dependsOn: ['network/default', 'agent/db'] as TemplateAddress[],
  protect: true,
  manifest: 'web.agent.yaml',
  directory: '/srv/shop',
  origin: 'manifest',
};

describe('a record', () => {
  it('comes back from labels as it went in', () => {
    expect(readRecord(recordLabels(record) as Labels)).toEqual(record);
    const bare = { ...record, dependsOn: [], fingerprints: {}, protect: false };
    expect(readRecord(recordLabels(bare) as Labels)).toEqual(bare);
  });

  it('that is too large for a label is refused with its size', () => {
    const large = { ...record, lastApplied: { text: 'ü'.repeat(maxRecordBytes / 2) } };
    expect(recordLabels(large)).toEqual({ tooLarge: maxRecordBytes + '{"text":""}'.length });
  });

  it.each([names.workspace, names.address, names.specHash, names.generation, names.lastApplied])(
    'without a readable `%s` is none',
    (label) => {
      const { [label]: _gone, ...rest } = recordLabels(record) as Labels;
      expect(readRecord(rest)).toBeUndefined();
      expect(readRecord({ ...rest, [label]: '' })).toBeUndefined();
    },
  );

  it('belongs to one workspace and address', () => {
    const found = recordLabels(record) as Labels;
    expect(isOurs(found, 'shop', record.address)).toBe(true);
    expect(isOurs(found, 'bank', record.address)).toBe(false);
    expect(isOurs(found, 'shop', 'agent/web/1' as Address)).toBe(false);
    expect(isOurs(null, 'shop', record.address)).toBe(false);
  });
});
