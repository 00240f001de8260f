import { Argument, type Command } from 'commander';
import { UnknownCase } from '../errors.ts';
import { print } from './context.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

interface Completed {
  readonly name: string;
  readonly description: string;
  readonly choices: readonly string[];
  readonly takesValue: boolean;
}

/** A command's long options and arguments, as far as a shell can complete them. */
interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Completed[];
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
      return `#compdef m2s2l\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
    default:
      throw new UnknownCase(shell satisfies never);
  }
}

function completed(command: Command): CompletedCommand {
  const options = command.options
    .filter(({ long, hidden }) => long && !hidden)
    .map(({ long, description, argChoices, required }) => ({
      name: long!,
      description,
      choices: argChoices ?? [],
      takesValue: required,
    }));
  return {
    name: command.name(),
    description: command.description(),
    options: [
      ...options,
      { name: '--help', description: 'display help', choices: [], takesValue: false },
    ],
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const values = options
      .filter(({ takesValue }) => takesValue)
      .map(({ name: option, choices }) =>
        choices.length > 0
          ? `        ${option}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return;;`
          : `        ${option}) COMPREPLY=($(compgen -f -- "$word")); return;;`,
      );
    return `    ${name})
      case "$before" in
${values.join('\n')}${values.length > 0 ? '\n' : ''}      esac
      words='${[...options.map((option) => option.name), ...words].join(' ')}';;`;
  });
  return `_m2s2l() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  case "$word" in -*) ;; *) COMPREPLY+=($(compgen -f -- "$word"));; esac
}
complete -o filenames -F _m2s2l m2s2l
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const names = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap(({ name, description, options, words }) => [
    `complete -c m2s2l -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(description)}`,
    ...options.map((option) => {
      const value =
        option.choices.length > 0
          ? ` -xa ${quoted(option.choices.join(' '))}`
          : option.takesValue
            ? ' -r'
            : '';
      return `complete -c m2s2l -n '__fish_seen_subcommand_from ${name}' -l ${option.name.slice(2)}${value} -d ${quoted(option.description)}`;
    }),
    ...words.map((word) => `complete -c m2s2l -n '__fish_seen_subcommand_from ${name}' -a ${word}`),
  ]);
  return `${lines.join('\n')}\n`;
}
