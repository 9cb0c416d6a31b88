// Reads {"tables": {name: schema}, "queries": {name: text}} from standard input and writes what Microsoft's parser says of
// each query, as {name: [diagnostic, ...]}: wrong grammar, unknown tables, columns and functions, types that do not fit.
const folder = process.argv[2] + "/node_modules/@kusto/language-service-next/";
require(folder + "bridge.min.js");
require(folder + "Kusto.Language.Bridge.min.js");

const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { DatabaseSymbol, TableSymbol } = Kusto.Language.Symbols;
const tables = Object.entries(input.tables).map(([name, schema]) => new TableSymbol.$ctor7(name, schema, null));
const globals = Kusto.Language.GlobalState.Default.WithDatabase(new DatabaseSymbol.$ctor1("logs", tables));
const said = {};
for (const [name, text] of Object.entries(input.queries)) {
  const code = Kusto.Language.KustoCode.ParseAndAnalyze(text, globals);
  const found = code.GetDiagnostics();
  said[name] = [];
  for (let index = 0; index < found.Count; index++) {
    const one = found.getItem(index);
    said[name].push(`${one.Severity} ${one.Code}: ${one.Message} at ${one.Start}: ${text.slice(one.Start, one.Start + one.Length)}`);
  }
}
process.stdout.write(JSON.stringify(said));
