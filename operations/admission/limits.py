"""How many workspaces an engine may have at the same time, by the settings."""

from django.conf import settings

# By the engine's short name.
SETTINGS = {
    "docker": "DOCKER_MAX_WORKSPACES",
    "kubernetes": "KUBERNETES_MAX_WORKSPACES",
    "local": "LOCAL_MAX_WORKSPACES",
    "swarm": "SWARM_MAX_WORKSPACES",
}


def limit_of(engine: str | None) -> int | None:
    """The most workspaces that the engine may have, or None without a limit."""
    name = SETTINGS.get(engine or "")
    return (getattr(settings, name) or None) if name else None


def limits() -> dict[str, int]:
    """The limits by engine; those without one are left out."""
    found = {engine: limit_of(engine) for engine in SETTINGS}
    return {engine: limit for engine, limit in found.items() if limit is not None}
