/** Shorter ones are no secrets, and hiding them would tear words apart. */
const shortest = 6;
const instead = "[hidden]";

/** The text without these secrets, whole or cut off at its end, and without what an Authorization header holds. */
export function hide(text: string, secrets: readonly string[]): string {
  const whole = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter(({ length }) => length >= shortest)
    .reduce((clean, secret) => clean.replaceAll(secret, instead), text)
    .replaceAll(/\b(Bearer|Basic) [\w.~+/=-]+/gi, `$1 ${instead}`);
  return secrets.reduce(withoutBeginning, whole);
}

/** What services say is cut to a length, perhaps in the midst of a secret. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length, text.length); length >= shortest; length--) {
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + instead;
  }
  return text;
}
