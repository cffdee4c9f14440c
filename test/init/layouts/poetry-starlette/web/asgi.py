from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


def build():
    return Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))])


application = build()
