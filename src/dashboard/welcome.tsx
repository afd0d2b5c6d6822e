import { Button, Head } from "./parts.tsx";
import { Passkeys } from "./passkeys.tsx";
import { go } from "./route.ts";
import { SecondFactor } from "./second-factor.tsx";
import { session } from "./state.ts";

/** What the first admin is offered before all else; settings have it too, so that it can wait. */
export function Welcome() {
  const { name, twoFactor = false, passkeys = 0 } = session.value?.user ?? {};
  const isSafer = twoFactor || passkeys > 0;
  return (
    <>
      <Head title={`Welcome, ${name}`} />
      <p>
        You are the admin of this Syncline. Make your sign-in safer now, or later in the settings;
        then three steps lead to the first rule.
      </p>
      <Passkeys />
      <SecondFactor />
      <div class="acts">
        <Button kind={isSafer ? "main" : "quiet"} onPress={() => go("rules")}>
          {isSafer ? "Go on" : "Skip for now"}
        </Button>
      </div>
    </>
  );
}
