import { type Itself, proofHeader } from "./itself.ts";

const patienceMs = 10_000;

/**
 * Whether the public address leads to this installation, as seen from this machine; with what to do where it does not.
 * `itself` null: there is no key by which it could be told from another.
 */
export async function reach(
  publicUrl: string | null,
  itself: Pick<Itself, "ask"> | null,
): Promise<{ reached: boolean; message: string }> {
  if (publicUrl === null) {
    const message =
      "There is no public address. Set SYNCLINE_PUBLIC_URL to an https address that leads here, and start anew; until then changes are found by asking.";
    return { reached: false, message };
  }
  const asked = itself?.ask();
  const address = `${publicUrl}/healthz`;
  try {
    const query = asked ? `?question=${asked.question}` : "";
    const answer = await fetch(`${address}${query}`, {
      signal: AbortSignal.timeout(patienceMs),
      redirect: "error",
    });
    if (!answer.ok || (await answer.text()) !== "ok\n") {
      const message = `${address} answers, but it is not Syncline (${answer.status}).`;
      return { reached: false, message };
    }
    if (!asked) {
      return { reached: true, message: `${publicUrl} leads to a Syncline; nothing was run here.` };
    }
    if (asked.isAnswer(answer.headers.get(proofHeader))) {
      return { reached: true, message: `${publicUrl} leads here.` };
    }
    const message = `${publicUrl} leads to another Syncline, with another data folder, or to an older one: lead the address to this one.`;
    return { reached: false, message };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return {
      reached: false,
      message: `${publicUrl} can't be reached from this machine: ${reason}`,
    };
  }
}
