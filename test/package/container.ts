/** What linters of container files commonly ask for (hadolint's rules, by number), as far as no Docker is needed to tell. */

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** The instructions of a container file in their order, each in one line. */
export function readInstructions(text: string): Instruction[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name = "", value = ""] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? [];
      return { name, value };
    });
}

const known = new Set(
  "ARG FROM RUN COPY LABEL ENV USER WORKDIR VOLUME EXPOSE HEALTHCHECK ENTRYPOINT CMD".split(" "),
);

/** What is wrong with a container file; empty: nothing. */
export function lintContainer(text: string): string[] {
  const all = readInstructions(text);
  const values = (name: string) => all.flatMap((each) => (each.name === name ? [each.value] : []));
  const begin = all.findLastIndex(({ name }) => name === "FROM");
  const last = all.slice(begin);
  const valuesOfLast = (name: string) =>
    last.flatMap((each) => (each.name === name ? [each.value] : []));
  const given = new Map(values("ARG").map((each) => each.split("=", 2) as [string, string]));
  const stages = values("FROM").map((each) => {
    const [image = "", , name] = each.replace(/^--\S+ /, "").split(/\s+/);
    return { image: image.replaceAll(/\$\{(\w+)\}/g, (_, word) => given.get(word) ?? ""), name };
  });
  const names = stages.map(({ name }) => name);
  const [user = "root"] = valuesOfLast("USER").slice(-1);
  const checks = valuesOfLast("HEALTHCHECK");
  return [
    ...all.flatMap(({ name }) => (known.has(name) ? [] : [`${name}: not one of those in use`])),
    ...(stages.length > 1 ? [] : ["one stage alone: what builds is in the image"]),
    ...stages.flatMap(({ image }) =>
      /^[\w./]+:\d+\.\d+\.\d+\S*$/.test(image) ? [] : [`DL3006 ${image}: not of one version`],
    ),
    ...(/^[1-9]\d*(:[1-9]\d*)?$/.test(user) ? [] : [`DL3002 USER ${user}: root, or not a number`]),
    ...(checks.length === 1 && !/^NONE/.test(checks[0] ?? "") ? [] : ["DL3057 no HEALTHCHECK"]),
    ...[...valuesOfLast("ENTRYPOINT"), ...valuesOfLast("CMD"), ...checks.map(commandOf)].flatMap(
      (each) =>
        isExec(each) ? [] : [`DL3025 ${each}: goes through a shell, which gets the signals`],
    ),
    ...values("WORKDIR").flatMap((each) => (each.startsWith("/") ? [] : [`DL3000 ${each}`])),
    ...values("COPY").flatMap((each) => {
      const from = /--from=(\S+)/.exec(each)?.[1];
      if (from !== undefined && !names.includes(from)) return [`DL3022 ${from}: no stage`];
      return /(^|\s)\.(\s|$)/.test(each) ? [`COPY ${each}: whatever lies there`] : [];
    }),
    ...values("RUN").flatMap((each) => [
      ...(/\b(sudo|curl|wget)\b|https?:/.test(each) ? [`DL3004, DL4001 RUN ${each}`] : []),
      ...(/\bnpm (install|ci)\b(?!.*--ignore-scripts)/.test(each) ? [`RUN ${each}: scripts`] : []),
      ...(/\b(apk|apt-get) .*(add|install)\b/.test(each)
        ? [`DL3018 RUN ${each}: any version`]
        : []),
    ]),
    ...[...values("ENV"), ...values("ARG")].flatMap((each) =>
      /\w*(SECRET|TOKEN|PASSWORD|_KEY)\w*=/i.test(each) ? [`${each}: stays in the image`] : [],
    ),
  ];
}

const commandOf = (check: string) => check.replace(/^.*?\bCMD\s+/, "");

function isExec(value: string): boolean {
  try {
    return Array.isArray(JSON.parse(value));
  } catch {
    return false;
  }
}

interface ComposeService {
  readonly image?: string;
  readonly build?: unknown;
  readonly privileged?: boolean;
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

/** What is wrong with the services of a compose file; empty: nothing. `proxy`: the one that others reach. */
export function lintCompose(
  services: Readonly<Record<string, ComposeService>>,
  proxy: string,
): string[] {
  return Object.entries(services).flatMap(([name, service]) => [
    ...(/:\d+\.\d+\S*$/.test(service.image ?? "") ? [] : [`${name}: ${service.image} may be any`]),
    ...(service.privileged || service.network_mode === "host" ? [`${name}: not apart`] : []),
    ...(service.ports && name !== proxy ? [`${name}: reached past the proxy`] : []),
    ...(service.volumes ?? []).flatMap((each) =>
      /docker\.sock|^\/(:|etc|var|root)/.test(each) ? [`${name}: ${each} opens the machine`] : [],
    ),
    ...Object.entries(service.environment ?? {}).flatMap(([key, value]) =>
      /SECRET|TOKEN|PASSWORD|_KEY$/.test(key) && !value.startsWith("$")
        ? [`${name}: ${key} stands in the file`]
        : [],
    ),
    ...Object.keys(service.depends_on ?? {}).flatMap((each) =>
      each in services ? [] : [`${name}: waits for ${each}, which is not there`],
    ),
  ]);
}
