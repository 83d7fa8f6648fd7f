import { InvalidArgumentError, Option } from 'commander';
import type { EgressTarget } from '../../runtime/egress-test.ts';
import type { Declarer } from './declarer.ts';
import { formatOption, pointInTime, wholeNumber } from './options.ts';

const past = pointInTime(() => Date.now());

/** The commands about what agents with a restricted way out reach. */
export function declareEgress({ command, run }: Declarer): void {
  const egress = command('egress', 'see where agents with a restricted way out go, and where they may', [
    'aac egress log --denied',
    'aac egress test web api.openai.com',
  ]).addHelpCommand(false);

  command(
    'log',
    'show what the edge decided on where agents wanted to go, for as long as it stands',
    [
      'aac egress log -f web',
      'aac egress log --denied --since 1h',
      'aac egress log --tail 20 --format jsonl   # a document for each decision',
    ],
    egress,
  )
    .argument('[agents...]', 'which agents; all when none is named')
    .option('-f, --follow', 'go on as more is decided', false)
    .option('--denied', 'only refusals', false)
    .addOption(new Option('-n, --tail <lines>', 'only the last decisions').argParser(wholeNumber(0)))
    .addOption(new Option('--since <time>', 'only from then on: 10m ago, or 2026-01-31T09:30:00Z').argParser(past))
    .addOption(new Option('--until <time>', 'only up to then').argParser(past))
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'json', 'jsonl'))
    .action(run(async () => (await import('../commands/egress.ts')).egressLog));

  const test = command(
    'test',
    'have the edge decide on a host, resolve it and connect to it, as it would for the agent, without sending anything',
    ['aac egress test web api.openai.com', 'aac egress test web db.example.com:5432 --format json'],
    egress,
  )
    .argument('<agent>', 'which agent')
    .argument(
      '<host>',
      'a host, `host:port`, or an address as browsers show it; the port is 443 unless told',
      egressTarget,
    )
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'json'))
    .addHelpText(
      'after',
      'Exit codes: 0 it is allowed and answers, 1 it cannot be told, 2 it is denied or does not answer',
    );
  const tested = run(async () => (await import('../commands/egress.ts')).egressTest);
  test.action(
    (agent: string, target: EgressTarget, options: { readonly path: string; readonly format: 'text' | 'json' }) =>
      tested({ agent, target }, options),
  );
}

/** Reads `example.com`, `example.com:8443`, `[::1]:443` or `https://example.com/path`. */
export function egressTarget(text: string): EgressTarget {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  const port = (digits: string, otherwise: number): number => (digits === '' ? otherwise : Number(digits));
  if (url) return { host: unbracketed(url.hostname), port: port(url.port, url.protocol === 'http:' ? 80 : 443) };
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  const found = match && { host: unbracketed(match[1] ?? ''), port: port(match[2] ?? '', 443) };
  if (!found || found.port < 1 || found.port > 65_535) {
    throw new InvalidArgumentError('it takes a host such as `example.com` or `example.com:8443`');
  }
  return found;
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
