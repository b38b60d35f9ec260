"""A real Postgres and a real Valkey from pip wheels, for machines that name no others; not for production."""

from customerops.embedded.sandbox import (
    ensure_secrets,
    ensure_servers,
    revive_servers,
    stop_servers,
)

__all__ = ["ensure_secrets", "ensure_servers", "revive_servers", "stop_servers"]
