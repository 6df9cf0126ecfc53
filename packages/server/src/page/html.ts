// The skeleton of the start page. Values are the server's own and escaped all the same; everything else is put in by the
// script, as text.
import type { ServerMode } from '../options.ts'

export interface PageFacts {
  readonly version: string
  readonly mode: ServerMode
}

export function pageHtml({ version, mode }: PageFacts): string {
  return `<!doctype html>
<html lang="en" data-mode="${mode}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pawl</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/page.css">
<script src="/assets/page.js" type="module"></script>
</head>
<body>
<header>
<h1><img src="/assets/icon.svg" alt="" width="28" height="28">Pawl</h1>
<p class="facts"><span class="tag">${escapeHtml(version)}</span><span class="tag">${mode}</span><span class="tag" id="state" role="status">…</span></p>
<nav aria-label="API"><a href="/openapi.json">API description</a><a href="/v1/events">Events</a><a href="/v2/runs">Runs</a><a href="/v2/apps">Apps</a><a href="/health">Health</a></nav>
</header>
<main>
<form id="sign-in" hidden>
<label for="key">Signing key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false">
<button>Show data</button>
<p class="hint">Kept in this tab only, until it is reloaded.</p>
</form>
<section aria-labelledby="apps-title">
<h2 id="apps-title">Apps</h2>
<div id="apps"><p class="hint">Loading…</p></div>
</section>
<section aria-labelledby="runs-title">
<h2 id="runs-title">Newest runs</h2>
<div id="runs"><p class="hint">Loading…</p></div>
</section>
<section aria-labelledby="send-title">
<h2 id="send-title">Send an event</h2>
<pre><code id="curl"></code></pre>
<p class="hint">Every function with a trigger of that name starts a run.</p>
</section>
</main>
<noscript><p class="hint">This page needs its script; the API does not.</p></noscript>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
