import { testPair } from "./pair.ts";

testPair("local", "onedrive");
