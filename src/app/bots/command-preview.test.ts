import { describe, expect, it } from 'vitest';
import type { RunRecord } from '#core/store/runs.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { previewCommand } from './command-preview.ts';

const strategies = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy as never]));
const runOf = (strategy: string) => ({ recipe: { strategy }, state: {} }) as unknown as Pick<RunRecord, 'recipe' | 'state'>;

describe('a command', () => {
  it.each(['smart_trade', 'mine@1'])('of %s, which shows nothing beforehand, is said to be so', (strategy) => {
    expect(() => previewCommand(strategies, runOf(strategy), 'close_deal', {})).toThrow('name cannot be shown beforehand: close_deal does what its help says');
  });
});
