"""A draft as the source of a recommender's spec."""

import json
from collections.abc import Iterator

from mlops.interactions import Rating
from mlops.recommend.draft.draft import InteractionDraft
from mlops.spec.recommender import CANDIDATES


def write_recommender_spec(draft: InteractionDraft, source: str) -> str:
    """The text of `functions/models/<name>.py` for a draft of the dataset named `source`."""
    roles = draft.roles
    imports = ["from mlops.interactions import Rating"] if draft.rating else []
    columns = (("user", roles.user), ("item", roles.item), ("time", roles.time), ("event", roles.event))
    lines = [
        f'"""Recommends items by what users did, from {source}; drafted by `mlops models new`."""',
        "",
        *imports,
        "from mlops.spec import RecommenderSpec",
        "",
        "spec = RecommenderSpec(",
        f"    name={_quote(draft.name)},",
        *(f"    {role}={_quote(column)}," for role, column in columns if column or role == "time"),
        *([f"    rating={_rating(draft.rating)},"] if draft.rating else []),
        "    # How much each event says: None shown only, 0 known, above 0 liked, below 0 disliked.",
        f"    events={{{', '.join(f'{_quote(name)}: {weight}' for name, weight in draft.events.items())}}},",
        *([f"    ignored=({', '.join(map(_quote, draft.ignored))},),"] if draft.ignored else []),
        f"    candidates={{{', '.join(f'{_quote(name)}: {{}}' for name in CANDIDATES)}}},  # simplest first",
        '    metric="ndcg",',
        *_rest(draft),
        "    floors={},  # the worst test metrics that a champion may have",
        ")",
    ]
    return "\n".join([*lines, ""])


def _rest(draft: InteractionDraft) -> Iterator[str]:
    if draft.split != "time":
        yield f"    split={_quote(draft.split)},"
    for name, value in draft.limits.items():
        yield f"    {name}={value},"


def _rating(rating: Rating | None) -> str:
    given = rating.model_dump(exclude_defaults=True) if rating else {}
    words = [f"{name}={_quote(value) if isinstance(value, str) else f'{value:g}'}" for name, value in given.items()]
    return f"Rating({', '.join(words)})"


def _quote(text: str | None) -> str:
    return "None" if text is None else json.dumps(text, ensure_ascii=False)
