class Database:
    def init_app(self, app): ...


db = Database()
