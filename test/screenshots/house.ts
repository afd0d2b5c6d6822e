import { existsSync, mkdirSync, renameSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import { createDesk } from "../cli/helpers.ts";
import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createOneDriveCloud } from "../clouds/onedrive/cloud.ts";
import { writeHistory } from "./history.ts";

/** A small firm that uses Syncline: three clouds, a folder, and six rules of which each is in another state. */

const patienceMs = 120_000;
const password = "a long enough password";

const rules = [
  {
    name: "invoices",
    from: "dropbox:/Invoices",
    to: "drive:/Accounting/Invoices",
    include: ["**/*.pdf"],
    exclude: ["**/~$*"],
    bandwidth: "10MiB/s",
  },
  {
    name: "team",
    from: "dropbox:/Team",
    to: "onedrive:/Team",
    mode: "two-way",
    conflict: "review",
  },
  { name: "photos", from: "dropbox:/Camera Uploads", to: "nas:/Photos" },
  { name: "website", from: "drive:/Website", to: "web-server:/", mode: "mirror" },
  { name: "scans", from: "nas:/Scanner", to: "drive:/Scans", mode: "move", on: "every 15m" },
  { name: "projects", from: "onedrive:/Projects", to: "drive:/Archive", on: "0 3 * * *" },
].map((rule) => ({ quiet: "0s", on: "change", ...rule }));

const minutes = (last: string) => `# Minutes, 20 November

Present: Ada, Bo, Chen

- The new site goes live on Monday.
- Bo writes to the printer about the cards.
${last}
- Next meeting: 27 November, 10:00
`;

/** Everything that runs; `close` takes it all away again. */
export interface House {
  readonly address: string;
  /** Makes the first admin on this page, connects the accounts, makes the rules, and has all of it happen. */
  furnish(page: Page): Promise<void>;
  close(): Promise<void>;
}

export async function openHouse(): Promise<House> {
  const dropbox = createDropboxCloud();
  const drive = createGoogleDriveCloud();
  const onedrive = createOneDriveCloud({ driveType: "business" });
  const clouds = [dropbox, drive, onedrive];
  await Promise.all(clouds.map((cloud) => cloud.start()));
  const desk = createDesk(null);
  for (const folder of ["nas", "nas/Scanner", "www"]) mkdirSync(desk.path(folder));
  writeHistory(desk.path("data"));
  const serving = desk.start("serve", "--port", "0", "--poll", "1s");
  let said = "";
  serving.child.stderr?.on("data", (text: string) => {
    said += text;
  });
  await serving.says("set-up code: ");
  const introduced = /Open (\S+) in a browser; .* code: ([\w-]{14})/;
  while (!introduced.test(said)) await delay(50);
  const [, address = "", code = ""] = introduced.exec(said) ?? [];

  function putFiles(): void {
    for (let number = 1; number <= 24; number++) {
      const month = String(1 + (number % 11)).padStart(2, "0");
      dropbox.files.put(`/Invoices/2026/${month}/Invoice ${1000 + number}.pdf`, `%PDF ${number}`);
      const page = drive.files.folder("Website/pages").id;
      drive.files.put(page, `page-${number}.html`, `<h1>${number}</h1>`);
      dropbox.files.put(`/Camera Uploads/2026/IMG_${3000 + number}.jpg`, {
        sizeBytes: 90_000,
        seed: number,
      });
      onedrive.files.put(`Projects/Harbour/plan ${number}.dwg`, `plan ${number}`);
    }
    dropbox.files.put("/Team/Minutes.md", minutes("- Chen orders the chairs."));
    dropbox.files.put("/Team/Budget 2026.xlsx", { sizeBytes: 48_000, seed: 7 });
  }

  const accounts = () => ({
    dropbox: { provider: "dropbox", ...dropbox.oauth.grant(), origin: dropbox.origin },
    drive: { provider: "google-drive", ...drive.grant(), origin: drive.origin },
    onedrive: { provider: "onedrive", ...onedrive.grant(), origin: onedrive.origin },
    nas: { provider: "local", root: desk.path("nas") },
    "web-server": { provider: "local", root: desk.path("www") },
  });

  /** What people do after the first copies, and what comes of it. */
  async function live(page: Page): Promise<void> {
    const say = sayer(page);
    const reach = async (wanted: Readonly<Record<string, string>>) => {
      const untilMs = Date.now() + patienceMs;
      for (;;) {
        const { rules } = (await say("GET", "rules")) as { rules: RuleFacts[] };
        const late = rules.filter(
          ({ name, status }) => status.state !== (wanted[name] ?? status.state),
        );
        if (late.length === 0) return;
        if (Date.now() > untilMs) throw new Error(`not as they should be: ${JSON.stringify(late)}`);
        await delay(250);
      }
    };
    await say("POST", "rules/projects/run");
    const done = ["invoices", "team", "photos", "website"];
    await reach(Object.fromEntries(done.map((name) => [name, "in-step"])));
    for (const name of ["team", "projects"]) await say("POST", `rules/${name}/pause`);
    dropbox.files.put("/Team/Minutes.md", minutes("- Chen orders twelve chairs, Ada the table."));
    onedrive.files.put("Team/Minutes.md", minutes("- Chen asks what chairs cost first."));
    await say("POST", "rules/team/resume");
    const website = drive.files.tree().filter(({ path }) => path.endsWith(".html"));
    for (const { id } of website.slice(0, 14)) drive.files.trash(id);
    renameSync(desk.path("nas/Scanner"), desk.path("nas/Scanner (old)"));
    await say("POST", "rules/scans/run");
    dropbox.files.put("/Invoices/2026/11/Invoice 1025.pdf", "%PDF 1025");
    await reach({
      team: "held",
      website: "held",
      scans: "failing",
      projects: "paused",
      invoices: "in-step",
    });
    dropbox.network.downloadBytesPerSecond = 512 * 1024;
    const film = { sizeBytes: 640 * 1024 * 1024, seed: 1 };
    dropbox.files.put("/Camera Uploads/2026/Harbour festival.mp4", film);
    dropbox.files.put("/Camera Uploads/2026/Interview with Chen.mov", { ...film, seed: 2 });
    await reach({ photos: "working" });
  }

  return {
    address,
    async furnish(page) {
      putFiles();
      await page.goto(address);
      const say = sayer(page);
      const person = { name: "Ada", email: "ada@example.com", password };
      await say("POST", "set-up", { code, ...person });
      for (const [name, fields] of Object.entries(accounts())) {
        await say("POST", "accounts", { name, fields });
      }
      for (const rule of rules) await say("POST", "rules", rule);
      await live(page);
    },
    async close() {
      serving.child.kill("SIGTERM");
      await serving.ended;
      await Promise.all(clouds.map((cloud) => cloud.close()));
      if (existsSync(desk.folder)) desk.clear();
    },
  };
}

interface RuleFacts {
  readonly name: string;
  readonly status: { readonly state: string };
}

/** Asks the API as the page itself does. */
function sayer(page: Page) {
  return (method: string, path: string, body?: object): Promise<unknown> =>
    page.evaluate(
      async ([method, path, body]) => {
        const answer = await fetch(`api/v1/${path}`, {
          method: String(method),
          ...(method !== "GET" && {
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body ?? {}),
          }),
        });
        const told = await answer.json();
        if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(told)}`);
        return told;
      },
      [method, path, body] as const,
    );
}
