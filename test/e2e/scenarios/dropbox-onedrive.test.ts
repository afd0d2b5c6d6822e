import { testPair } from "./pair.ts";

testPair("dropbox", "onedrive");
