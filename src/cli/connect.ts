import { resolve } from "node:path";
import { identify } from "../app.ts";
import { accountFields } from "../config/account-schema.ts";
import { nearest } from "../config/nearest.ts";
import { isAccountName } from "../config/values.ts";
import { recordHere } from "./audited.ts";
import { exitCodes, UsageError } from "./failure.ts";
import { formatTime, printable } from "./format.ts";
import type { Shell } from "./shell.ts";
import { type AppFlags, draftAccount, type Service } from "./sign-in/account.ts";
import { adviceFor } from "./sign-in/advice.ts";
import { grantByBrowser, grantElsewhere, titles } from "./sign-in/grant.ts";
import { type Person, personAtTerminal } from "./sign-in/person.ts";
import { refuseUnwritable, writeSecretFile } from "./sign-in/secret-file.ts";

export interface ConnectFlags extends AppFlags {
  /** False: a code is entered or pasted. */
  readonly browser: boolean;
  readonly port?: string;
  /** File for the refresh token. */
  readonly write?: string;
}

/** Signs a person in to a provider, and tells where to put what came of it. */
export async function connect(
  shell: Shell,
  provider: string,
  name: string,
  flags: ConnectFlags,
  person: Person = personAtTerminal,
): Promise<number> {
  const { output, config } = shell;
  const service = serviceNamed(provider);
  refuseName(name);
  const port = parsePort(flags.port);
  const written = flags.write === undefined ? null : resolve(flags.write);
  if (written !== null) refuseUnwritable(written);
  const draft = draftAccount(shell, service, name, flags);

  const signIn = flags.browser ? grantByBrowser : grantElsewhere;
  const { refreshToken, expiresAt } = await signIn({ ...draft, port, output, person });
  const { label } = await identify(name, { ...draft.settings, refreshToken });
  if (written !== null) writeSecretFile(written, refreshToken);
  const did = { action: "sign-in-account", account: name, why: label } as const;
  await recordHere(shell, { ...did, result: "ok" });

  const facts = { account: name, provider: service, label };
  output.document({ ...facts, ...(written === null ? { refreshToken } : { written }) });
  const account = `${output.style("green", "✓")} ${output.style("bold", name)}`;
  const advice = adviceFor({ name, draft, refreshToken, written, config }, output);
  output.print(
    `${account} is signed in to ${titles[service]} as ${printable(label)}.\n\n${advice}`,
  );
  if (written === null && !output.json) {
    warn(shell, "the refresh token above opens the account: keep it like a password");
  }
  if (expiresAt) {
    const end = `this sign-in ends on ${formatTime(expiresAt)}, as your app is in testing mode`;
    warn(shell, `${end}: publish it in the Google Cloud console, and sign in again`);
  }
  return exitCodes.done;
}

function warn({ output }: Shell, message: string): void {
  output.note(`${output.noteStyle("yellow", "warning:")} ${message}`);
}

function serviceNamed(provider: string): Service {
  const services: readonly Service[] = ["dropbox", "google-drive", "onedrive"];
  const service = services.find((each) => each === provider);
  if (service) return service;
  if (provider === "local") {
    throw new UsageError(
      "a local folder needs no sign-in: put { provider: local, root: /path } under accounts",
    );
  }
  const known = [...accountFields.keys()];
  if (known.includes(provider)) {
    throw new UsageError(`"connect ${provider}" is not built yet in this version`);
  }
  const near = nearest(provider, known);
  const meant = near === null ? "" : `; did you mean "${near}"?`;
  throw new UsageError(
    `there is no provider "${provider}"${meant} (there are: ${services.join(", ")})`,
  );
}

function refuseName(name: string): void {
  if (isAccountName(name)) return;
  throw new UsageError(
    `"${name}" is not a name: use letters, digits, - and _, and begin with a letter or digit`,
  );
}

/** Null: not given. */
function parsePort(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port: "${text}" is not a port: give a number up to 65535`);
}
