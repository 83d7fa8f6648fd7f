import { describe, expect, it } from 'vitest';
import { collectHello, serverNameOf } from '../../src/edge/client-hello.ts';
import { helloOf } from './rig.ts';

const real = await helloOf('api.test');

describe('the ClientHello', () => {
  it('of a real client names its server', async () => {
    const hello = collectHello(real);
    expect(hello.ok && hello.value && (await serverNameOf(hello.value))).toEqual({ ok: true, value: 'api.test' });
  });

  it('is waited for until its last byte, however it is cut', () => {
    for (let length = 0; length < real.length; length += 1) {
      expect(collectHello(real.subarray(0, length)), String(length)).toEqual({ ok: true, value: undefined });
    }
  });

  it('is put together from as many records as it comes in', async () => {
    const body = real.subarray(5);
    const records = Buffer.concat([...body].map((byte) => Buffer.from([0x16, 3, 1, 0, 1, byte])));
    const hello = collectHello(records);
    expect(hello.ok && hello.value && (await serverNameOf(hello.value))).toEqual({ ok: true, value: 'api.test' });
  });

  it('is refused where it is too large, or claims to be', () => {
    const claim = Buffer.from([0x16, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff]);
    expect(collectHello(claim)).toEqual({ ok: false, error: 'the ClientHello is too large' });
    const drip = Buffer.concat(Array.from({ length: 40_000 }, () => Buffer.from([0x16, 3, 1, 0, 1, 1])));
    expect(collectHello(drip.subarray(0, 5))).toEqual({ ok: true, value: undefined });
    expect(collectHello(drip).ok).toBe(false);
  });

  it('is refused where something else comes with it or instead of it', () => {
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0x16, 3, 1, 0, 0]),
      Buffer.from([0x16, 9, 1, 0, 1, 1]),
      Buffer.from([0x16, 3, 1, 0, 1, 2]),
      Buffer.concat([real.subarray(0, 3), sized(real.length - 5 + 4), real.subarray(5), Buffer.alloc(4)]),
    ]) {
      expect(collectHello(bytes).ok, bytes.toString('hex').slice(0, 20)).toBe(false);
    }
  });

  it('without a server name, or with two, names none', async () => {
    expect(await serverNameOf((await helloOf('')).subarray(5))).toEqual({ ok: false, error: 'no server name (SNI)' });
    expect(await serverNameOf(twice(real.subarray(5)))).toEqual({ ok: false, error: 'more than one server name' });
    expect((await serverNameOf(real.subarray(5, 60))).ok).toBe(false);
  });
});

/** The hello with its server name extension once more at the end. */
function twice(hello: Buffer): Buffer {
  const session = hello[38] ?? 0;
  const ciphersAt = 39 + session;
  const compressionAt = ciphersAt + 2 + hello.readUInt16BE(ciphersAt);
  const extensionsAt = compressionAt + 1 + (hello[compressionAt] ?? 0);
  const name = Buffer.from('evil.test');
  const entry = Buffer.concat([Buffer.from([0]), sized(name.length), name]);
  const list = Buffer.concat([sized(entry.length), entry]);
  const extension = Buffer.concat([Buffer.from([0, 0]), sized(list.length), list]);
  const longer = Buffer.concat([hello, extension]);
  longer.writeUInt16BE(hello.readUInt16BE(extensionsAt) + extension.length, extensionsAt);
  longer.writeUIntBE(longer.length - 4, 1, 3);
  return longer;
}

function sized(length: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(length);
  return bytes;
}
