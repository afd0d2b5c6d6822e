import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** How a Syncline is told from every other one, by those who have its key; to all others it says nothing. */
export interface Itself {
  /** A new question, and whether a text is the answer that this installation alone can give. */
  ask(): { readonly question: string; isAnswer(text: string | null): boolean };
  /** Null for what none of its own has asked. */
  answer(question: string): string | null;
}

/** The header of `/healthz` that holds the answer. */
export const proofHeader = "syncline-proof";

/** `secret`: that of the data folder's key for this purpose. */
export function createItself(secret: string): Itself {
  const mac = (role: string, nonce: string) =>
    createHmac("sha256", secret).update(`${role}:${nonce}`).digest("base64url");
  return {
    ask() {
      const nonce = randomBytes(18).toString("base64url");
      return {
        question: `${nonce}.${mac("question", nonce)}`,
        isAnswer: (text) => text !== null && isSame(text, mac("answer", nonce)),
      };
    },
    answer(question) {
      // Whoever could have any nonce signed could tell that two addresses are one installation.
      const [nonce = "", proof = ""] = question.split(".");
      return isSame(proof, mac("question", nonce)) ? mac("answer", nonce) : null;
    },
  };
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
