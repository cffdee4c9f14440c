def register(app):
    @app.cli.group()
    def translate():
        pass
