import { testPair } from "./pair.ts";

testPair("onedrive", "drive");
