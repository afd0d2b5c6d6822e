import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/core/error.ts";
import type { Source } from "../../src/core/provider.ts";
import { createOutflow } from "../../src/http/outflow.ts";
import type { Portion } from "../../src/http/portion.ts";
import { type Standing, sendThrough, type UploadSession } from "../../src/http/session.ts";
import { digest, generated, KiB, ofUnknownSize, watched } from "../contract/bytes.ts";
import { failure } from "../contract/harness.ts";

const portionBytes = 256 * KiB;
const sizeBytes = 3 * portionBytes + 100;
const at = (position: number): Standing<string> => ({ type: "at", position });
const broken: Standing<string> = {
  type: "broken",
  error: new ProviderError("unavailable", "the line broke"),
};

/** A service that takes all of each portion, and answers as `answer` says where that says something. */
function createService(
  answer: (request: string, taken: number) => Standing<string> | null = () => null,
) {
  const asked: string[] = [];
  const positions: number[] = [];
  const slept: number[] = [];
  const stored = Buffer.alloc(sizeBytes);
  let end = 0;

  function standing(request: string): Standing<string> {
    asked.push(request);
    const given = answer(request, asked.length);
    if (given?.type === "at") end = given.position;
    return given ?? (end === sizeBytes ? { type: "done", stored: "it" } : at(end));
  }

  async function receive({ start, ...portion }: Portion, hooks: object) {
    let position = start;
    for await (const bytes of portion.open(hooks)) {
      stored.set(bytes, position);
      position += bytes.length;
    }
    end = position;
  }

  const session: UploadSession<string> = {
    name: "test",
    isResumed: false,
    keepsParts: false,
    portionBytes: () => portionBytes,
    async send(portion, hooks) {
      await receive(portion, hooks);
      return standing(`${portion.start}+${portion.lengthBytes}`);
    },
    ask: async () => standing("?"),
    check: async () => {},
    onStored: async (position) => void positions.push(position),
    onProgress: undefined,
    signal: undefined,
  };
  const clock = {
    now: () => 0,
    random: () => 0.5,
    sleep: async (ms: number) => void slept.push(ms),
  };
  const sendAll = (source: Source, change: Partial<UploadSession<string>> = {}) => {
    const outflow = createOutflow(source, { name: "the source", signal: undefined, heldBytes: 0 });
    const { sizeBytes } = source;
    return sendThrough({ ...session, ...change }, { outflow, sizeBytes }, clock);
  };
  return { asked, positions, slept, stored, sendAll };
}

describe.each([
  ["of known size", generated(sizeBytes)],
  ["of unknown size", ofUnknownSize(generated(sizeBytes))],
])("a source %s, sent through a session", (_, source) => {
  async function expectStored(stored: Buffer) {
    const all = await digest(await source.open());
    expect(await digest(ReadableStream.from([stored]))).toEqual(all);
  }

  it("goes portion by portion, and tells what is stored but for the end", async () => {
    const { sendAll, asked, positions, stored } = createService();
    expect(await sendAll(source)).toBe("it");
    expect(asked).toEqual(["0+262144", "262144+262144", "524288+262144", "786432+100"]);
    expect(positions).toEqual([portionBytes, 2 * portionBytes, 3 * portionBytes]);
    await expectStored(stored);
  });

  it("goes on in whole portions after the service took an odd number of bytes", async () => {
    const { sendAll, asked, stored } = createService((_, times) => (times === 1 ? at(43) : null));
    await sendAll(source);
    expect(asked).toEqual(["0+262144", "43+262144", "262187+262144", "524331+262144", "786475+57"]);
    await expectStored(stored);
  });

  it("is sent again from where the service goes back to", async () => {
    const answer = (request: string, times: number) =>
      request === "524288+262144" && times === 3 ? at(1000) : null;
    const { sendAll, asked, stored, slept } = createService(answer);
    await sendAll(source);
    expect(asked.slice(2, 5)).toEqual(["524288+262144", "1000+262144", "263144+262144"]);
    expect(slept).toHaveLength(1);
    await expectStored(stored);
  });

  it("asks after a break, and waits between", async () => {
    const { sendAll, asked, slept } = createService((_, times) => (times === 2 ? broken : null));
    await sendAll(source);
    expect(asked.slice(0, 4)).toEqual(["0+262144", "262144+262144", "?", "524288+262144"]);
    expect(slept).toEqual([1000]);
  });

  it("is given up when it gets no further", async () => {
    const { sendAll, asked, slept } = createService((_, times) => (times > 1 ? at(262_144) : null));
    const { message } = await failure(sendAll(source), "unavailable");
    expect(message).toBe("test: no bytes are taken");
    expect(asked).toHaveLength(6);
    expect(slept).toHaveLength(4);
  });

  it("tells that the session is gone", async () => {
    const gone = (_: string, times: number) => (times === 2 ? ({ type: "gone" } as const) : null);
    expect(await createService(gone).sendAll(source)).toBeNull();
  });

  it("gives its last bytes only when it has ended, and the target was looked at", async () => {
    let ended = false;
    const seen: boolean[] = [];
    const check = async () => void seen.push(ended);
    const ending = watched(source, (handedOut) => {
      ended = handedOut === sizeBytes;
    });
    const { sendAll, asked } = createService();
    await sendAll(ending, { check });
    expect(seen).toEqual([true]);
    const refused = createService();
    const changed = () => Promise.reject(new ProviderError("changed", "by another"));
    await failure(refused.sendAll(source, { check: changed }), "changed");
    expect(refused.asked).toEqual(asked.slice(0, 3));
  });
});

describe("a session of an earlier process", () => {
  it("is asked first, and the source opened where it is", async () => {
    const opened: (number | undefined)[] = [];
    const source = generated(sizeBytes);
    const open = (offset?: number) => {
      opened.push(offset);
      return source.open(offset);
    };
    const { sendAll, asked } = createService((request) => (request === "?" ? at(500_000) : null));
    await sendAll({ ...source, open }, { isResumed: true });
    expect(asked).toEqual(["?", "500000+262144", "762144+24388"]);
    expect(opened).toEqual([500_000]);
  });
});
