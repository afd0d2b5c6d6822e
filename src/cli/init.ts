import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { jsonSchema } from "../config/schema.ts";
import { configTemplate } from "../config/template.ts";
import { exitCodes, UsageError } from "./failure.ts";
import type { Shell } from "./shell.ts";

export interface InitFlags {
  readonly force?: boolean;
}

/** Writes a commented configuration and, beside it, the schema by which editors complete it. */
export function init({ config, output }: Shell, { force = false }: InitFlags): number {
  if (existsSync(config) && !force) {
    throw new UsageError(`${config} exists already: edit it, or replace it with --force`);
  }
  const schema = join(dirname(config), "syncline.schema.json");
  writeFileSync(config, configTemplate());
  writeFileSync(schema, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
  output.document({ written: [config, schema] });
  output.print(`Wrote ${output.style("bold", config)}, and ${schema} for your editor.

Next:
  1. Put your accounts and rules into ${config}.
  2. syncline check      tells whether all is right and every account can be reached.
  3. syncline plan RULE  shows what would be done; syncline run does it.`);
  return exitCodes.done;
}
