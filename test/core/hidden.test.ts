import { expect, it } from "vitest";
import { hide } from "../../src/core/hidden.ts";

it.each([
  ["bad token s3cret-token here", "bad token [hidden] here"],
  ["s3cret-token s3cret-token", "[hidden] [hidden]"],
  ["in an address: s3cret%2Fother", "in an address: [hidden]"],
  ["cut off: s3cret-to", "cut off: [hidden]"],
  ["Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"],
  ["too short to be one: abc", "too short to be one: abc"],
  ["nothing in it s3c", "nothing in it s3c"],
])("hides secrets in %j", (text, expected) => {
  expect(hide(text, ["s3cret-token", "s3cret/other", "abc"])).toBe(expected);
});
