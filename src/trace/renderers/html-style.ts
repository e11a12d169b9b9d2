/** The stylesheet of the HTML page: light and dark, two panes, what is chosen shown by `:target` alone. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--pane:#fff;--ink:#1b1f27;--dim:#5d6675;--line:#d9dde4;--soft:#eef0f4;--band:#f1f3f8;
--accent:#4f46e5;--on:#fff;--good:#0b7a5c;--refused:#a15c00;--broken:#c02636;--pick:#eceafe;--person:#e8e6fd;--machine:#e6f2ee}
@media(prefers-color-scheme:dark){:root{--bg:#0e1116;--pane:#151922;--ink:#e6e9ef;--dim:#98a2b3;--line:#2a303c;--soft:#1d222d;--band:#1b202b;
--accent:#8f88ff;--on:#11131a;--good:#4cc9a0;--refused:#f0b04f;--broken:#ff7b88;--pick:#24244a;--person:#2b2950;--machine:#17342c}}
*{box-sizing:border-box}
html,body{height:100%;margin:0}
body{display:grid;grid-template:auto minmax(0,1fr)/minmax(0,1fr) minmax(360px,31vw);background:var(--bg);color:var(--ink);
font:14px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif}
header{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:4px 28px;align-items:baseline;padding:14px 24px;background:var(--pane);border-bottom:1px solid var(--line)}
h1{margin:0;font-size:18px;letter-spacing:-.01em}
h1 b{color:var(--accent);margin-right:8px}
header p{margin:0;color:var(--dim);font-size:13px}
header p b{color:var(--ink);font-weight:600}
main{overflow:auto;padding:0 16px 24px}
main:focus-visible,aside:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
.stage{width:max-content;margin:0 auto}
svg{display:block;font-family:inherit}
svg.head{position:sticky;top:0;z-index:1;background:var(--bg)}
.actor rect{stroke:var(--line)}
.person rect{fill:var(--person)}
.machine rect{fill:var(--machine)}
.actor text{font-size:13px;font-weight:600;text-anchor:middle;fill:var(--ink)}
.life{stroke:var(--line);stroke-width:1.5;stroke-dasharray:3 4}
.band rect{fill:var(--band);stroke:var(--line)}
.band .title{font-size:13px;font-weight:650;fill:var(--ink)}
.band .why{font-size:11.5px;fill:var(--dim)}
.there{stroke:var(--ink);stroke-width:1.6}
.back{stroke-width:1.6;stroke-dasharray:6 4}
marker path{fill:context-stroke}
.words{font-size:12.5px;text-anchor:middle;fill:var(--ink);font-weight:550;paint-order:stroke;stroke:var(--bg);stroke-width:4px}
.code{font:11px ui-monospace,"DejaVu Sans Mono",monospace;text-anchor:middle;fill:var(--dim);paint-order:stroke;stroke:var(--bg);stroke-width:4px}
.deed .there{stroke:var(--dim)}
.good .back{stroke:var(--good)}
.refused .back{stroke:var(--refused)}
.broken .back{stroke:var(--broken)}
.good .back+.words{fill:var(--good)}
.refused .back+.words{fill:var(--refused)}
.broken .back+.words{fill:var(--broken)}
.badge circle{fill:var(--accent)}
.badge text{font-size:11.5px;font-weight:700;text-anchor:middle;fill:var(--on)}
.hit{fill:transparent}
a.exchange{cursor:pointer;outline:none}
a.exchange:hover .hit{fill:var(--soft)}
a.exchange:focus-visible .hit{stroke:var(--accent);stroke-width:2}
aside{overflow:auto;background:var(--pane);border-left:1px solid var(--line);padding:20px 22px 40px}
article{display:none;scroll-margin-top:20px}
article:target{display:block}
aside:has(article:target) .intro{display:none}
h2{margin:0 0 2px;font-size:16px;display:flex;gap:10px;align-items:center}
h2 .n,dt .n{display:inline-grid;place-items:center;min-width:24px;height:24px;padding:0 6px;border-radius:12px;background:var(--accent);color:var(--on);font-size:12px;font-weight:700}
h3{margin:20px 0 6px;font-size:11.5px;letter-spacing:.06em;text-transform:uppercase;color:var(--dim)}
.route{margin:0;color:var(--dim)}
.first{font:12.5px/1.5 ui-monospace,"DejaVu Sans Mono",monospace;background:var(--soft);border-radius:6px;padding:8px 10px;overflow-wrap:anywhere;margin:0}
.first b{font-weight:700}
.status{font-weight:700}
.status.good{color:var(--good)}
.status.refused{color:var(--refused)}
.status.broken{color:var(--broken)}
table{border-collapse:collapse;width:100%;margin:8px 0 0;font-size:12px}
td{vertical-align:top;padding:3px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
td:first-child{color:var(--dim);width:34%;padding-right:10px}
pre{margin:8px 0 0;padding:10px;background:var(--soft);border-radius:6px;font:12px/1.5 ui-monospace,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
details{margin-top:8px}
summary{cursor:pointer;color:var(--dim);font-size:12.5px}
nav{display:flex;gap:16px;margin-bottom:14px;font-size:13px}
nav a,.intro a{color:var(--accent);text-decoration:none}
nav a:hover{text-decoration:underline}
nav a:last-child{margin-left:auto}
dl{display:grid;grid-template-columns:auto 1fr;gap:7px 12px;margin:12px 0;align-items:center}
dd{margin:0}
.note{color:var(--dim);font-size:12.5px}
@media(max-width:1000px){body{grid-template:auto minmax(0,1fr) minmax(0,45vh)/minmax(0,1fr)}aside{border-left:0;border-top:1px solid var(--line)}}
@media print{body{display:block}main,aside{overflow:visible}article{display:block;break-inside:avoid}.intro,nav{display:none}}
`;
