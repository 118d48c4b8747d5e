/** Completion for bash and zsh, from the table of sub-commands and options. */
import { subCommandRows } from '../cli/heartbeat.js';
import { OPTION_ROWS } from '../cli/heartbeat-options.js';

const DIRECTORIES = ['--config-dir', '--state-dir', '--run-dir'];

/** What may follow a sub-command: its flags, and the words between which it chooses. */
function wordsAfter(summary: string): readonly string[] {
  const flags = [...summary.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag);
  const choice = /^([a-z]+(?:\|[a-z]+)+):/.exec(summary)?.[1]?.split('|') ?? [];
  return [...choice, ...flags];
}

export function bashCompletion(): string {
  const rows = subCommandRows();
  const letters = OPTION_ROWS.map(({ letter }) => `-${letter}`);
  const cases = rows
    .map(({ name, summary }) => [name, wordsAfter(summary)] as const)
    .filter(([, words]) => words.length > 0)
    .map(([name, words]) => `    ${name}) words='${words.join(' ')}' ;;`);
  return `# Made from the tables of the program.
# shellcheck shell=bash
_heartbeat() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words='' at
  COMPREPLY=()
  case $previous in
    ${DIRECTORIES.join(' | ')}) mapfile -t COMPREPLY < <(compgen -d -- "$current") ; return ;;
    --facts | --authkeys | --svg) mapfile -t COMPREPLY < <(compgen -f -- "$current") ; return ;;
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in -*) ;; *) break ;; esac
  done
  if ((at >= COMP_CWORD)); then
    words='${[...rows.map(({ name }) => name), 'help', ...letters, '--help', '--version', ...DIRECTORIES].join(' ')}'
  else
    case \${COMP_WORDS[at]} in
${cases.join('\n')}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if ((\${#COMPREPLY[@]} == 0)); then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi
}
complete -F _heartbeat heartbeat

_heartbeat_move() {
  mapfile -t COMPREPLY < <(compgen -W 'all foreign local failback' -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -F _heartbeat_move hb_standby hb_takeover
`;
}

export function zshCompletion(): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
  const rows = subCommandRows();
  const cases = rows
    .map(({ name, summary }) => [name, wordsAfter(summary)] as const)
    .filter(([, words]) => words.length > 0)
    .map(([name, words]) => `    ${name}) compadd -- ${words.join(' ')} ;;`);
  return `#compdef heartbeat
# Made from the tables of the program.
local -a commands options
commands=(
${rows.map(({ name, summary }) => `  '${name}:${quoted(summary)}'`).join('\n')}
)
options=(
${OPTION_ROWS.map(({ letter, sentence }) => `  '-${letter}:${quoted(sentence)}'`).join('\n')}
)
if (( CURRENT == 2 )); then
  _describe -t commands 'sub-command' commands
  _describe -t options 'option' options
else
  case $words[2] in
${cases.join('\n')}
    *) _files ;;
  esac
fi
`;
}
