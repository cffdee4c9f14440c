"""A starter app: one page that tells which machine and which release answered."""

import os
import platform

from flask import Flask, render_template_string

app = Flask(__name__)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello from {{ host }}</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.1rem/1.6 system-ui, sans-serif;
         color: #1d2733; background: linear-gradient(160deg, #eef4fb, #dfe9f5); }
  main { background: #fff; padding: 2.5rem 3rem; border-radius: 1rem; box-shadow: 0 1rem 3rem #1d273322; }
  h1 { margin: 0 0 1rem; font-size: 1.8rem; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1.5rem; margin: 0; }
  dt { color: #5b6b7d; }
  dd { margin: 0; font-family: ui-monospace, monospace; }
</style>
<main>
  <h1>It works.</h1>
  <dl>
    <dt>Machine</dt><dd>{{ host }}</dd>
    <dt>Release</dt><dd>{{ release }}</dd>
  </dl>
</main>
</html>
"""


@app.get("/")
def page():
    """Tells them apart: reload, and the load balancer may send you to another machine."""
    return render_template_string(
        PAGE,
        host=platform.node(),
        release=os.environ.get("MULTIVAC_RELEASE", "not deployed yet"),
    )
