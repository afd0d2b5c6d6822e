const patienceMs = 10_000;

/** Whether the public address leads to a Syncline, as seen from this machine; with what to do where it does not. */
export async function reach(
  publicUrl: string | null,
): Promise<{ reached: boolean; message: string }> {
  if (publicUrl === null) {
    const message =
      "There is no public address. Set SYNCLINE_PUBLIC_URL to an https address that leads here, and start anew; until then changes are found by asking.";
    return { reached: false, message };
  }
  try {
    const address = `${publicUrl}/healthz`;
    const answer = await fetch(address, {
      signal: AbortSignal.timeout(patienceMs),
      redirect: "error",
    });
    if (answer.ok && (await answer.text()) === "ok\n") {
      return { reached: true, message: `${publicUrl} leads here.` };
    }
    return {
      reached: false,
      message: `${address} answers, but it is not Syncline (${answer.status}).`,
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return {
      reached: false,
      message: `${publicUrl} can't be reached from this machine: ${reason}`,
    };
  }
}
