import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * Files that share a process: most of what one of its own took them was to load the SDKs and the state anew, and none
 * changes what is global. Others have much in memory for a while, which makes all that comes after them slower.
 */
const together = [
  "test/{browser,client,config,core,dashboard,e2e,engine,http,layers,notify,server,store}/**/*.test.ts",
];

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    globalSetup: [new URL("vitest.setup.ts", import.meta.url).pathname],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait, for a process or a line: more workers than cores, where the default leaves one core out.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: ".vitest/results.json" }]]
      : ["default"],
    projects: [
      {
        extends: true,
        test: { name: "apart", include: ["test/**/*.test.ts"], exclude: together },
      },
      { extends: true, test: { name: "together", include: together, isolate: false } },
    ],
  },
});
