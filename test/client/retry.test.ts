import { expect, it } from "vitest";
import { retryAfter } from "../../src/client/retry.ts";

const first = { number: 0, method: "GET", status: null, retryAfterMs: null };

it.each([
  { about: "reading that had no answer", attempt: first, waitMs: 250 },
  { about: "that again, later", attempt: { ...first, number: 1 }, waitMs: 500 },
  { about: "no more than so often", attempt: { ...first, number: 2 }, waitMs: null },
  { about: "reading while a proxy has nobody", attempt: { ...first, status: 502 }, waitMs: 250 },
  { about: "reading that is broken", attempt: { ...first, status: 500 }, waitMs: null },
  { about: "reading that is refused", attempt: { ...first, status: 403 }, waitMs: null },
  { about: "a change that had no answer", attempt: { ...first, method: "POST" }, waitMs: null },
  {
    about: "a change that may have been passed on",
    attempt: { ...first, method: "POST", status: 503 },
    waitMs: null,
  },
  {
    about: "a change that was turned away",
    attempt: { ...first, method: "POST", status: 429 },
    waitMs: 250,
  },
  {
    about: "when the server says",
    attempt: { ...first, status: 429, retryAfterMs: 4_000 },
    waitMs: 4_000,
  },
  {
    about: "not when that is long",
    attempt: { ...first, status: 429, retryAfterMs: 31_000 },
    waitMs: null,
  },
])("tries again: $about", ({ attempt, waitMs }) => {
  expect(retryAfter(attempt, 2)).toBe(waitMs);
});
