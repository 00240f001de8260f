import { Argument, type Command, type Option } from 'commander';
import { UnknownCase } from '../errors.ts';
import { print } from './context.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

interface CompletedOption {
  readonly name: string;
  readonly description: string;
  readonly value: 'none' | 'path' | 'text' | readonly string[];
}

/** A command's long options and arguments, as far as a shell can complete them. */
interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly words: readonly string[];
}

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands and options in a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices([...shells]))
    .addHelpText(
      'after',
      `
bash:  m2s2l completion bash > ~/.local/share/bash-completion/completions/m2s2l
zsh:   m2s2l completion zsh > FOLDER_OF_FPATH/_m2s2l
fish:  m2s2l completion fish > ~/.config/fish/completions/m2s2l.fish

Example:
  $ m2s2l completion bash`,
    )
    .action((shell: Shell) => print(completionScript(shell, program)));
}

/** The script for a shell, from the very commands and options of the program. */
export function completionScript(shell: Shell, program: Command): string {
  const commands = program.commands.map(completed);
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
    default:
      throw new UnknownCase(shell satisfies never);
  }
}

function completed(command: Command): CompletedCommand {
  // A command of commands: what any of them takes.
  const parts = [command, ...command.commands];
  const options = parts
    .flatMap(({ options }) => options)
    .filter(({ long, hidden }, i, all) => long && !hidden && isFirst(long, i, all))
    .map((option) => ({
      name: option.long!,
      description: option.description,
      value: kindOfValue(option),
    }));
  return {
    name: command.name(),
    description: command.description(),
    options: [...options, { name: '--help', description: 'display help', value: 'none' }],
    words: [
      ...command.commands.map((part) => part.name()),
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    ],
  };
}

const isFirst = (name: string, index: number, options: readonly Option[]): boolean =>
  options.findIndex(({ long }) => long === name) === index;

/** Values with these names in the help, such as `<file.json>`, are paths. */
const PATHS = /<(file|dir|model|out\b)/;

function kindOfValue({ required, argChoices, flags }: Option): CompletedOption['value'] {
  if (!required) return 'none';
  return argChoices ?? (PATHS.test(flags) ? 'path' : 'text');
}

/** The branches of a `case` over the option before the cursor. */
function valueCases(
  options: readonly CompletedOption[],
  choose: (choices: readonly string[]) => string,
  files: string,
): string {
  const branches = options.flatMap(({ name, value }) => {
    if (value === 'none') return [];
    const offer = value === 'path' ? files : value === 'text' ? ':' : choose(value);
    return [`        ${name}) ${offer}; return;;`];
  });
  return ['      case "$before" in', ...branches, '      esac'].join('\n');
}

const wordsOf = ({ options, words }: CompletedCommand): string =>
  [...options.map(({ name }) => name), ...words].join(' ');

const firstWords = (commands: readonly CompletedCommand[]): string =>
  [...commands.map(({ name }) => name), '--help', '--version'].join(' ');

/** For bash 3.2, which macOS has, and later. */
function bash(commands: readonly CompletedCommand[]): string {
  const choose = (choices: readonly string[]) => `_m2s2l_words '${choices.join(' ')}'`;
  const cases = commands.map(
    (command) => `    ${command.name})
${valueCases(command.options, choose, '_m2s2l_files')}
      ${choose(wordsOf(command).split(' '))};;`,
  );
  return `_m2s2l_words() {
  COMPREPLY+=($(compgen -W "$1" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
_m2s2l_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
_m2s2l() {
  local before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _m2s2l_words '${firstWords(commands)}'
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "\${COMP_WORDS[COMP_CWORD]}" in -*) ;; *) _m2s2l_files;; esac
}
complete -F _m2s2l m2s2l
`;
}

/** Works as a file of \`fpath\`, whose first call must complete as well, and when it is sourced. */
function zsh(commands: readonly CompletedCommand[]): string {
  const choose = (choices: readonly string[]) => `compadd -- ${choices.join(' ')}`;
  const cases = commands.map(
    (command) => `    ${command.name})
${valueCases(command.options, choose, '_files')}
      ${choose(wordsOf(command).split(' '))};;`,
  );
  return `#compdef m2s2l
_m2s2l() {
  local before="$words[CURRENT-1]"
  if (( CURRENT == 2 )); then
    ${choose(firstWords(commands).split(' '))}
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
  case "$PREFIX" in -*) ;; *) _files;; esac
}
if [ "$funcstack[1]" = _m2s2l ]; then _m2s2l "$@"; else compdef _m2s2l m2s2l; fi
`;
}

const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishValue(value: CompletedOption['value']): string {
  if (typeof value !== 'string') return ` -xa ${quoted(value.join(' '))}`;
  switch (value) {
    case 'none':
      return '';
    case 'path':
      return ' -rF';
    case 'text':
      return ' -x';
    default:
      throw new UnknownCase(value satisfies never);
  }
}

function fish(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap(({ name, description, options, words }) => [
    `complete -c m2s2l -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(description)}`,
    ...options.map((option) => {
      const value = fishValue(option.value);
      return `complete -c m2s2l -n '__fish_seen_subcommand_from ${name}' -l ${option.name.slice(2)}${value} -d ${quoted(option.description)}`;
    }),
    ...words.map((word) => `complete -c m2s2l -n '__fish_seen_subcommand_from ${name}' -a ${word}`),
  ]);
  return `${lines.join('\n')}\n`;
}
