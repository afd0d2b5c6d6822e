import { testPair } from "./pair.ts";

testPair("onedrive", "local");
