// The start page. In development a skeleton: values are the server's own and escaped all the same, everything else is put
// in by the script, as text. In production a few sentences that are the same for everyone and tell nothing of the server.

const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pawl</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/page.css">`

const TITLE = '<h1><img src="/assets/icon.svg" alt="" width="28" height="28">Pawl</h1>'

/** The page of a development server. */
export function developmentPage(version: string): string {
  return `${HEAD}
<script src="/assets/page.js" type="module"></script>
</head>
<body>
<header>
${TITLE}
<p class="facts"><span class="tag">${escapeHtml(version)}</span><span class="tag">dev</span><span class="tag" id="state" role="status">…</span></p>
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

/** The page of a production server, until people can sign in. */
export const PRODUCTION_PAGE = `${HEAD}
</head>
<body>
<header>
${TITLE}
</header>
<main>
<section aria-labelledby="key-title">
<h2 id="key-title">This server shows its data to whoever has a key</h2>
<p>Ask its API with a signing key, in full or as its hash:</p>
<pre><code>curl -H "authorization: Bearer $SIGNING_KEY" $SERVER/v2/runs</code></pre>
<p>Send events with an event key:</p>
<pre><code>curl -X POST $SERVER/e/$EVENT_KEY -H "content-type: application/json" -d '{"name":"shop/order.created","data":{"id":1}}'</code></pre>
<p class="hint">The description of the API is at <code>/openapi.json</code>, with a signing key too.</p>
</section>
</main>
</body>
</html>
`

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
