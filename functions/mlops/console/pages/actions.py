"""What people change: each form moves one alias, by the same code as the command line, and leaves who, when and why."""

from collections.abc import Callable
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mlops.console.log import log_move
from mlops.console.page import HOME, link_to
from mlops.console.pages.forms import read_number, read_reason
from mlops.console.pages.request import Model, readers_of
from mlops.console.readers.registry import Registry
from mlops.console.session.gate import Form, Operator
from mlops.errors.console import FormInvalid, RequestForged
from mlops.errors.registry import AliasNotFound, ChallengeRefused, NothingBefore
from mlops.registry.aliases import CHALLENGER, CHAMPION, OUT_OF_SERVICE, Alias
from mlops.registry.canary import CanaryPlan, start_canary
from mlops.registry.challenge import challenge, withdraw
from mlops.registry.promotion import approve_version, promote_version, roll_back

router = APIRouter()
MOST_DAYS = 90
"""Of a canary."""
_PATH = f"{HOME}/models/{{model}}"
_SEE_OTHER = 303


@router.post(f"{_PATH}/promote")
def promote(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """Make a version the champion, one that failed its gates only if `insist` is on."""
    registry, number = readers_of(request).registry, read_number(form, "version")
    alias = promote_version(
        registry.versions(model),
        registry.aliases(model),
        number,
        by=session.name,
        why=read_reason(form),
        insist=form.get("insist") == "on",
        seen_moves=read_number(form, "moves"),
    )
    return _done(registry, model, CHAMPION, alias)


@router.post(f"{_PATH}/approve")
def approve(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """Make a version the champion that waits for a person's approval."""
    registry, number, why = readers_of(request).registry, read_number(form, "version"), read_reason(form)
    versions, aliases = registry.versions(model), registry.aliases(model)
    alias = approve_version(versions, aliases, number, by=session.name, why=why, seen_moves=read_number(form, "moves"))
    return _done(registry, model, CHAMPION, alias)


@router.post(f"{_PATH}/rollback")
def rollback(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """Make the previous champion the champion again; `version` is the one that's replaced."""
    registry, why = readers_of(request).registry, read_reason(form)
    versions, aliases = registry.versions(model), registry.aliases(model)
    alias = roll_back(versions, aliases, by=session.name, why=why, instead_of=read_number(form, "version"))
    return _done(registry, model, CHAMPION, alias)


@router.post(f"{_PATH}/challenge")
def start_challenge(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """Make a version the challenger: in the shadow, or with a share of the requests in percent."""
    registry, number, why = readers_of(request).registry, read_number(form, "version"), read_reason(form)
    versions, aliases, moves = registry.versions(model), registry.aliases(model), read_number(form, "moves")
    alias = challenge(versions, aliases, number, share=_share(form), by=session.name, why=why, seen_moves=moves)
    return _done(registry, model, CHALLENGER, alias)


@router.post(f"{_PATH}/canary")
def begin_canary(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """Let a version answer a share of the requests until it's promoted, withdrawn, or its days are over."""
    registry, number, why = readers_of(request).registry, read_number(form, "version"), read_reason(form)
    days, share = read_number(form, "days"), _share(form)
    if not 0 < share < 1 or not 1 <= days <= MOST_DAYS:
        raise FormInvalid("percent, days", f"a canary has a share between 0 and 100 %, for 1 to {MOST_DAYS} days")
    versions, aliases = registry.versions(model), registry.aliases(model)
    aliases.find(CHALLENGER, read_number(form, "moves"))
    plan = CanaryPlan(share=share, lasts=timedelta(days=days))
    return _done(registry, model, CHALLENGER, start_canary(versions, aliases, number, plan, by=session.name, why=why))


@router.post(f"{_PATH}/withdraw")
def withdraw_challenger(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """Remove the challenger."""
    registry = readers_of(request).registry
    why, moves = read_reason(form), read_number(form, "moves")
    alias = withdraw(registry.aliases(model), by=session.name, why=why, seen_moves=moves)
    return _done(registry, model, CHALLENGER, alias)


@router.post(f"{_PATH}/undo")
def undo(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """Move an alias back to where its last move came from."""
    registry, name = readers_of(request).registry, form.get("alias", "")
    if name not in _UNDO:
        raise RequestForged("there is no such alias")
    moves, why = read_number(form, "moves"), read_reason(form)
    seen = registry.aliases(model).find(name, moves)
    if seen is None:
        raise AliasNotFound(model, name)
    return _done(registry, model, name, _UNDO[name](registry, model, seen, session.name, why))


def _undo_champion(registry: Registry, model: str, seen: Alias, by: str, why: str) -> Alias:
    """Back to the version that the last move replaced."""
    move = seen.history[-1]
    if move.previous is None:
        raise NothingBefore(model, move.version)
    versions, aliases = registry.versions(model), registry.aliases(model)
    return roll_back(versions, aliases, by=by, why=why, to=move.previous, instead_of=move.version)


def _undo_challenger(registry: Registry, model: str, seen: Alias, by: str, why: str) -> Alias:
    """Back to the challenger before the last move, with its share; to none, if there was none.

    Raises ChallengeRefused where a canary was accepted or would have to go on: its trial is over.
    """
    versions, aliases, moves = registry.versions(model), registry.aliases(model), len(seen.history)
    move, before = seen.history[-1], seen.history[-2] if moves > 1 else None
    if move.action == "acceptance":
        raise ChallengeRefused(model, move.version, "its canary was accepted: undo the champion's move instead")
    if move.canary or before is None or before.action in OUT_OF_SERVICE:
        return withdraw(aliases, by=by, why=why, seen_moves=moves)
    if before.canary:
        raise ChallengeRefused(model, before.version, "its canary is over; start another one")
    return challenge(versions, aliases, before.version, share=before.share, by=by, why=why, seen_moves=moves)


_UNDO: dict[str, Callable[[Registry, str, Alias, str, str], Alias]] = {
    CHAMPION: _undo_champion,
    CHALLENGER: _undo_challenger,
}


def _done(registry: Registry, model: str, name: str, alias: Alias) -> Response:
    """To the table of versions, whose history begins with the move."""
    registry.forget(model)
    log_move(model, name, alias)
    return RedirectResponse(link_to(model, "versions", moved=name), _SEE_OTHER)


def _share(form: Form) -> float:
    given = form.get("percent", "")
    try:
        share = float(given) / 100
    except ValueError:
        raise FormInvalid("percent", "it's no number") from None
    if not 0 <= share <= 1:
        raise FormInvalid("percent", "it's between 0 and 100")
    return share
