import type { Grammar, Value, Word } from "./grammar.ts";
import { quoted } from "./grammar.ts";

/** For bash 3.2 and newer; needs nothing that is not part of it. */
export function bashScript({ options, commands }: Grammar): string {
  const all = [...options, ...commands.flatMap((command) => command.options)];
  const names = commands.map(({ name }) => name);
  return `# Completes syncline in bash. In ~/.bashrc: source <(syncline completion bash)
_syncline() {
  local word current previous command= config= at=1
  # A location holds a colon, at which bash would break the word.
  local line=\${COMP_LINE:0:COMP_POINT}
  current=\${COMP_WORDS[COMP_CWORD]}
  previous=\${COMP_WORDS[COMP_CWORD-1]}
  while (( at < COMP_CWORD )); do
    word=\${COMP_WORDS[at]}
    case $word in
      --config) config=\${COMP_WORDS[at+1]}; (( at++ )) ;;
      ${patterns(all.filter(({ word, value }) => value !== null && word !== "--config"))}) (( at++ )) ;;
      ${names.join("|")}) [[ -z $command ]] && command=$word ;;
    esac
    (( at++ ))
  done
  COMPREPLY=()
  case $previous in
${valueCases(all)}
  esac
  if [[ $current == -* ]]; then
    local options=${quoted(options.map(({ word }) => word).join(" "))}
    case $command in
${commands
  .filter((command) => command.options.length > 0)
  .map(
    (command) =>
      `      ${command.name}) options+=${quoted(` ${command.options.map(({ word }) => word).join(" ")}`)} ;;`,
  )
  .join("\n")}
    esac
    COMPREPLY=($(compgen -W "$options --help" -- "$current"))
    return
  fi
  case $command in
    "") COMPREPLY=($(compgen -W ${quoted(names.join(" "))} -- "$current")) ;;
${commands
  .filter(({ argument }) => argument !== null)
  .map(({ name, argument }) => `    ${name}) ${reply(argument)} ;;`)
  .join("\n")}
  esac
}
_syncline_names() {
  syncline completion "$1" \${config:+--config "$config"} 2>/dev/null
}
complete -F _syncline syncline
`;
}

const patterns = (words: readonly Word[]) => [...new Set(words.map(({ word }) => word))].join("|");

function valueCases(words: readonly Word[]): string {
  const byReply = Map.groupBy(
    words.filter(({ value }) => value !== null),
    ({ value }) => reply(value),
  );
  return [...byReply]
    .map(([text, words]) => `    ${patterns(words)}) ${text}; return ;;`)
    .join("\n");
}

function reply(value: Value | null): string {
  switch (value?.kind) {
    case "rule":
      return `COMPREPLY=($(compgen -W "$(_syncline_names rules)" -- "$current"))`;
    case "account":
      return `[[ $line == *:* ]] || { COMPREPLY=($(compgen -S : -W "$(_syncline_names accounts)" -- "$current")); compopt -o nospace 2>/dev/null; }`;
    case "choice":
      return `COMPREPLY=($(compgen -W ${quoted(value.choices.join(" "))} -- "$current"))`;
    case "file":
      return `COMPREPLY=($(compgen -f -- "$current"))`;
    case "folder":
      return `COMPREPLY=($(compgen -d -- "$current"))`;
    default:
      return ":";
  }
}
