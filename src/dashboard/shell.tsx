import { Activity } from "./activity.tsx";
import { Connections } from "./connections.tsx";
import { Button, Pill } from "./parts.tsx";
import { ReviewPage } from "./review.tsx";
import { placeOf, route } from "./route.ts";
import { RulePage } from "./rule.tsx";
import { Rules } from "./rules.tsx";
import { Settings } from "./settings.tsx";
import { about, isLive, session, signOut, waiting } from "./state.ts";
import { Welcome } from "./welcome.tsx";

/** What is around every page of somebody who is signed in. */

const places = [
  ["rules", "Rules"],
  ["review", "Review"],
  ["activity", "Activity"],
  ["connections", "Connections"],
  ["settings", "Settings"],
] as const;

export function Shell() {
  const [place = "rules"] = route.value.path;
  return (
    <div class="shell">
      <a class="skip" href="#main">
        To the content
      </a>
      <nav aria-label="Parts of the dashboard">
        <p class="brand">Syncline</p>
        <ul>
          {places.map(([name, title]) => (
            <li key={name}>
              <a href={placeOf(name)} aria-current={place === name ? "page" : undefined}>
                {title}
                {name === "review" && waiting.value > 0 && (
                  <span class="badge">
                    {waiting.value}
                    <span class="unseen"> waiting</span>
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
        <div class="who">
          <span title={session.value?.user?.email}>{session.value?.user?.name}</span>
          <Button onPress={() => void signOut()}>Sign out</Button>
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {!isLive.value && (
          <div class="offline" role="status">
            <Pill tone="waiting">not live</Pill> Waiting for the server; what you see may be old.
          </div>
        )}
        <Misread />
        <Place />
      </main>
    </div>
  );
}

/** What somebody wrote into the configuration, and is not in force. */
function Misread() {
  const { configured, file } = about.value ?? {};
  const [first, ...more] = configured?.problems ?? [];
  if (first === undefined) return null;
  return (
    <div class="misread" role="status">
      <Pill tone="failing">not in force</Pill> {file} was changed and is not right: {first}
      {more.length > 0 && ` (and ${more.length} more)`}. What was in force before goes on.
    </div>
  );
}

function Place() {
  const [place = "rules", name] = route.value.path;
  switch (place) {
    case "rules":
      return name === undefined ? <Rules /> : <RulePage key={name} name={name} />;
    case "review":
      return <ReviewPage />;
    case "activity":
      return <Activity />;
    case "connections":
      return <Connections />;
    case "welcome":
      return <Welcome />;
    case "settings":
      return <Settings />;
    default:
      return <Rules />;
  }
}
