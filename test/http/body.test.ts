import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/core/error.ts";
import { checkedBody, type ExpectedBody } from "../../src/http/body.ts";
import { readText } from "../contract/bytes.ts";
import { failure } from "../contract/harness.ts";

const expected: ExpectedBody = {
  sizeBytes: null,
  hash: null,
  broken: () => new ProviderError("unavailable", "broken"),
  wrongSize: (words) => new ProviderError("unavailable", words),
  otherBytes: async () => new ProviderError("changed", "other bytes"),
  signal: undefined,
};
/** An answer that announces no length. */
const answer = (text: string) => new Response(ReadableStream.from([Buffer.from(text)]));
const md5OfHello = { name: "md5", value: "5d41402abc4b2a76b9719d911017c592" } as const;

describe("the body of an answer", () => {
  it("ends where it should", async () => {
    const whole = { ...expected, sizeBytes: 5, hash: md5OfHello };
    expect(await readText(checkedBody(answer("hello"), whole))).toBe("hello");
  });

  it.each(["hell", "hello!"])("fails with %s where 5 bytes are expected", async (text) => {
    const body = checkedBody(answer(text), { ...expected, sizeBytes: 5 });
    const { message } = await failure(readText(body), "unavailable");
    expect(message).toBe(`it ended after ${text.length} of 5 bytes`);
  });

  it("takes the announced length before the expected one, but not that of a packed form", async () => {
    const headers = { "content-length": "4" };
    const short = new Response(answer("hell").body, { headers });
    expect(await readText(checkedBody(short, { ...expected, sizeBytes: 5 }))).toBe("hell");
    const packed = { ...headers, "content-encoding": "gzip" };
    const other = new Response(answer("hello").body, { headers: packed });
    expect(await readText(checkedBody(other, { ...expected, sizeBytes: 5 }))).toBe("hello");
  });

  it("fails at its end where the bytes are others", async () => {
    const body = checkedBody(answer("HELLO"), { ...expected, hash: md5OfHello });
    await failure(readText(body), "changed");
  });

  it("is empty where a range begins behind the end", async () => {
    const refused = new Response("there is no such range", { status: 416 });
    expect(await readText(checkedBody(refused, { ...expected, sizeBytes: 5 }))).toBe("");
  });
});
