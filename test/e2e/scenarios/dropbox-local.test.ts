import { testPair } from "./pair.ts";

testPair("dropbox", "local");
