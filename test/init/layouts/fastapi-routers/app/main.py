from fastapi import Depends, FastAPI

from .dependencies import get_query_token
from .internal import admin
from .routers import items

app = FastAPI(dependencies=[Depends(get_query_token)])

app.include_router(items.router)
app.include_router(admin.router, prefix="/admin", tags=["admin"])


@app.get("/healthz")
async def health():
    return "ok"
