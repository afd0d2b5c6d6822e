import { testPair } from "./pair.ts";

testPair("drive", "dropbox");
