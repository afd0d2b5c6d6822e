import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadAdapters, openApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { runJob } from "../../src/engine/run.ts";
import { verifyJob } from "../../src/engine/verify.ts";
import { createOneDriveCloud } from "../clouds/onedrive/cloud.ts";
import { quickDisk } from "../disk.ts";

const lastYear = new Date("2025-03-04T05:06:07Z");

/** A local folder with a document in it, a business drive, and the rules given between them. */
async function start(rules: string) {
  const folder = mkdtempSync(join(quickDisk(), "syncline-office-"));
  for (const name of ["mine", "other"]) mkdirSync(join(folder, name, "Docs"), { recursive: true });
  const report = join(folder, "mine/Docs/report.docx");
  writeFileSync(report, "the words of the report");
  utimesSync(report, lastYear, lastYear);
  const cloud = createOneDriveCloud({ driveType: "business", choices: { officeRewriteMs: 1e9 } });
  await cloud.start();
  const { clientId, clientSecret, refreshToken } = cloud.grant();
  const yaml = `
accounts:
  mine: { provider: local, root: ${folder}/mine }
  other: { provider: local, root: ${folder}/other }
  work:
    provider: onedrive
    clientId: ${clientId}
    clientSecret: $SECRET
    refreshToken: $TOKEN
    origin: ${cloud.origin}
rules:${rules}`;
  const env = { SECRET: clientSecret, TOKEN: refreshToken };
  const parsed = parseConfig(yaml, { file: "syncline.yaml", env, readFile: () => "" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const { signal } = new AbortController();
  const { config } = parsed;
  const dataFolder = join(folder, "data");
  await loadAdapters(config.accounts.values());
  const app = openApp({ config, dataFolder, env: {}, tell() {}, log() {}, signal });
  onTestFinished(async () => {
    await app.close();
    await cloud.close();
    rmSync(folder, { recursive: true });
  });
  const jobs = config.rules.flatMap((rule) => app.jobsOf(rule));
  const runOptions = { trigger: "manual", respectQuiet: false, signal, ...app } as const;
  const each = async <T>(act: (job: (typeof jobs)[number]) => Promise<T>, name?: string) => {
    const results: T[] = [];
    for (const job of jobs) {
      if (name === undefined || job.rule.name === name) results.push(await act(job));
    }
    return results;
  };
  return {
    folder,
    cloud,
    /** Of one rule, or of all in their order. */
    run: (name?: string) => each((job) => runJob(job, app.context, runOptions), name),
    verify: () => each((job) => verifyJob(job, app.context, { read: 0, signal })),
  };
}

const rule = (mode: string) => `
  - { name: r, mode: ${mode}, from: "mine:/Docs", to: "work:/Docs", quiet: 0s }
`;

describe("an Office file that SharePoint rewrites after the upload", () => {
  it.each(["copy", "mirror", "two-way"])("is sent once, and in step: %s", async (mode) => {
    const { cloud, folder, run, verify } = await start(rule(mode));
    const [first] = await run();
    expect(first?.errors).toEqual([]);
    for (let time = 0; time < 3; time++) {
      cloud.settleOffice();
      const [again] = await run();
      expect(again).toMatchObject({ outcome: "in-step", steps: [], errors: [] });
    }
    expect(cloud.files.readText("Docs/report.docx")).toContain("<properties");
    expect(readFileSync(join(folder, "mine/Docs/report.docx"), "utf8")).not.toContain("<prop");
    expect(await verify()).toMatchObject([{ agrees: true, compared: 1 }]);
  });

  it("goes on to a third place as it is stored", async () => {
    const onwards = `  - { name: on, from: "work:/Docs", to: "other:/Docs", quiet: 0s }\n`;
    const { cloud, folder, run } = await start(rule("copy") + onwards);
    await run("r");
    cloud.settleOffice();
    await run("r");
    const [report] = await run("on");
    expect(report).toMatchObject({ errors: [], steps: [{ do: "upload", path: "report.docx" }] });
    const arrived = readFileSync(join(folder, "other/Docs/report.docx"), "utf8");
    expect(arrived).toBe(cloud.files.readText("Docs/report.docx"));
  });

  it("comes back when a person edits it", async () => {
    const { cloud, folder, run } = await start(rule("two-way"));
    await run();
    cloud.settleOffice();
    await run();
    cloud.files.put("Docs/report.docx", "a person's words");
    const [report] = await run();
    expect(report?.errors).toEqual([]);
    expect(readFileSync(join(folder, "mine/Docs/report.docx"), "utf8")).toBe("a person's words");
  });
});

it("is no damage when it is other bytes by the end of the upload", async () => {
  const { cloud, run } = await start(rule("mirror"));
  cloud.faults.add({
    match: { route: "items.get", times: 1000 },
    effect: { type: "slow", bytesPerSecond: 1e9 },
  });
  const settle = setInterval(() => cloud.settleOffice(), 0);
  onTestFinished(() => clearInterval(settle));
  const [report] = await run();
  expect(report?.errors).toEqual([]);
  expect((await run())[0]).toMatchObject({ outcome: "in-step", steps: [] });
});
