"""How far AWS's clock is ahead of this machine's.

Records, keys, links and schedules go by AWS's clock. `localaws tick` moves that of a local AWS days ahead, and this
machine's own may be wrong.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

# A Date header has whole seconds, and its answer was under way for some time.
_INACCURACY = timedelta(seconds=2)


def find_lead(headers: Mapping[str, str], received: datetime) -> timedelta:
    """The lead of the clock that wrote an answer's Date header, by names in lower case; zero if the clocks agree.

    `received` is when the answer came, by this machine's clock. An answer without a Date has no lead.
    """
    if "date" not in headers:
        return timedelta(0)
    lead = parsedate_to_datetime(headers["date"]) - received
    return lead if abs(lead) > _INACCURACY else timedelta(0)
