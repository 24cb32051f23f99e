"""What a probe is, and what its outcome is: right, refused by name, silently wrong, or crashed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from tests.bench.rivals.cloud import Cloud

AWS = "https://docs.aws.amazon.com"
# How the clouds say that they don't have something, e.g. "Local AWS supports AuthType NONE, not AWS_IAM".
_NAMED = re.compile(
    r"not (?:yet )?(?:been )?(?:implemented|supported|emulated)|n't (?:supported|support|implemented|have)|unsupported|"
    r"\bsupports .*, not |does not (?:support|have)|NotImplemented|Unknown ?Operation|Unknown action|InvalidAction",
    re.IGNORECASE | re.DOTALL,
)


class Differs(AssertionError):
    """The cloud did something, but not what AWS's documentation says."""


class Refused(Exception):
    """The cloud said what it doesn't have."""


class Outcome(StrEnum):
    """What became of a probe."""

    RIGHT = "right"
    REFUSED = "refused by name"
    WRONG = "silently wrong"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Probe:
    """A small, independent question. `page` is the page of AWS's documentation that has the right answer."""

    area: str
    name: str
    title: str
    page: str
    run: Callable[[Cloud], None]


PROBES: list[Probe] = []


def probe(page: str) -> Callable[[Callable[[Cloud], None]], Callable[[Cloud], None]]:
    """Register a function as a probe: its docstring is the title, its module the area."""

    def register(run: Callable[[Cloud], None]) -> Callable[[Cloud], None]:
        area = run.__module__.rpartition(".")[2]
        title = (run.__doc__ or "").strip().splitlines()[0].rstrip(".")
        PROBES.append(Probe(area, run.__name__, title, f"{AWS}/{page}", run))
        return run

    return register


def expect(found: Any, documented: Any, what: str = "") -> None:
    """Raise Differs unless what was found is what AWS documents."""
    if found != documented:
        raise Differs(f"{what + ': ' if what else ''}{found!r:.150} instead of {documented!r:.150}")


def judge(each: Probe, cloud: Cloud) -> tuple[Outcome, str]:
    """Run a probe; returns its outcome, and what was wrong.

    An error that names what the cloud doesn't have is a refusal. A 5xx without a name, an answer that no SDK can read,
    a broken connection or none within a minute is a crash. Any other error, for a request that AWS accepts, is wrong.
    """
    try:
        each.run(cloud)
    except Differs as error:
        return Outcome.WRONG, str(error)
    except Refused as error:
        return Outcome.REFUSED, str(error)
    except ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if _NAMED.search(f"{error.response['Error'].get('Code')} {error}"):
            return Outcome.REFUSED, str(error)
        return Outcome.CRASHED if status >= 500 or not status else Outcome.WRONG, str(error)
    except (BotoCoreError, ResponseParserError, OSError, HTTPException) as error:
        return Outcome.CRASHED, f"{type(error).__name__}: {error}"
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # A member that AWS's answer has is absent, or of another form.
        return Outcome.WRONG, f"the answer has another form: {type(error).__name__} {error}"
    return Outcome.RIGHT, ""
