import { describe, expect, it, onTestFinished } from "vitest";
import { createItself, proofHeader } from "../../src/server/itself.ts";
import { listen } from "../../src/server/listen.ts";
import { reach } from "../../src/server/reach.ts";
import { createServerApp } from "../../src/server/server.ts";
import { createServing } from "./serving.ts";

const ours = createItself("the secret of this data folder");
const theirs = createItself("another one");

const serverOf = (itself: typeof ours) =>
  createServerApp({
    calls: { find: () => null, dropboxApps: () => [] },
    isReady: () => true,
    publicUrl: null,
    itself,
    now: Date.now,
    onError: (error) => {
      throw error;
    },
  });

async function served(itself: typeof ours): Promise<string> {
  const server = await listen(serverOf(itself), "127.0.0.1", 0);
  onTestFinished(() => server.close());
  return server.origin;
}

describe("the public address", () => {
  it("leads here when what answers there has our key", async () => {
    expect(await reach(await served(ours), ours)).toMatchObject({ reached: true });
  });

  it("does not when another Syncline answers there", async () => {
    const { reached, message } = await reach(await served(theirs), ours);
    expect(reached).toBe(false);
    expect(message).toContain("another Syncline");
  });

  it("leads to some Syncline where there is no key yet", async () => {
    const { message } = await reach(await served(theirs), null);
    expect(message).toContain("leads to a Syncline");
  });
});

describe("/healthz", () => {
  const proofOf = async (query: string) =>
    (await serverOf(ours).request(`/healthz${query}`)).headers.get(proofHeader);

  it("says nothing of who it is to those who have not its key", async () => {
    const { question } = theirs.ask();
    const [nonce] = question.split(".");
    for (const asked of ["", question, nonce, `${nonce}.`, "."]) {
      expect(await proofOf(`?question=${asked}`)).toBeNull();
    }
    expect(await proofOf("")).toBeNull();
  });

  it("answers each question of its own otherwise, and the question is no answer", async () => {
    const [one, other] = [ours.ask(), ours.ask()];
    const proof = await proofOf(`?question=${one.question}`);
    expect(one.isAnswer(proof)).toBe(true);
    expect(other.isAnswer(proof)).toBe(false);
    expect(one.isAnswer(one.question.split(".")[1] ?? null)).toBe(false);
    expect(one.isAnswer(null)).toBe(false);
  });
});

describe("doctor over the API", () => {
  it("finds what the command finds", async () => {
    const { page } = await createServing("  - { name: docs, from: left:/, to: right:/ }\n");
    const { status, body } = await page.ask("POST", "/api/v1/about/doctor", {});
    expect(status).toBe(200);
    expect(body).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ about: "configuration", state: "ok" }),
        expect.objectContaining({ about: "process", state: expect.any(String) }),
      ]),
    });
  });
});
