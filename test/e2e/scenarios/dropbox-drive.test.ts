import { testPair } from "./pair.ts";

testPair("dropbox", "drive");
