import { readdir } from "node:fs/promises";
import { z } from "zod";
import type { Change, ChangePage, Cursor } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { translate } from "./failure.ts";
import { type Key, keyOf, rootId } from "./item.ts";
import type { Known } from "./known.ts";
import type { Places } from "./places.ts";
import type { Progress } from "./position.ts";
import type { Unreadable } from "./scan.ts";
import { type Finding, survey } from "./survey.ts";

const position = z.object({ folder: z.array(z.string()), name: z.string() });

/** What a cursor holds. Cursors of another version are refused. */
const state = z.object({
  version: z.literal(1),
  /** Which folder the root was: another disk mounted there must not pass for a mass deletion. */
  root: z.string(),
  /** While listing: how far it got. */
  listed: z.union([z.enum(["start", "end"]), position]).optional(),
});
type State = z.infer<typeof state>;

/**
 * See `Provider.changes`. Each call is one survey of the root; what is known, the caller's tree, is the
 * state that it is compared with, so a cursor holds little.
 */
export async function* changes(
  places: Places,
  known: Known,
  since: Cursor | null,
  pageSize: number,
): AsyncGenerator<ChangePage> {
  try {
    const root = keyOf(await places.rootStats());
    if (since === null) await mustNotBeUnmounted(places, known);
    const listed = since === null ? "start" : decode(since, root).listed;
    const findings = survey(places, known, { root, listed: listed ?? null });
    yield* pages(root, listed, findings, pageSize);
  } catch (error) {
    throw translate("changes", error);
  }
}

async function* pages(
  root: Key,
  listed: Progress | undefined,
  findings: AsyncIterable<Finding>,
  pageSize: number,
): AsyncGenerator<ChangePage> {
  let changes: Change[] = [];
  let unreadable: Unreadable[] = [];
  for await (const { progress, news } of findings) {
    if (news?.type === "unreadable") unreadable.push(news);
    else if (news) changes.push(news);
    if (changes.length + unreadable.length < (news ? pageSize : 1)) continue;
    const next = encode(root, listed && progress);
    yield { changes, unreadable, next, stage: listed ? "listing" : "changes" };
    changes = [];
    unreadable = [];
  }
  if (!listed && changes.length + unreadable.length === 0) return;
  yield { changes, unreadable, next: encode(root), stage: listed ? "listed" : "changes" };
}

/** An empty root where much was known is more likely a disk that is not there than a clean-up. */
async function mustNotBeUnmounted({ root }: Places, known: Known) {
  if (known.children(rootId).length === 0 || (await readdir(root)).length > 0) return;
  const message = `local: ${root} is empty, where items were known; mount it, or make a folder in it`;
  throw new ProviderError("not-found", message);
}

function encode(root: string, listed?: Progress): Cursor {
  return JSON.stringify({ version: 1, root, listed }) as Cursor;
}

function decode(cursor: Cursor, root: string): State {
  const parsed = state.safeParse(parse(cursor));
  if (parsed.success && parsed.data.root === root) return parsed.data;
  const message = "local: changes: no cursor of this root folder";
  throw new ProviderError("cursor-expired", message, { cause: parsed.error });
}

function parse(cursor: Cursor): unknown {
  try {
    return JSON.parse(cursor);
  } catch {
    return null;
  }
}
