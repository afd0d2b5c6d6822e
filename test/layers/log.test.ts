import { describe, expect, it } from "vitest";
import { createMemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import { failures, ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import { type RequestLine, withLog } from "../../src/layers/log.ts";
import { text } from "../contract/bytes.ts";
import { gather, rejection } from "../contract/harness.ts";
import { virtualClock } from "../engine/harness.ts";

function bench(wrap = (provider: Provider) => provider) {
  const clock = virtualClock();
  const cloud = createMemoryCloud({ clock });
  const lines: RequestLine[] = [];
  const provider = withLog(wrap(openMemory(cloud)), "work", clock, (line) => lines.push(line));
  return { clock, cloud, lines, provider };
}

describe("the log of requests", () => {
  it("has one line for each, with how long it took", async () => {
    const { clock, cloud, lines, provider } = bench((bare) => ({
      ...bare,
      async stat(id) {
        clock.advance(120);
        return bare.stat(id);
      },
    }));
    await provider.stat(cloud.root);
    await provider.root();
    expect(lines).toEqual([
      { account: "work", method: "stat", tookMs: 120, failure: null },
      { account: "work", method: "root", tookMs: 0, failure: null },
    ]);
  });

  it.each(failures)("says %s in the failure's own word, and passes the failure on", async (how) => {
    const { cloud, lines, provider } = bench();
    cloud.fail({ method: "stat", how });
    expect(await rejection(provider.stat(cloud.root))).toMatchObject({ failure: how });
    expect(lines).toMatchObject([{ failure: how, message: "memory: stat: as planned" }]);
  });

  it("says of an abort that something was thrown", async () => {
    const { cloud, lines, provider } = bench();
    const signal = AbortSignal.abort(new Error("the end"));
    expect(await rejection(provider.read(cloud.root, { signal }))).toBe(signal.reason);
    expect(lines).toMatchObject([{ method: "read", failure: "thrown", message: "the end" }]);
  });

  it("tells of the pages of a feed, and of the one that failed", async () => {
    const { cloud, lines, provider } = bench();
    cloud.put("/a.txt", "a");
    cloud.fail({ method: "changes", how: "cut", at: 1 });
    await rejection(gather(provider.changes(null)));
    expect(lines.map(({ method, failure }) => [method, failure])).toEqual([
      ["changes", null],
      ["changes", "unavailable"],
    ]);
  });

  it("holds neither content, nor what caused a failure, which may hold a secret", async () => {
    const cause = new Error("POST /token?refresh_token=s3cret");
    const { cloud, lines, provider } = bench((bare) => ({
      ...bare,
      root: () => Promise.reject(new ProviderError("unauthorized", "memory: sign in", { cause })),
    }));
    await rejection(provider.root());
    const at = { parent: cloud.root, name: "salary s3cret.txt" };
    await provider.write({ type: "new", at }, text("content s3cret"));
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain("s3cret");
  });
});
