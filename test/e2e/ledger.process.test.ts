import { describe } from 'vitest';
import { ledgerTests } from './ledger.ts';
import { processWorld } from './world.ts';

describe('the ledger of an apply of processes', () => ledgerTests(processWorld));
