/** The Linux capabilities, without `CAP_`; `ALL` stands for each of them. */
export const capabilities: readonly string[] = [
  ...['ALL', 'AUDIT_CONTROL', 'AUDIT_READ', 'AUDIT_WRITE', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'CHOWN'],
  ...['DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'IPC_LOCK', 'IPC_OWNER', 'KILL', 'LEASE'],
  ...['LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'MKNOD', 'NET_ADMIN', 'NET_BIND_SERVICE', 'NET_BROADCAST'],
  ...['NET_RAW', 'PERFMON', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYSLOG', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_CHROOT'],
  ...['SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME'],
  ...['SYS_TTY_CONFIG', 'WAKE_ALARM'],
];

/** The signals that can ask a process to stop. */
export const signals: readonly string[] = [
  ...['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGABRT', 'SIGALRM', 'SIGWINCH'],
  ...['SIGCONT', 'SIGTSTP', 'SIGPIPE', 'SIGPWR', 'SIGIO', 'SIGXCPU', 'SIGVTALRM', 'SIGPROF'],
];

/** The fields that describe the agent to other tools and change nothing here. */
export const carriedFields = ['monitoring', 'tracing', 'capability_config', 'dev_dependencies', 'models'] as const;
