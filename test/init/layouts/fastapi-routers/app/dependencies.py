async def get_query_token(token: str = ""):
    return token
