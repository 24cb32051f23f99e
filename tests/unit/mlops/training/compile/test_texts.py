from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from mlops.contract import Column, Contract, Target
from mlops.errors.training import CompilationFailed
from mlops.training.compile import check_compilable, check_parity, compile_estimator, probe_rows

WORDS = [
    "good",
    "bad",
    "Straße",
    "ÉCOLE",
    "istanbul",
    "stanbul",
    "i",
    "東京",
    "don't",
    "it's",
    "nice_day",
    "42nd",
    "İstanbul",
    "xİy",
    "new",
    "york",
    "the",
    "and",
    "DŽ",
    "\u017f",
    "K",
    "½",
]
ENDS = ["!", "", " ...", "İ", "\n"]
VECTORIZERS = [
    CountVectorizer(),
    CountVectorizer(lowercase=False, binary=True, token_pattern=r"(?u)\b\w+\b"),
    CountVectorizer(ngram_range=(2, 3)),
    TfidfVectorizer(),
    TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2),
    TfidfVectorizer(stop_words="english", norm="l1", max_features=10),
    TfidfVectorizer(use_idf=False, norm=None),
]


def contract(*, required: bool = True) -> Contract:
    columns = (Column(name="review", kind="category", required=required), Column(name="stars"))
    return Contract(columns=columns, target=Target(name="sold", task="binary", labels=("yes", "no"), positive="yes"))


def reviews(words: list[str] = WORDS) -> tuple[pd.DataFrame, Any]:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, rng.integers(1, 15))) + rng.choice(ENDS) for _ in range(200)]
    rows = pd.DataFrame({"review": texts, "stars": rng.integers(0, 5, 200).astype(float)})
    return rows, np.where(rows["review"].str.contains(words[0]) ^ (rows["stars"] > 2), "yes", "no")


def model(vectorizer: Any) -> Pipeline:
    columns = [("words", vectorizer, "review"), ("stars", "passthrough", ["stars"])]
    return make_pipeline(ColumnTransformer(columns), LogisticRegression())


@pytest.mark.parametrize("vectorizer", VECTORIZERS, ids=str)
def test_words_are_counted_exactly_from_the_text_on(vectorizer: Any) -> None:
    rows, labels = reviews()
    fitted = model(vectorizer).fit(rows, labels)
    compiled = compile_estimator(fitted, contract())
    assert compile_estimator(fitted, contract()) == compiled
    probes = probe_rows(fitted, contract(), rows, np.random.default_rng(1), 800)
    assert check_parity(fitted, contract(), compiled, probes).difference < 1e-12
    odd = [
        "...",
        "?",
        "Hello",
        "İİİ",
        "ΣΑΣ",
        "naïve\u00a0good",
        "good\tbad",
        "GOOD-Bad",
        "e\u0301cole",
        "\U0001d4a2ood \U00010400",
    ]
    for texts in (odd, odd[:1], odd[3:4]):
        asked = pd.DataFrame({"review": texts, "stars": 1.0})
        assert check_parity(fitted, contract(), compiled, asked).difference < 1e-12


def test_a_vocabulary_with_sigma_is_refused_since_its_capital_has_two_forms() -> None:
    rows, labels = reviews(["καλός", "κακός", "σπίτι"])
    with pytest.raises(CompilationFailed, match="sigma"):
        compile_estimator(model(CountVectorizer()).fit(rows, labels), contract())
    compile_estimator(model(CountVectorizer(lowercase=False)).fit(rows, labels), contract())


def test_a_text_that_may_be_missing_is_refused() -> None:
    rows, labels = reviews()
    with pytest.raises(CompilationFailed, match="raises where 'review' is missing"):
        compile_estimator(model(CountVectorizer()).fit(rows, labels), contract(required=False))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"analyzer": "char"}, "otherwise than into words"),
        ({"tokenizer": str.split, "token_pattern": None}, "otherwise than into words"),
        ({"token_pattern": r"\S+"}, "no exact conversion; use"),
        ({"strip_accents": "unicode"}, "strips accents"),
        ({"stop_words": "english", "ngram_range": (1, 2)}, "leave stop_words out"),
    ],
    ids=str,
)
def test_other_ways_to_cut_texts_are_refused_before_the_search(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(CompilationFailed, match=reason):
        check_compilable(model(TfidfVectorizer(**options)), contract(), "candidate 'words'")
