"""A Flask application made by a factory, in a package with templates and static files."""

import os

from flask import Flask, render_template


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def index():
        return render_template("index page.html", greeting=os.environ.get("GREETING", ""))

    return app


application = create_app()
