/*
 * build.mjs: puts the page together: one file with its script, its styles and the licences of what is in it.
 *
 *   node build.mjs MODULES PAGE
 *
 * MODULES is the folder with node_modules. The page lets nothing run but this very script, by its hash.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [modules, target] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const esbuild = createRequire(join(modules, "x.js"))("esbuild");

const { outputFiles, metafile } = await esbuild.build({
  entryPoints: [join(here, "main.js"), join(here, "page.css")],
  nodePaths: [join(modules, "node_modules")],
  outdir: "out",
  bundle: true,
  minify: true,
  keepNames: true /* d3-flame-graph knows its nodes by the name of their class */,
  legalComments: "none",
  format: "iife",
  target: "es2022",
  metafile: true,
  write: false,
  logLevel: "warning",
});
const text = (end) => outputFiles.find(({ path }) => path.endsWith(end)).text.trim();
/* Neither may end the element that it stands in. */
const script = text("main.js").replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const style = text("page.css").replaceAll("</style", "<\\/style");
const hash = (words) => `'sha256-${createHash("sha256").update(words).digest("base64")}'`;
const policy =
  `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; connect-src 'self'; ` +
  "base-uri 'none'; form-action 'none'";

const parts = {
  policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  style,
  script,
  licences: `<!--\n${licences()}-->`,
};
let page = readFileSync(join(here, "page.html"), "utf8");
for (const [name, words] of Object.entries(parts)) page = page.replace(`<!-- ${name} -->`, () => words);
writeFileSync(target, page);

/* Of each package that something was taken from. */
function licences() {
  const names = new Set(
    Object.keys(metafile.inputs)
      .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
      .filter(Boolean),
  );
  return [...names]
    .sort()
    .map((name) => {
      const folder = join(modules, "node_modules", name);
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
      const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim().replaceAll("--", "- -")}\n\n`;
    })
    .join("");
}
