/** The only style of the page: its hash is what the page's policy allows. Paper is always light. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f7f7f5; --card: #ffffff; --ink: #1c1f23; --soft: #59626d; --line: #d6d9de; --arrow: #6b7280;
  --good: #14702f; --note: #59626d; --unknown: #0b5cad; --warning: #8a5a00; --critical: #b42318;
  --live: #dbeafe; --exitrd: #fee2e2; --ground: #eef0f2; --left: #fef3c7;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2026; --ink: #e6e8eb; --soft: #9aa4b0; --line: #343a42; --arrow: #8b949e;
    --good: #4cc38a; --note: #9aa4b0; --unknown: #6cb6ff; --warning: #e3b341; --critical: #ff8a7a;
    --live: #1f3d63; --exitrd: #612a2d; --ground: #2a3037; --left: #55460f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 86rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 0 0 .6rem; }
p { margin: .3rem 0; }
.soft, figcaption, footer { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; }
.fears { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: 1rem; margin-top: 1.3rem; }
ul.answers, ul.findings { list-style: none; margin: 0; padding: 0; }
ul.answers li, ul.findings li { display: grid; grid-template-columns: 5.2rem 1fr; gap: .6rem; overflow-wrap: anywhere; }
ul.answers li + li { margin-top: .5rem; }
ul.findings li { padding: .7rem 0; border-top: 1px solid var(--line); }
ul.findings p:first-child { margin-top: 0; }
ul.findings li:first-child { border-top: 0; padding-top: 0; }
ul.findings li:last-child { padding-bottom: 0; }
.mark { align-self: start; margin-top: .15rem; text-align: center; font-size: .8rem; font-weight: 600; border: 1px solid currentColor; border-radius: .3rem; }
.good { color: var(--good); } .note, .info { color: var(--note); } .unknown { color: var(--unknown); } .warning { color: var(--warning); } .critical { color: var(--critical); }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .86rem; }
code { overflow-wrap: anywhere; }
figure { margin: 0; }
.scroll { overflow-x: auto; }
svg { display: block; height: auto; }
svg.fits { max-width: max(100%, 60rem); }
svg text { fill: var(--ink); font: 10px Helvetica, Arial, sans-serif; }
svg .node.live path { fill: var(--live); } svg .node.exitrd path { fill: var(--exitrd); }
svg .node.ground path { fill: var(--ground); } svg .node.left path { fill: var(--left); }
svg .node path, svg .edge path { stroke: var(--arrow); }
svg .edge polygon { stroke: var(--arrow); fill: var(--arrow); }
figcaption { margin-top: .7rem; font-size: .9rem; }
.key { display: inline-block; margin-right: 1.2rem; }
.key::before { content: ""; display: inline-block; width: .9rem; height: .9rem; margin-right: .4rem; vertical-align: -.1rem; border: 1px solid var(--arrow); border-radius: .2rem; }
.key.live::before { background: var(--live); } .key.exitrd::before { background: var(--exitrd); }
.key.ground::before { background: var(--ground); } .key.left::before { background: var(--left); }
summary { cursor: pointer; }
pre { overflow-x: auto; line-height: 1.3; }
.orders { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; align-items: start; }
ol { margin: 0; padding-left: 2.2rem; }
ol li { margin-bottom: .35rem; overflow-wrap: anywhere; }
ol li::marker { color: var(--soft); }
ol code { display: block; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; }
dd { margin: 0; }
footer { margin-top: 2.5rem; font-size: .9rem; }
@media (max-width: 40rem) {
  svg.fits { max-width: none; }
  dl { display: block; }
  dd { margin-bottom: .5rem; }
}
@media print {
  body { background: none; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .card { break-inside: avoid; }
  .orders .card { break-inside: auto; }
  svg, svg.fits { max-width: 100%; }
  .scroll { overflow: visible; }
  h2 { break-after: avoid; }
}
`;
