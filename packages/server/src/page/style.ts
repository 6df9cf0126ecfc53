// How the start page looks: one column, system fonts, light and dark by the reader's setting.

export const PAGE_STYLE = `:root {
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d1f23; --soft: #5d636e; --line: #e2dfd9; --accent: #0b6b5d; --code: #f3f1ec;
  --ok: #176b3a; --bad: #b3261e; --busy: #1f5fbf; --idle: #5d636e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1c1f24; --ink: #e8e6e1; --soft: #a2a8b3; --line: #30343b; --accent: #5fd0bb; --code: #121417;
    --ok: #6fd696; --bad: #ff9a8f; --busy: #8db9ff; --idle: #a2a8b3;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem; padding-bottom: 0; }
h1 { display: flex; align-items: center; gap: .6rem; margin: 0; font-size: 1.5rem; letter-spacing: -.01em; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
.facts { display: flex; gap: .4rem; margin: 0; }
nav { display: flex; flex-wrap: wrap; gap: 1rem; margin-left: auto; }
a { color: var(--accent); text-underline-offset: .2em; }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
section, form { margin-bottom: 1.25rem; padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; }
form[hidden] { display: none; }
input { flex: 1 1 16rem; padding: .45rem .6rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; }
button { padding: .45rem .9rem; font: inherit; color: var(--paper); background: var(--accent); border: 0; border-radius: .4rem; cursor: pointer; }
.tag { padding: .1rem .55rem; font-size: .8rem; color: var(--soft); border: 1px solid var(--line); border-radius: 1rem; }
.hint { margin: .4rem 0 0; color: var(--soft); font-size: .9rem; }
pre { margin: 0; padding: .8rem 1rem; overflow-x: auto; background: var(--code); border: 1px solid var(--line); border-radius: .4rem; }
code, .id { font: .85rem/1.6 ui-monospace, monospace; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th { padding: .3rem .8rem .3rem 0; color: var(--soft); font-weight: 500; font-size: .85rem; text-align: left; }
td { padding: .4rem .8rem .4rem 0; border-top: 1px solid var(--line); vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.close { white-space: nowrap; }
@media (max-width: 40rem) { nav { margin-left: 0; } }
.app { margin-bottom: 1rem; }
.app:last-child { margin-bottom: 0; }
.app h3 { display: flex; flex-wrap: wrap; gap: .2rem .8rem; margin: 0 0 .2rem; font-size: .95rem; }
.status { white-space: nowrap; font-weight: 500; }
.status::before { content: ''; display: inline-block; width: .5rem; height: .5rem; margin-right: .45rem; border-radius: 50%; background: currentColor; }
.ok { color: var(--ok); } .bad { color: var(--bad); } .busy { color: var(--busy); } .idle { color: var(--idle); }
`
