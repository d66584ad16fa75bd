// Runs one validator from npm on files and prints one JSON line a file; see validators.py.
// Called: node validators.js MODULES TOOL FILE...; MODULES is the folder with package.json.
"use strict";

const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const [modules, tool, ...files] = process.argv.slice(2);
const load = createRequire(path.join(modules, "package.json"));

const TOOLS = {
  // Errors only; a thrown HintError is how it says no.
  "check-geojson": () => {
    const { getIssues } = load("@placemarkio/check-geojson");
    return (text) => ({ verdict: getIssues(text).length ? "reject" : "accept" });
  },
  // Hints of level "message" are advice, and those that say what to avoid; all others are errors.
  geojsonhint: () => {
    const { hint } = load("@mapbox/geojsonhint");
    return (text) => {
      const hints = hint(text);
      const isError = (one) => one.level !== "message" && !/avoid/.test(one.message);
      if (hints.some(isError)) return { verdict: "reject" };
      return { verdict: hints.length ? "accept_with_warning" : "accept" };
    };
  },
};

const check = TOOLS[tool]();
for (const file of files) {
  let answer;
  try {
    answer = check(fs.readFileSync(file, "utf8"));
  } catch (error) {
    answer = { verdict: "crash", crash: String(error && error.name) };
  }
  process.stdout.write(JSON.stringify({ file, features: [], ...answer }) + "\n");
}
