class Settings:
    API_V1_STR: str = "/api/v1"
    SENTRY_DSN: str | None = None


settings = Settings()
