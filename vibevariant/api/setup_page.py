"""What the first run shows: one button, and then the token, the key and a first experiment to paste."""

from __future__ import annotations

from html import escape

from vibevariant.api.page import page
from vibevariant.experiments.catalog import Project

TITLE = "VibeVariant"


def welcome(token: str, *, first_run: bool = True, email: str = "", fault: str = "") -> str:
    """The page behind a link that is still good."""
    said = f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    head, button = (
        ("Welcome to VibeVariant", "Start using VibeVariant")
        if first_run
        else ("Sign in to VibeVariant", "Sign in as the owner")
    )
    return page(
        TITLE,
        f"""<h1>{head}</h1>
<p>One click, and this browser is signed in as the owner of this appliance. You get a project with its token, and a
secret key for your programs.</p>{said}
<form method="post" action="/setup" class="card">
<input type="hidden" name="token" value="{escape(token)}">
<details{" open" if fault or email else ""}><summary>Set an e-mail address and a password (optional)</summary>
<p class="soft">To sign in elsewhere later. Without them, <code>vibevariant setup-link</code> prints a new link
whenever you need one.</p>
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" value="{escape(email)}">
<label for="password">Password, at least 10 characters</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="10" maxlength="1024">
</details>
<button type="submit" autofocus>{button}</button>
</form>""",
    )


def expired(reason: str = "This link has been used, or is older than 30 minutes.") -> str:
    """The page behind a link that is good no longer."""
    return page(
        TITLE,
        f"""<h1>This link does not open anything</h1>
<p>{escape(reason)}</p>
<p>Run this where VibeVariant runs, with the same data directory, and open the link that it prints:</p>
<pre><code>vibevariant setup-link</code></pre>
<p class="soft">The API needs no link: <a href="/docs">its documentation</a>.</p>""",
    )


def ready(project: Project | None, secret_key: str, address: str) -> str:
    """What the owner takes away: this is the only time that the key is shown."""
    token = project.token if project else "vv_proj_…"
    place = f"?project={project.key}" if project else ""
    named = f'"project": "{project.key}", ' if project else ""
    site = (
        f"""<h3>Project token of <code>{escape(project.key)}</code></h3><pre><code>{escape(token)}</code></pre>
<p class="soft">Public: it stands in your pages. It assigns visitors and sends events, and nothing else.</p>"""
        if project
        else "<p>There is no project; make one with <code>POST /api/v1/projects</code>.</p>"
    )
    lines = f"""KEY={secret_key}
TOKEN={token}

# 1. An experiment with two arms, started
curl {address}/api/v1/experiments -H "Authorization: Bearer $KEY" \\
  -d '{{{named}"key": "hero", "arms": [{{"key": "control"}}, {{"key": "bold"}}], "goal": "signup", "start": true}}'

# 2. A visitor gets an arm, is shown it, and reaches the goal
curl {address}/api/v1/assign -H "Authorization: Bearer $TOKEN" \\
  -d '{{"visitor_id": "visitor-1", "experiments": ["hero"], "expose": true}}'
curl {address}/api/v1/events -H "Authorization: Bearer $TOKEN" \\
  -d '{{"visitor_id": "visitor-1", "name": "signup"}}'

# 3. What is known so far, and what to do
curl "{address}/api/v1/experiments/hero/results{place}" -H "Authorization: Bearer $KEY\""""
    return page(
        TITLE,
        f"""<h1>You are signed in</h1>
<p>Keep the secret key now: only its hash is stored, and it is not shown again.</p>
<div class="card"><h3>Secret key</h3><pre><code>{escape(secret_key)}</code></pre>
<p class="soft">For servers and programs: it opens everything. Never put it into a page.</p>
{site}</div>
<h2>A first experiment, to paste into a terminal</h2>
<pre tabindex="0"><code>{escape(lines)}</code></pre>
<p><a href="/docs">The documentation of the API</a> says what else there is.</p>""",
    )
