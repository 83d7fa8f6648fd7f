import { describe, expect, it } from 'vitest';
import { shareLooks } from '../../../src/drivers/process/share-looks.ts';

describe('a shared look', () => {
  it('is one for all who ask before it begins, and never one that had begun', async () => {
    let world = 1;
    const gates: (() => void)[] = [];
    const look = shareLooks(async () => {
      const seen = world;
      await new Promise<void>((resolve) => gates.push(resolve));
      return seen;
    });
    const early = [look(), look()];
    while (gates.length < 1) await new Promise(setImmediate);
    world = 2;
    const late = look();
    while (gates.length < 2) await new Promise(setImmediate);
    for (const open of gates) open();
    expect(await Promise.all([...early, late])).toEqual([1, 1, 2]);
  });

  it('that fails is tried anew by the next who asks', async () => {
    let fails = true;
    const look = shareLooks(async () => {
      if (fails) throw new Error('no');
      return 'yes';
    });
    await expect(look()).rejects.toThrow('no');
    fails = false;
    expect(await look()).toBe('yes');
  });
});
