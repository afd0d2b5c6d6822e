import "./style.css";
import { render } from "preact";
import { Enter } from "./enter.tsx";
import { Shell } from "./shell.tsx";
import { loadSession, session } from "./state.ts";

function Dashboard() {
  if (session.value === null) return <main class="loading">Loading…</main>;
  return session.value.state === "signed-in" ? <Shell /> : <Enter />;
}

const root = document.querySelector("#app");
if (root) render(<Dashboard />, root);

/** Until the server answers for the first time. */
async function begin(): Promise<void> {
  for (;;) {
    try {
      return await loadSession();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}
void begin();
