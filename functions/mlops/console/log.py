"""What the console logs: who signed in, and who changed what."""

from mlops.registry.aliases import Alias
from mlops.telemetry import make_logger

logger = make_logger()


def log_sign_in(name: str | None, by: str) -> None:
    """A sign-in by "key", "token" or "link"; `name` is None if it was refused."""
    logger.info("sign-in" if name else "sign-in refused", extra={"record": "sign-in", "name_of_key": name, "by": by})


def log_move(model: str, name: str, alias: Alias) -> None:
    """A move of an alias."""
    move = alias.history[-1]
    fields = {"record": "move", "model": model, "alias": name, **move.model_dump(mode="json")}
    logger.info("an alias was moved", extra=fields)


def log_redrive(subject: str, by: str, why: str, what: str) -> None:
    """A redrive of a queue's dead letters or of a batch."""
    logger.info("a redrive", extra={"record": "redrive", "subject": subject, "by": by, "why": why, "what": what})
