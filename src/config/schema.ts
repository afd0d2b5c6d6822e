import { z } from "zod";
import { occasions } from "../core/contact.ts";
import { templateFields, templateProblem } from "../core/destination.ts";
import type { Hook } from "../core/hook.ts";
import {
  conflictPolicies,
  deletePolicies,
  googleDocsPolicies,
  modes,
  type Where,
} from "../core/rule.ts";
import { accountSchema } from "./account-schema.ts";
import { parseChannel } from "./channel.ts";
import { parseRecipient } from "./encryption.ts";
import { measured, orNone, parsed, parsedList } from "./fields.ts";
import { nearest } from "./nearest.ts";

import {
  parseDuration,
  parsePercent,
  parseRate,
  parseSize,
  parseTimeOfDay,
  ValueError,
} from "./units.ts";
import { parseGlob, parseLocation, parseTimeZone, parseTrigger } from "./values.ts";

/** The words of `syncline.yaml`: one schema for the file, the dashboard's form and the API. */

const whereSchema = z
  .strictObject({
    smallerThan: measured(parseSize).describe("Less bytes than this: 2GiB.").exactOptional(),
    largerThan: measured(parseSize).describe("More bytes than this: 1KiB.").exactOptional(),
    newerThan: measured(parseDuration)
      .describe("Modified less than so long ago: 30d.")
      .exactOptional(),
    olderThan: measured(parseDuration)
      .describe("Modified at least so long ago: 1h.")
      .exactOptional(),
  })
  .transform((given, context): Where => {
    const { smallerThan, largerThan, newerThan, olderThan } = given;
    if (smallerThan !== undefined && largerThan !== undefined && smallerThan <= largerThan + 1) {
      context.addIssue('no file is larger than "largerThan" and smaller than "smallerThan"');
    }
    if (newerThan !== undefined && olderThan !== undefined && newerThan <= olderThan) {
      context.addIssue('no file is older than "olderThan" and newer than "newerThan"');
    }
    return {
      ...(smallerThan !== undefined && { smallerThanBytes: smallerThan }),
      ...(largerThan !== undefined && { largerThanBytes: largerThan }),
      ...(newerThan !== undefined && { newerThanMs: newerThan }),
      ...(olderThan !== undefined && { olderThanMs: olderThan }),
    };
  });

const guardSchema = z.strictObject({
  deletes: measured(orNone(parsePercent))
    .describe(
      "Part of the linked files that a run may remove (from 10 files on), or none for no limit. Default: 25%.",
    )
    .exactOptional(),
  changes: measured(orNone(parsePercent))
    .describe(
      "Part of the linked files that a run may overwrite (from 10 files on), or none for no limit. Default: none.",
    )
    .exactOptional(),
});

const timetableEntrySchema = z.strictObject({
  at: measured(parseTimeOfDay).describe('From this time of day on: "08:00".'),
  limit: measured(orNone(parseRate)).describe("10MiB/s, or none."),
});

const bandwidthSchema = z
  .union([measured(orNone(parseRate)), z.array(timetableEntrySchema)])
  .transform((given) => {
    if (given === null) return [];
    if (typeof given === "number") return [{ atMinute: 0, bytesPerSecond: given }];
    return given
      .map(({ at, limit }) => ({ atMinute: at, bytesPerSecond: limit }))
      .sort((a, b) => a.atMinute - b.atMinute);
  });

const hookSchema = z
  .strictObject({
    run: z
      .array(z.string())
      .min(1, "the list is empty: name a program")
      .describe(
        'A program and its arguments: ["/usr/local/bin/index", "--quiet"]. No shell reads them; what was done comes as JSON on its standard input.',
      )
      .exactOptional(),
    post: parsed(parseHookAddress)
      .describe(
        "An address that what was done is posted to as JSON: https://..., http:// only to hosts of your own network. Better not in this file where it holds a secret: $NAME or $file:/path.",
      )
      .exactOptional(),
    secret: z
      .string()
      .min(1, "it is empty")
      .describe(
        "Of post: its calls are signed with it as the Standard Webhooks say. Better not in this file: $NAME or $file:/path.",
      )
      .exactOptional(),
  })
  .transform(({ run: [program, ...args] = [], post, secret }, context): Hook => {
    if ((program === undefined) === (post === undefined)) {
      context.addIssue('it needs "run" or "post", one of them');
    }
    if (program === "") context.addIssue("the name of the program is empty");
    if (program !== undefined && secret !== undefined) {
      context.addIssue('"secret" is of "post": leave it out');
    }
    if (post !== undefined) return { kind: "post", url: post, secret: secret ?? null };
    return { kind: "run", command: [program ?? "", ...args] };
  });

/** One rule, its values parsed; what was left out is left out (see `toRule`). */
export const ruleSchema = z.strictObject({
  name: parsed(parseRuleName).describe("Letters, digits, - and _; unique."),
  from: parsed(parseLocation).describe("Where files come from: account:/path."),
  to: parsedList(parseLocation, 1).describe(
    "Where they go: account:/path, or a list of them; each destination keeps its own progress.",
  ),
  mode: z
    .enum(modes)
    .describe(
      "copy adds and updates, never removes; move trashes the source after; mirror makes the destination what the source is; two-way goes both ways. Default: copy.",
    )
    .exactOptional(),
  on: parsedList(parseTrigger, 1)
    .describe(
      "change, every 15m, a cron line such as 0 3 * * *, manual, or a list of them. Default: change.",
    )
    .exactOptional(),
  timezone: parsed(parseTimeZone)
    .describe(
      "Time zone of this rule's cron lines and timetables, such as Europe/Berlin or UTC. Default: that of the file, else of the machine.",
    )
    .exactOptional(),
  include: parsedList(parseGlob)
    .describe(
      'Globs relative to "from", upper and lower case differ. *.pdf means the top level, **/*.pdf every level. Default: everything.',
    )
    .exactOptional(),
  exclude: parsedList(parseGlob)
    .describe(
      "Globs like include, and stronger; one that matches a folder leaves out all below it. What is newly excluded is forgotten, never deleted.",
    )
    .exactOptional(),
  quiet: measured(parseDuration)
    .describe("Under change, leave a file alone until it has been still for so long. Default: 2s.")
    .exactOptional(),
  where: whereSchema.describe("Limits on a file's size and age; all must hold.").exactOptional(),
  as: parsed(parseAs)
    .describe(
      "Destination path from the file's facts, such as {yyyy}/{mm}/{name}: {name} {stem} {ext} (without its dot) {path} (the folders) and {yyyy} {mm} {dd} {hh} {min} of the modified time in UTC; {{ and }} are braces. Default: the same relative path. Not for mirror and two-way.",
    )
    .exactOptional(),
  conflict: z
    .enum(conflictPolicies)
    .describe(
      "When both sides changed: newest, keep-both, review (a person decides), from, to. Under mirror the source always wins. Default: keep-both.",
    )
    .exactOptional(),
  deletes: z
    .enum(deletePolicies)
    .describe(
      "What mirror and two-way do with a file that vanished on the other side. Default: trash.",
    )
    .exactOptional(),
  guard: guardSchema
    .describe("Hold a run for a person when it would remove or overwrite more.")
    .exactOptional(),
  googleDocs: z
    .enum(googleDocsPolicies)
    .describe("Google documents: export (docx, xlsx, pptx), pdf, or skip. Default: export.")
    .exactOptional(),
  encrypt: parsedList(parseRecipient, 1)
    .describe(
      "age recipients (age1...), or passphrase: content is encrypted before it leaves this machine.",
    )
    .exactOptional(),
  passphrase: z
    .string()
    .min(1, "it is empty")
    .describe(
      'With "encrypt: passphrase": what encrypts, 12 characters or more. Better not in this file: $NAME or $file:/path.',
    )
    .exactOptional(),
  identity: z
    .union([z.string().min(1, "it is empty"), z.array(z.string().min(1, "it is empty")).min(1)])
    .describe(
      "What opens the encrypted files, AGE-SECRET-KEY-1... or a file of age-keygen; a list with older keys, too. Needed for two-way, encryptNames, and to compare what is there already. Better not in this file: $NAME or $file:/path.",
    )
    .exactOptional(),
  encryptNames: z
    .boolean()
    .describe(
      "true: names of files and folders are encrypted, too, with the first key of identity. Default: false.",
    )
    .exactOptional(),
  bandwidth: bandwidthSchema
    .describe(
      'A rate such as 10MiB/s, or a timetable: [{ at: "08:00", limit: 2MiB/s }, { at: "19:00", limit: none }].',
    )
    .exactOptional(),
  after: z
    .array(hookSchema)
    .describe(
      "What is called after each step that changed something, in order, at least once: programs (run) and addresses (post). Only in a syncline.yaml, not in the dashboard. Default: nothing.",
    )
    .exactOptional(),
  paused: z.boolean().describe("true: the rule waits. Default: false.").exactOptional(),
});

export type RuleFields = z.output<typeof ruleSchema>;
/** A rule as it is written. */
export type RuleInput = z.input<typeof ruleSchema>;

/** Any part of a rule: what is left of one after its wrong fields were put aside. */
export const rulePartSchema = ruleSchema.partial();
export type RulePart = z.output<typeof rulePartSchema>;

/** Who is told, and of what. */
export const notifySchema = z.strictObject({
  when: z
    .array(z.enum(occasions))
    .min(1, "the list is empty: name at least one")
    .describe(
      "What to tell of, once when it begins and once when it is over: held (a person has to decide), failing, stale (not in step for longer than staleAfter), sign-in-needed.",
    ),
  to: parsed(parseChannel).describe(
    "Where: smtp://user:password@host:587?from=a@x.org&to=b@x.org (smtps:// for TLS from the start; several after to= with commas), https://... (a webhook), slack+https://hooks.slack.com/services/... (Slack and all that take its webhooks; those of hooks.slack.com are known without slack+), or ntfy://host/topic (ntfy://user:password@host/topic, or ntfy://:token@host/topic). http://, slack+http:// and ntfy+http:// only to hosts of your own network. Better not in this file where it holds a secret: $NAME or $file:/path.",
  ),
  secret: z
    .string()
    .min(1, "it is empty")
    .describe(
      "Of a webhook: its calls are signed with it as the Standard Webhooks say (HMAC-SHA256, header webhook-signature); whsec_ and base64, or any text. Better not in this file: $NAME or $file:/path.",
    )
    .exactOptional(),
  staleAfter: measured(parseDuration)
    .describe("How long a rule may be out of step before it counts as stale: 12h. Default: 1d.")
    .exactOptional(),
});

/** The whole file; a key with nothing behind it is as good as none. */
export const configSchema = z
  .strictObject({
    accounts: z
      .record(z.string(), accountSchema)
      .nullish()
      .describe("Accounts by the name that you choose: letters, digits, - and _."),
    rules: z.array(ruleSchema).nullish().describe("What goes where."),
    timezone: parsed(parseTimeZone)
      .describe("Time zone of cron lines, such as Europe/Berlin or UTC. Default: the machine's.")
      .exactOptional(),
    notify: z.array(notifySchema).nullish().describe("Who is told, once per change of state."),
  })
  .describe("Configuration of Syncline.");

/** Every kind of mapping in the file but accounts, by where it stands: its noun and its fields. */
export const mappings: ReadonlyMap<
  string,
  { readonly noun: string; readonly keys: readonly string[] }
> = new Map([
  ["", { noun: "the file", keys: Object.keys(configSchema.shape) }],
  ["rules.*", { noun: "a rule", keys: Object.keys(ruleSchema.shape) }],
  ["rules.*.where", { noun: '"where"', keys: Object.keys(whereSchema.in.shape) }],
  ["rules.*.guard", { noun: '"guard"', keys: Object.keys(guardSchema.shape) }],
  ["rules.*.bandwidth.*", { noun: "a timetable", keys: Object.keys(timetableEntrySchema.shape) }],
  ["rules.*.after.*", { noun: '"after"', keys: Object.keys(hookSchema.in.shape) }],
  ["notify.*", { noun: '"notify"', keys: Object.keys(notifySchema.shape) }],
]);

/** JSON Schema of the file (draft 7, which editors know best), for `syncline.schema.json`. */
export function jsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
}

function parseRuleName(text: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(text)) return text;
  const message = `"${text}" is not a name: use letters, digits, - and _, and begin with a letter or digit`;
  const plain = text.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").replaceAll(/^-+|-+$/g, "");
  throw new ValueError(message, plain || null);
}

function parseAs(text: string): string {
  const wrong = templateProblem(text);
  if (wrong === null) return text;
  const field = wrong.field === undefined ? null : nearest(wrong.field, templateFields);
  const allowed = templateFields.map((name) => `{${name}}`).join(" ");
  throw new ValueError(`"${text}": ${wrong.problem} (${allowed})`, field && `{${field}}`);
}

function parseHookAddress(text: string): string {
  const channel = parseChannel(text);
  if (channel.kind === "webhook") return channel.url;
  throw new ValueError("it must be an address that takes JSON: https://...");
}
