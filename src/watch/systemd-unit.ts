/** What a unit needs to know of where it is made. */
export interface UnitOptions {
  readonly workspace: string;
  /** The command line of the watch: absolute paths, no shell. */
  readonly command: readonly string[];
  /** The absolute folder it runs in. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A systemd user unit that keeps a watch running. `KillMode=process` is what matters: by default systemd would end the
 * agents together with the watch that started them.
 */
export function systemdUnit({ workspace, command, folder, environment }: UnitOptions): string {
  const variables = Object.entries(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`);
  return `# Save as ~/.config/systemd/user/aac-${workspace}.service, then:
#   systemctl --user daemon-reload && systemctl --user enable --now aac-${workspace}
# To keep it running while nobody is logged in: loginctl enable-linger
[Unit]
Description=aac watch of workspace ${escaped(workspace)}

[Service]
ExecStart=${command.map(argument).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory=${escaped(folder)}
${variables.map((line) => `${line}\n`).join('')}Restart=always
RestartSec=2
# agents outlive the watch
KillMode=process
OOMPolicy=continue

[Install]
WantedBy=default.target
`;
}

/** One word of a command line, in which systemd would replace variables. */
function argument(word: string): string {
  return quoted(word).replaceAll('$', () => '$$');
}

function quoted(word: string): string {
  const plain = escaped(word);
  return /^[\w@%+=:,./-]+$/.test(word) ? plain : `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}
