import { type Grammar, quoted as posix, type Value, type Word } from "./grammar.ts";

/** For fish 3 and newer. */
export function fishScript({ options, commands }: Grammar): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = [
    "complete -c syncline -f",
    ...options.map((option) => line([], option)),
    ...commands.flatMap(({ name, about, options: own, argument }) => {
      const here = ["-n", quoted(`__fish_seen_subcommand_from ${name}`)];
      return [
        `complete -c syncline -n ${quoted(`not __fish_seen_subcommand_from ${names}`)} -a ${name} -d ${quoted(about)}`,
        ...own.map((option) => line(here, option)),
        ...(argument === null
          ? []
          : [["complete -c syncline", ...here, ...values(argument)].join(" ")]),
      ];
    }),
  ];
  return `# Completes syncline in fish: syncline completion fish > ~/.config/fish/completions/syncline.fish
${lines.join("\n")}
`;
}

/** Of fish a backslash is one within quotes, too. */
const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function line(condition: readonly string[], { word, about, value }: Word): string {
  const name = word.startsWith("--") ? ["-l", word.slice(2)] : ["-s", word.slice(1)];
  const isPath = value?.kind === "file" || value?.kind === "folder";
  const taken = value === null ? [] : [isPath ? "-r" : "-x", ...values(value)];
  return ["complete -c syncline", ...condition, ...name, "-d", quoted(about), ...taken].join(" ");
}

function values(value: Value): string[] {
  switch (value.kind) {
    case "rule":
      return ["-a", "'(syncline completion rules 2>/dev/null)'"];
    case "account":
      return ["-a", "'(syncline completion accounts 2>/dev/null | string replace -r \\$ :)'"];
    case "file":
      return ["-F"];
    case "folder":
      return ["-a", "'(__fish_complete_directories)'"];
    case "choice":
      return ["-a", posix(value.choices.join(" "))];
    default:
      return [];
  }
}
