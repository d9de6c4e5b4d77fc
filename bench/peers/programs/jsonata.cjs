// A message a line, a result a line: node jsonata.cjs PROGRAM FILE
const fs = require("node:fs");
const readline = require("node:readline");
const jsonata = require("jsonata");

async function main(program, file) {
  const expression = jsonata(fs.readFileSync(program, "utf8"));
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
    const mapped = await expression.evaluate(JSON.parse(line));
    if (!process.stdout.write(JSON.stringify(mapped) + "\n")) {
      await new Promise((resume) => process.stdout.once("drain", resume));
    }
  }
}

main(process.argv[2], process.argv[3]);
