from app import db


class User(db.Model):
    pass


class Post(db.Model):
    pass
