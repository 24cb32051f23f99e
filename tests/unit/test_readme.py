"""The README's model spec is one that trains, and its files and commands exist."""

import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from mlops.intake.training import Upload
from mlops.registry.manifest.manifest import Code
from mlops.registry.store import open_store
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from mlops.tracking.mirror import NoMirror
from mlops.training.flow import Trainer

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def churn(rows: int) -> pd.DataFrame:
    """Customers who leave the sooner, the more they complain."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "months": random.integers(0, 120, rows),
            "spend": random.gamma(2, 20, rows).round(2),
            "complaints": random.poisson(1.5, rows),
        }
    )
    leaves = 2 * table["complaints"] - table["months"] / 20 + random.normal(0, 0.5, rows) > 1
    return table.assign(churned=np.where(leaves, "yes", "no"))


def test_the_models_spec_trains_a_champion() -> None:
    (source,) = [block for block in blocks("python") if "ModelSpec" in block]
    scope: dict[str, ModelSpec] = {}
    exec(source, scope)
    trainer = Trainer(
        store=open_store("memory://"),
        mirror=NoMirror(),
        load_for_serving=partial(Scorer.load, max_rows=100),
        now=lambda: datetime.now(UTC),
        progress=lambda _: None,
    )
    content = churn(1_000).to_csv(index=False).encode()
    upload = Upload(uri="s3://data/datasets/churn/churn.csv", s3_version="1", content=content)
    outcome = trainer.train(upload, scope["spec"], Code(sha256="0" * 64, commit="unknown"))
    assert outcome.standing == "promoted", outcome.manifest.gates


def test_every_path_that_is_named_exists() -> None:
    named = re.findall(r"`((?:functions|layers|scripts|tests|docs|\.ci)/[\w./-]*)`", README)
    named += re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
