/** The style sheet of all pages. Colours: text at least 4.5:1 on its ground, outlines of controls 3:1 (WCAG 2.2 1.4.3, 1.4.11). */
export const STYLESHEET = `:root {
  color-scheme: light dark;
  --ground: #f4f5f8; --surface: #fff; --sunk: #f0f1f5; --text: #1b1f27; --quiet: #565d6b; --line: #dcdfe6; --edge: #868d9c;
  --accent: #2c4fd4; --accent-strong: #2340b3; --on-accent: #fff; --accent-soft: #e8edff;
  --good: #11693a; --good-soft: #e3f4ea; --bad: #ad1f1f; --bad-soft: #fdeaea; --warn: #7a4b00; --warn-soft: #fff3d9;
  --shadow: 0 1px 2px rgb(20 25 40 / .06), 0 2px 8px rgb(20 25 40 / .05);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #13151a; --surface: #1c1f26; --sunk: #242831; --text: #e8eaf0; --quiet: #a5adbc; --line: #333945; --edge: #7d8698;
    --accent: #a9b9ff; --accent-strong: #c3ceff; --on-accent: #10152c; --accent-soft: #262f52;
    --good: #7fd8a4; --good-soft: #17301f; --bad: #ff9d97; --bad-soft: #3b1d1d; --warn: #f3c46b; --warn-soft: #36290f;
    --shadow: 0 1px 2px rgb(0 0 0 / .4);
  }
}
*, *::before, *::after { box-sizing: border-box }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--text); overflow-wrap: break-word }
a { color: var(--accent); text-underline-offset: .2em }
a:hover { color: var(--accent-strong) }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em }
h2 { margin: 0; font-size: 1.1rem; line-height: 1.35 }
p { margin: .5rem 0 }
code, pre { font-family: ui-monospace, "SFMono-Regular", "Liberation Mono", monospace }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
main:focus { outline: none }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.quiet { color: var(--quiet) }
.icon { width: 1.1em; height: 1.1em; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; vertical-align: -.18em }
.skip { position: absolute; left: -999rem }
.skip:focus { left: 1rem; top: .5rem; z-index: 2; padding: .5rem 1rem; background: var(--surface); border-radius: .5rem }

button, .button, input, select, textarea { font: inherit; color: inherit; border: 1px solid var(--edge); border-radius: .5rem; background: var(--surface); padding: .5rem .875rem; min-height: 2.75rem }
button, .button { cursor: pointer; font-weight: 600; display: inline-flex; align-items: center; justify-content: center; gap: .4rem; text-decoration: none; line-height: 1.25 }
button:hover, .button:hover { background: var(--sunk) }
button.primary, .button.primary, .dialog form > button:first-of-type { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
button.primary:hover, .button.primary:hover, .dialog form > button:first-of-type:hover { background: var(--accent-strong); border-color: var(--accent-strong) }
button.danger { color: var(--bad); border-color: var(--bad) }
button.danger:hover { background: var(--bad-soft) }
button.plain { border-color: transparent; background: none; color: var(--accent); padding: .5rem }
button.plain:hover { text-decoration: underline; background: none }
input, select, textarea { width: 100% }
textarea { resize: vertical; min-height: 4.5rem }
input[type=checkbox], input[type=radio] { width: 1.25rem; height: 1.25rem; min-height: 0; margin: 0; accent-color: var(--accent); flex: none }
label { font-weight: 600 }
label > input:not([type=checkbox]):not([type=radio]), label > select, label > textarea { margin-top: .25rem; font-weight: 400; display: block }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0 }
legend { padding: 0; font-weight: 600; margin-bottom: .25rem }
.hint { font-weight: 400; color: var(--quiet); font-size: .925rem }

/* Pages that stand alone: sign-in, consent, claims, device. */
.alone { display: grid; place-items: center; padding: 1.5rem 1rem }
.dialog { width: min(27rem, 100%); background: var(--surface); border: 1px solid var(--line); border-radius: .875rem; box-shadow: var(--shadow); padding: 1.75rem }
.dialog form { display: grid; gap: .875rem; margin-top: 1.25rem }
.dialog label { display: grid }
.dialog label > span { display: flex; gap: .6rem; align-items: center; font-weight: 400 }
.dialog ul { padding-left: 1.25rem }
.dialog code { font-size: 1.25em }
.dialog pre { overflow-x: auto; background: var(--sunk); padding: .75rem; border-radius: .5rem }
.error { background: var(--bad-soft); color: var(--bad); border-left: .25rem solid; border-radius: .375rem; padding: .625rem .75rem; font-weight: 600 }
.brand { display: inline-flex; align-items: center; gap: .5rem; font-weight: 700; font-size: 1.125rem; color: var(--text); text-decoration: none; margin: 0 }
.brand .icon { width: 1.4rem; height: 1.4rem; color: var(--accent) }
.dialog .brand { margin-bottom: 1.25rem }

/* The console. */
.bar { background: var(--surface); border-bottom: 1px solid var(--line) }
.inner { max-width: 62rem; margin: auto; padding: 0 1rem; display: flex; align-items: center; gap: .25rem 1.5rem; flex-wrap: wrap }
.bar nav { flex: 1 1 auto; order: 0 }
.bar ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 .25rem }
.bar nav a { display: inline-flex; align-items: center; gap: .4rem; min-height: 3.5rem; padding: 0 .75rem; color: var(--quiet); text-decoration: none; font-weight: 600; border-bottom: 3px solid transparent; border-top: 3px solid transparent }
.bar nav a:hover { color: var(--text) }
.bar nav a[aria-current] { color: var(--text); border-bottom-color: var(--accent) }
.badge { background: var(--accent); color: var(--on-accent); font-size: .8rem; font-weight: 700; line-height: 1; padding: .25rem .45rem; border-radius: 1rem; min-width: 1.4rem; text-align: center }
.badge[hidden] { display: none }
.who { display: flex; align-items: center; gap: .5rem; font-size: .925rem }
.wide { max-width: 62rem; margin: auto; padding: 2rem 1rem 4rem }
.lead { color: var(--quiet); margin: 0 0 1.5rem; max-width: 42rem }
.tabs { display: flex; flex-wrap: wrap; gap: .375rem; margin: 0 0 1.25rem; padding: 0; list-style: none }
.tabs a { display: inline-flex; align-items: center; min-height: 2.5rem; padding: 0 .875rem; border-radius: 2rem; text-decoration: none; font-weight: 600; color: var(--text); border: 1px solid var(--line); background: var(--surface) }
.tabs a:hover { border-color: var(--edge) }
.tabs a[aria-current] { background: var(--accent-soft); border-color: var(--accent); color: var(--accent-strong) }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: .875rem; box-shadow: var(--shadow); padding: 1.25rem }
.card.new { border-color: var(--accent) }
.head { display: flex; gap: .875rem; align-items: flex-start }
.head > :nth-child(2) { flex: 1; min-width: 0 }
.face { flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid; place-items: center; font-weight: 700; background: var(--accent-soft); color: var(--accent-strong); text-transform: uppercase }
.face.square { border-radius: .6rem }
.meta { margin: .125rem 0 0; color: var(--quiet); font-size: .925rem }
.card h2 { font-weight: 500 }
.card h2 a { font-weight: 600 }
h3 { margin: 0; font-size: 1.05rem }
.card > .pills, .head + .pills { margin-top: .75rem }
.card > .actions { margin-top: 1rem; align-items: flex-start; gap: .625rem 1.25rem }
.card > .actions details { flex: 1 1 12rem }
.card > .actions summary { padding: .6rem 0 }
.form.card { display: grid; gap: 1rem }
.form.card > * { margin-top: 0; margin-bottom: 0 }
.card > .notice { margin: 1rem 0 0 }
.actions > p { margin: 0 }
.head + p { margin-top: 1rem }
.card form { margin-top: 1rem; display: grid; gap: 1rem }
.choices { display: flex; flex-wrap: wrap; gap: .5rem }
.choice { display: inline-flex; align-items: center; gap: .55rem; min-height: 2.5rem; padding: .25rem .875rem .25rem .625rem; border: 1px solid var(--line); border-radius: .5rem; font-weight: 500; cursor: pointer; background: var(--surface) }
.choice:hover { border-color: var(--edge) }
.choice:has(:checked) { background: var(--accent-soft); border-color: var(--accent) }
details > summary { cursor: pointer; color: var(--accent); font-weight: 600; width: fit-content; padding: .25rem 0 }
details[open] > summary { margin-bottom: .75rem }
.fields { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); align-items: start }
.actions { display: flex; flex-wrap: wrap; gap: .625rem; align-items: center }
.actions form { margin: 0; display: block }
.status { display: inline-flex; align-items: center; gap: .35rem; font-weight: 600; font-size: .875rem; padding: .2rem .6rem; border-radius: 1rem; max-width: 100% }
.status.good { color: var(--good); background: var(--good-soft) }
.status.bad { color: var(--bad); background: var(--bad-soft) }
.status.wait { color: var(--warn); background: var(--warn-soft) }
.status.off { color: var(--quiet); background: var(--sunk) }
.notice { display: flex; gap: .625rem; align-items: flex-start; margin: 0 0 1.25rem; padding: .75rem 1rem; border-radius: .625rem; border: 1px solid }
.notice .icon { margin-top: .2rem }
.notice.good { color: var(--good); background: var(--good-soft) }
.notice.warn { color: var(--warn); background: var(--warn-soft) }
.empty { text-align: center; padding: 3rem 1.5rem; border: 1px dashed var(--edge); border-radius: .875rem; color: var(--quiet) }
.empty h2 { color: var(--text); margin-bottom: .25rem }
.pills { display: flex; flex-wrap: wrap; gap: .375rem; list-style: none; margin: 0; padding: 0 }
.pills li { background: var(--sunk); border-radius: .375rem; padding: .125rem .5rem; font-size: .925rem }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.25rem; margin: 1rem 0 }
.facts dt { color: var(--quiet) }
.facts dd { margin: 0; min-width: 0 }
.pager { display: flex; gap: 1rem; margin-top: 1.25rem }
.section { margin-top: 2rem }
.section > h2 { margin-bottom: .75rem; font-size: 1.2rem }
.filter { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin-bottom: 1.25rem }
.filter label { flex: 1 1 11rem }
.log { list-style: none; margin: 0; padding: 0; background: var(--surface); border: 1px solid var(--line); border-radius: .875rem; box-shadow: var(--shadow) }
.log li { display: grid; grid-template-columns: 8.5rem 1fr auto; gap: .25rem 1rem; align-items: baseline; padding: .75rem 1.25rem; border-top: 1px solid var(--line) }
.log li:first-child { border-top: 0 }
.log time { color: var(--quiet); font-size: .925rem; white-space: nowrap }
@media (max-width: 44rem) {
  .inner { padding-top: .5rem }
  .bar nav { order: 1; flex-basis: 100%; margin: 0 -1rem; padding: 0 .25rem }
  .bar nav a { min-height: 3rem; white-space: nowrap; padding: 0 .45rem; font-size: .875rem }
  .who { margin-left: auto }
  .who .quiet { display: none }
  .wide { padding-top: 1.25rem }
  .head { flex-wrap: wrap }
  .head > :nth-child(2) { flex-basis: calc(100% - 3.375rem) }
  .head > .status { margin-left: 3.375rem }
  .facts { grid-template-columns: 1fr; gap: 0 }
  .facts dd { margin-bottom: .75rem }
  .actions > button, .actions > .button { flex: 1 1 8rem }
  .log li { grid-template-columns: 1fr }
}
@media (prefers-reduced-motion: no-preference) {
  .card.new { animation: arrive .4s ease-out }
  @keyframes arrive { from { opacity: 0; transform: translateY(-.5rem) } }
}
@media (forced-colors: active) { .choice:has(:checked), .tabs a[aria-current] { outline: 2px solid } }
`;
