import { dirname, resolve } from "node:path";
import type { AccountSettings } from "../core/account.ts";
import { type Rule, ruleDefaults } from "../core/rule.ts";
import { toEncryption } from "./encryption.ts";
import type { RuleFields } from "./schema.ts";

/** A rule's fields with every default filled in, `timeZone` being that of the file; frozen. */
export function toRule(fields: RuleFields, timeZone: string | null = null): Rule {
  const { on, quiet, guard, timezone, ...others } = fields;
  const { encrypt, passphrase, identity, encryptNames, ...same } = others;
  return deepFreeze({
    ...ruleDefaults,
    ...same,
    triggers: on ?? ruleDefaults.triggers,
    timeZone: timezone ?? timeZone,
    encryption: toEncryption(fields),
    quietMs: quiet ?? ruleDefaults.quietMs,
    guard: {
      deletesPercent:
        guard?.deletes === undefined ? ruleDefaults.guard.deletesPercent : guard.deletes,
      changesPercent: guard?.changes ?? ruleDefaults.guard.changesPercent,
      minimumFiles: ruleDefaults.guard.minimumFiles,
    },
  });
}

/** An account's settings with a local root made absolute, counted from the configuration file; frozen. */
export function toAccount(settings: AccountSettings, file: string): AccountSettings {
  if (settings.provider !== "local") return deepFreeze(settings);
  return deepFreeze({ ...settings, root: absoluteRoot(settings.root, file) });
}

/** A local root, counted from the configuration file. */
export function absoluteRoot(root: string, file: string): string {
  return resolve(dirname(file), root);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const each of Object.values(value)) deepFreeze(each);
  return Object.freeze(value);
}
