import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { openAlone } from "../app.ts";
import { identitiesIn, recipientOf } from "../config/encryption.ts";
import type { Config } from "../config/parse.ts";
import type { AccountSettings } from "../core/account.ts";
import type { Entry } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { foldName, sameName } from "../core/names.ts";
import type { Provider } from "../core/provider.ts";
import { type Encryption, formatLocation, type Location } from "../core/rule.ts";
import { type Keys, openKeys } from "../encrypt/keys.ts";
import { withEncryption } from "../encrypt/provider.ts";
import { createShownNames, storedTree } from "../encrypt/shown.ts";
import { type Extracted, type ExtractSide, extract } from "../engine/extract.ts";
import { createSeenTree, type SeenTree } from "../engine/seen.ts";
import { systemClock } from "../engine/system-clock.ts";
import { recordHere } from "./audited.ts";
import { loadConfig, selectLocation } from "./config.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { formatBytes, formatCount, formatNumber, printable } from "./format.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Shell } from "./shell.ts";

export interface DecryptFlags {
  /** Files of age identities. */
  readonly identity?: readonly string[];
  /** A file that holds the passphrase. */
  readonly passphraseFile?: string;
}

/** Where from: an account of the configuration, or a folder of this machine, which needs none. */
interface Origin {
  readonly settings: AccountSettings;
  readonly location: Location;
  readonly config: Config | null;
}

/** Restores a folder that a rule with `encrypt` has written. What is at the target already stays as it is. */
export async function decrypt(
  shell: Shell,
  text: string,
  folder: string,
  flags: DecryptFlags,
): Promise<number> {
  const { output } = shell;
  const origin = originOf(shell, text);
  const keys = openKeys(keysOf(origin, flags));
  const interruption = listenForInterruption();
  const target = resolve(folder);
  mkdirSync(target, { recursive: true });
  const from = await openSource(origin, keys);
  const into = await openTarget(target);
  const counts = { copied: 0, kept: 0, failed: 0, bytes: 0 };
  function tell(extracted: Extracted): void {
    counts[extracted.outcome]++;
    counts.bytes += extracted.bytes;
    output.document(extracted);
    if (extracted.outcome === "failed") output.note(`${printable(extracted.message ?? "")}`);
    output.status(`${formatCount(counts.copied, "file")}, ${formatBytes(counts.bytes)}`);
  }
  try {
    const root = await from.provider.root();
    const start = await folderAt(from, root, origin.location);
    const { id } = await into.provider.root();
    await extract(
      { ...from, folder: start.id },
      { ...into, folder: id },
      {
        clock: systemClock,
        signal: interruption.signal,
        newId: randomUUID,
        tell,
      },
    );
  } catch (error) {
    if (isProviderError(error)) throw new CommandFailure(error.message, { cause: error });
    throw error;
  } finally {
    output.status(null);
    interruption.dispose();
    await Promise.all([from.provider.close?.(), into.provider.close?.()]);
  }
  await recordHere(shell, {
    action: "decrypt",
    account: origin.config ? origin.location.account : null,
    path: target,
    bytes: counts.bytes,
    result: counts.failed > 0 ? "failed" : "ok",
  });
  const kept = counts.kept > 0 ? `, ${formatNumber(counts.kept)} were there already` : "";
  const failed = counts.failed > 0 ? `, ${formatCount(counts.failed, "file")} failed` : "";
  const done = `${formatCount(counts.copied, "file")} decrypted, ${formatBytes(counts.bytes)}`;
  output.print(`${done} into ${target}${kept}${failed}`);
  output.document({ outcome: counts.failed > 0 ? "failed" : "done", ...counts });
  return counts.failed > 0 ? exitCodes.failed : exitCodes.done;
}

function originOf(shell: Shell, text: string): Origin {
  if (/^(\.{0,2}\/|\.{1,2}$)/.test(text)) {
    const settings = { provider: "local", root: resolve(text) } as const;
    return { settings, location: { account: "folder", path: [] }, config: null };
  }
  const config = loadConfig(shell);
  const location = selectLocation(config, text);
  const settings = config.accounts.get(location.account);
  if (!settings) throw new Error(`account "${location.account}" has no settings`);
  return { settings, location, config };
}

/** Those that are given; else those of the rules that write there. */
function keysOf({ location, config }: Origin, flags: DecryptFlags): Encryption {
  const { identity = [], passphraseFile } = flags;
  if (identity.length > 0 || passphraseFile !== undefined)
    return givenKeys(identity, passphraseFile);
  const known = (config?.rules ?? []).flatMap(({ encryption, to }) =>
    encryption && to.some((each) => isInside(location, each)) ? [encryption] : [],
  );
  const identities = known.flatMap((each) => each.identities);
  const passphrase = known.find((each) => each.passphrase !== null)?.passphrase ?? null;
  if (identities.length === 0 && passphrase === null) {
    throw new UsageError(
      "no key is known that opens it: give --identity FILE with an age key (AGE-SECRET-KEY-1...), or --passphrase-file FILE",
    );
  }
  return { recipients: [], identities, passphrase, names: true };
}

function givenKeys(files: readonly string[], passphraseFile: string | undefined): Encryption {
  const identities = identitiesIn(files.map(readSecret));
  if (identities.some((each) => recipientOf(each) === null) || files.length > identities.length) {
    throw new UsageError(
      `--identity: ${files.join(", ")} holds no age identity: it is a line that begins with AGE-SECRET-KEY-1`,
    );
  }
  const passphrase =
    passphraseFile === undefined ? null : readSecret(passphraseFile).replace(/[\r\n]+$/, "");
  return { recipients: [], identities, passphrase, names: true };
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const isInside = (location: Location, folder: Location): boolean =>
  location.account === folder.account &&
  folder.path.every((name, depth) => foldName(name) === foldName(location.path[depth] ?? ""));

type Opened = Pick<ExtractSide, "provider" | "tree">;

async function openSource(
  { settings, location: { account } }: Origin,
  keys: Keys,
): Promise<Opened> {
  const { names } = keys;
  // Whether names are encrypted there is seen by each of them.
  const lenient = names && { ...names, open: (text: string) => names.open(text) ?? text };
  const tree = createSeenTree();
  const provider = await openAlone(account, settings, storedTree(tree, createShownNames(lenient)));
  const seen = withEncryption(provider, {
    account,
    tree,
    keys: { ...keys, names: lenient },
    records: { get: () => null, put: async () => {} },
    paths: [],
  });
  return { tree, provider: seen };
}

async function openTarget(root: string): Promise<Opened> {
  const tree: SeenTree = createSeenTree();
  return { tree, provider: await openAlone("target", { provider: "local", root }, tree) };
}

/** The folder at the location, found name by name. */
async function folderAt(
  { provider, tree }: Opened,
  root: Entry,
  location: Location,
): Promise<Entry> {
  let folder = root;
  tree.put(root);
  for (const [depth, name] of location.path.entries()) {
    const next = await folderIn(provider, folder, name);
    if (!next) {
      const path = location.path.slice(0, depth + 1);
      throw new CommandFailure(`there is no folder ${formatLocation({ ...location, path })}`);
    }
    tree.put(next);
    folder = next;
  }
  return folder;
}

async function folderIn(provider: Provider, { id }: Entry, name: string): Promise<Entry | null> {
  for await (const entry of provider.list(id)) {
    if (entry.kind === "folder" && sameName(entry.name, name, provider.traits.names)) return entry;
  }
  return null;
}
