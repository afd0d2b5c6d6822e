import { testPair } from "./pair.ts";

testPair("local", "drive");
