/** Reads keepalived.conf texts on a described machine. */

import { type ParsedKeepalived, parseKeepalived } from '../../../../src/config/keepalived/parse.js';
import type { IncludedFile } from '../../../../src/config/keepalived/reader.js';
import { machineOf } from '../../../../src/config/machine-facts.js';
import type { VrrpConfig } from '../../../../src/config/vrrp-types.js';

const machine = machineOf({
  interfaces: {
    eth0: ['10.0.0.1/24'],
    eth1: ['10.1.0.1/24'],
    eth2: ['172.18.10.11/16'],
    eno16777736: ['192.168.131.1/24'],
  },
});

export interface ReadOptions {
  /** Files that may be included, by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly configId?: string;
  /** Programs that exist. */
  readonly programs?: readonly string[];
}

export function read(text: string, options: ReadOptions = {}): ParsedKeepalived {
  const { files = {}, configId, programs } = options;
  return parseKeepalived('/etc/keepalived/keepalived.conf', text, {
    machine,
    hostname: 'node1.example.org',
    ...(configId === undefined ? {} : { configId }),
    include: (pattern): IncludedFile[] => {
      const whole = pattern.startsWith('/') ? pattern : `/etc/keepalived/${pattern}`;
      return Object.entries(files)
        .filter(([path]) => path === whole || (whole.endsWith('*') && path.startsWith(whole.slice(0, -1))))
        .map(([path, content]) => ({ path, text: content }));
    },
    ...(programs === undefined
      ? {}
      : { scriptFacts: { of: (program) => ({ state: programs.includes(program) ? 'fine' : 'absent' }) } }),
  });
}

/** `severity code line:column` of each diagnostic. */
export function told({ diagnostics }: ParsedKeepalived): string[] {
  return diagnostics.map(({ severity, code, line, column }) => `${severity} ${code} ${line}:${column}`);
}

/** The configuration of a text without any error. */
export function good(text: string, options: ReadOptions = {}): VrrpConfig {
  const parsed = read(text, options);
  if (parsed.config === undefined) throw new Error(JSON.stringify(parsed.diagnostics, null, 1));
  return parsed.config;
}

/** A sound instance with more lines in it. */
export function instanceWith(...lines: readonly string[]): string {
  return [
    'vrrp_instance VI_1 {',
    '  interface eth0',
    '  virtual_router_id 51',
    '  virtual_ipaddress { 10.0.0.10/24 }',
    ...lines.map((line) => `  ${line}`),
    '}',
  ].join('\n');
}
