import { testPair } from "./pair.ts";

testPair("drive", "onedrive");
