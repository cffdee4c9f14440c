from flask import Flask

from shop.extensions import db
from shop import views


def create_app() -> Flask:
    app = Flask(__name__)
    db.init_app(app)
    app.register_blueprint(views.pages)
    return app
