import { type Grammar, quoted, type Value, type Word } from "./grammar.ts";

/** For zsh with its completion system (compinit). */
export function zshScript({ options, commands }: Grammar): string {
  const described = commands.map(({ name, about }) => `    ${quoted(`${name}:${about}`)}`);
  const cases = commands.map(({ name, options: own, argument }) => {
    const words = [...own, ...options].map(argumentsEntry);
    const rest = argument === null ? [] : [quoted(`*:${argument.kind}:${action(argument)}`)];
    return `        ${name}) _arguments ${[...words, ...rest].join(" ")} ;;`;
  });
  return `#compdef syncline
# Completes syncline in zsh. In ~/.zshrc, behind compinit: source <(syncline completion zsh)
_syncline() {
  local context state line
  typeset -A opt_args
  local -a commands
  commands=(
${described.join("\n")}
  )
  _arguments -C ${options.map(argumentsEntry).join(" ")} '1:command:->command' '*::argument:->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
${cases.join("\n")}
      esac ;;
  esac
}
_syncline_rules() {
  local -a names
  names=(\${(f)"$(syncline completion rules 2>/dev/null)"})
  compadd -a names
}
_syncline_accounts() {
  local -a names
  names=(\${(f)"$(syncline completion accounts 2>/dev/null)"})
  compadd -S : -a names
}
compdef _syncline syncline
`;
}

/** Brackets and colons are signs of their own there. */
const plain = (text: string) => text.replaceAll(/[[\]:\\]/g, "\\$&");

function argumentsEntry({ word, about, value }: Word): string {
  const text = `${word}[${plain(about)}]`;
  return quoted(value === null ? text : `${text}:${value.kind}:${action(value)}`);
}

function action(value: Value): string {
  switch (value.kind) {
    case "rule":
      return "_syncline_rules";
    case "account":
      return "_syncline_accounts";
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "choice":
      return `(${value.choices.join(" ")})`;
    default:
      return " ";
  }
}
