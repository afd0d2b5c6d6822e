import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";
import { buildProgram, createDesk } from "./helpers.ts";

beforeAll(buildProgram);

/** One person's Dropbox under two names, signed in each by itself, and the rules given. */
async function openDesk(rules: string) {
  const cloud = createDropboxCloud();
  await cloud.start();
  const [mine, again, anew] = [cloud.grant(), cloud.grant(), cloud.grant()];
  const fields = `provider: dropbox, origin: "${cloud.origin}"`;
  const desk = createDesk(
    `accounts:
  mine: { ${fields}, clientId: ${mine.clientId}, clientSecret: $SECRET, refreshToken: $MINE }
  again: { ${fields}, clientId: ${again.clientId}, clientSecret: $SECRET, refreshToken: $AGAIN }
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
${rules}`,
    {
      SECRET: mine.clientSecret ?? "",
      MINE: mine.refreshToken,
      AGAIN: again.refreshToken,
      ANEW: anew.refreshToken,
    },
  );
  onTestFinished(async () => {
    desk.clear();
    await cloud.close();
  });
  desk.write("left/a.txt", "a");
  desk.write("right/b.txt", "b");
  return desk;
}

const clash = 'accounts "mine" and "again" are one: rules "one" and "two" write into one folder';

describe("one account under two names", () => {
  const rules = `  - { name: one, from: "left:/", to: "mine:/In" }
  - { name: two, from: "right:/", to: "again:/in" }
`;

  it("is seen by check", async () => {
    const desk = await openDesk(rules);
    const error = expect.stringContaining(clash);
    expect(await desk.json("check")).toMatchObject({
      code: 1,
      document: {
        ok: false,
        accounts: [{ ok: true }, { ok: true }, { ok: true }, { ok: true }],
        rules: [
          { rule: "one", ok: false, error },
          { rule: "two", ok: false, error },
        ],
      },
    });
  });

  it("stops a run, once it was seen, with the rules named", async () => {
    const desk = await openDesk(rules);
    await desk.run("run");
    for (const command of [["run"], ["run", "one"], ["plan", "two"], ["watch"]]) {
      expect(await desk.run(...command)).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringContaining(`syncline.yaml is not right: ${clash}`),
      });
    }
  });

  it("is asked for again when an account was signed in anew", async () => {
    const desk = await openDesk(rules);
    expect((await desk.run("run")).code).toBe(2);
    const text = readFileSync(desk.path("syncline.yaml"), "utf8");
    desk.write("syncline.yaml", text.replace("$AGAIN", "$ANEW"));
    expect((await desk.run("run")).code).toBe(2);
  });

  it("is no trouble where folders are apart", async () => {
    const desk = await openDesk(rules.replace("again:/in", "again:/other"));
    expect((await desk.run("check")).code).toBe(0);
    expect((await desk.run("run")).code).toBe(0);
    expect((await desk.run("run")).code).toBe(0);
  });

  it("is warned of where a rule reads what another one takes away", async () => {
    const desk = await openDesk(`  - { name: one, from: "mine:/", to: "left:/In" }
  - { name: two, from: "again:/", to: "right:/In", mode: move }
`);
    const { code, stderr } = await desk.run("check");
    expect(stderr).toContain(
      'warning: accounts "mine" and "again" are one: rule "two" takes files',
    );
    expect(code).toBe(0);
  });
});
