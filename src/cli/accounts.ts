import type { Store } from "../store/open.ts";
import { loadConfig } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { formatAgo, formatNumber, printable } from "./format.ts";
import type { Shell } from "./shell.ts";
import { withState } from "./state.ts";
import { table } from "./table.ts";

interface AccountLine {
  readonly account: string;
  readonly provider: string;
  /** Who is signed in; null until the account was first read. */
  readonly label: string | null;
  readonly readAt: Date | null;
  readonly items: number;
}

/** Lists the accounts of the configuration with what the state knows of them. */
export async function accounts(shell: Shell): Promise<number> {
  const config = loadConfig(shell);
  const { output } = shell;
  const lines = await withState(shell, (store) =>
    [...config.accounts].map(([account, { provider }]) => lineOf(account, provider, store)),
  );
  output.document({ accounts: lines });
  const rows = lines.map(({ account, provider, label, readAt, items }) => [
    output.style("bold", account),
    provider,
    printable(label ?? "-"),
    formatNumber(items),
    readAt ? formatAgo(readAt, shell.now()) : "never",
  ]);
  const head = ["ACCOUNT", "PROVIDER", "SIGNED IN AS", "ITEMS", "LAST READ"];
  output.print(
    rows.length === 0 ? "No accounts are configured." : table(rows, { head, right: [3] }),
  );
  return exitCodes.done;
}

function lineOf(account: string, provider: string, store: Store | null): AccountLine {
  const row = store?.accounts.lastRead().find(({ name }) => name === account);
  if (!store || row?.provider !== provider) {
    return { account, provider, label: null, readAt: null, items: 0 };
  }
  const items = store.trees.of(row.id).count();
  return { account, provider, label: row.label, readAt: row.readAt, items };
}
