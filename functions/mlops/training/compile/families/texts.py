"""Words counted in texts: CountVectorizer and TfidfVectorizer, from the text itself to the counts."""

from itertools import chain
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from mlops.training.compile.columns import Columns
from mlops.training.compile.families.filling import weigh_counts
from mlops.training.compile.graph import MICROSOFT, ML, Graph
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor
from mlops.training.compile.walk import Transformer, Walk

# Python's \w is exactly what Unicode calls letters and numbers, and the underscore.
_PATTERNS = {r"(?u)\b\w\w+\b": r"[\p{L}\p{N}_]{2,}", r"(?u)\b\w+\b": r"[\p{L}\p{N}_]+"}
# The two letters whose lower case isn't one other letter: Python writes the first as two, and the second as a final
# sigma at a word's end. ONNX Runtime writes each as one, whatever is around it.
_DOTTED, _DOTTED_LOWER = "İ", "i̇"
_SIGMAS = "σς"
_LOCALE = "C.UTF-8"


def _counted(estimator: CountVectorizer, columns: Columns, walk: Walk) -> Columns:
    counts = _counts(estimator, columns, walk)
    return counts.mixed(len(estimator.vocabulary_))


def _weighed(estimator: TfidfVectorizer, columns: Columns, walk: Walk) -> Columns:
    return weigh_counts(estimator._tfidf, _counts(estimator, columns, walk)).mixed(len(estimator.vocabulary_))


def _counts(estimator: CountVectorizer, columns: Columns, walk: Walk) -> Tensor:
    """[N, words]: how often each word, or n words in a row, is in each text."""
    (column,) = columns
    if column.raw is None:
        raise walk.failure("it takes a text column as it is; put no step before it")
    if walk.is_optional(column.origin):
        raise walk.failure(f"it raises where {column.origin!r} is missing; make that column required")
    known = sorted(estimator.vocabulary_, key=estimator.vocabulary_.__getitem__)
    if estimator.lowercase and any(letter in word for word in known for letter in _SIGMAS):
        raise walk.failure("its words have the Greek letter sigma, whose capital has two forms; set lowercase=False")
    walk.texts.append((column.origin, _sample(known)))
    text = Tensor(
        walk.graph, walk.graph.node("Gather", "categories", walk.graph.constant(column.raw, np.int64), axis=1)
    )
    # Texts without a word at all still make a row of one empty word.
    ended = text.node("StringConcat", text.constant(" ", np.str_))
    lowered = _lower(ended) if estimator.lowercase else ended
    words = lowered.node(
        "Tokenizer",
        domain=MICROSOFT,
        mark=0,
        pad_value="",
        mincharnum=1,
        tokenexp=_PATTERNS[estimator.token_pattern],
    )
    nothing = text.equals(text).where(text.constant("", np.str_), text.constant("", np.str_)).expand(1)
    found = _grams(estimator, words.beside(nothing), known).double()
    return (found > 0.0).double() if estimator.binary else found


def _grams(estimator: CountVectorizer, words: Tensor, known: list[str]) -> Tensor:
    """[N, known] float32: how often each known sequence of words occurs."""
    least, most = estimator.ngram_range
    split = [sequence.split(" ") for sequence in known]
    codes = {word: code for code, word in enumerate(sorted(set(chain.from_iterable(split))))}
    pool: list[int] = []
    places: list[int] = []
    starts = []
    for length in range(1, most + 1):
        starts.append(len(pool))
        for place, sequence in enumerate(split):
            if len(sequence) == length:
                pool += [codes[word] for word in sequence]
                places.append(place)
    numbered = words.node(
        "LabelEncoder", domain=ML, keys_strings=list(codes), values_int64s=list(codes.values()), default_int64=-1
    )
    return numbered.node(
        "TfIdfVectorizer",
        mode="TF",
        min_gram_length=least,
        max_gram_length=most,
        max_skip_count=0,
        ngram_counts=starts,
        ngram_indexes=places,
        pool_int64s=pool,
    )


def _lower(text: Tensor) -> Tensor:
    """[N]: the text in lower case, as Python writes it but for a sigma at a word's end."""
    parts = text.node("StringSplit", delimiter=_DOTTED, others=("_count",))
    counts = Tensor(text.graph, f"{parts.name}_count")
    rounds = parts.node("Shape", start=1, end=2) - parts.constant([1], np.int64)
    always = text.constant(True, np.bool_)
    first = parts.node("Gather", parts.constant(0, np.int64), axis=1)
    joined = rounds.squeeze(0).node(
        "Loop", always, first, parts, counts, others=("_parts", "_counts"), body=_join_next()
    )
    return joined.node("StringNormalizer", case_change_action="LOWER", is_case_sensitive=1, locale=_LOCALE)


def _join_next() -> Any:
    """The body of the loop over a text's parts: the next one is appended, after the letter that stood before it."""
    graph = Graph("part_")
    text, parts, counts = (Tensor(graph, name) for name in ("text", "parts", "counts"))
    number = Tensor(graph, "number") + text.constant(1, np.int64)
    letter = text.constant(_DOTTED_LOWER, np.str_)
    part = parts.node("Gather", number, axis=1)
    longer = text.node("StringConcat", letter).node("StringConcat", part)
    after = (counts > number).where(longer, text)
    kinds: dict[str, tuple[int, list[str | int]]] = {
        "condition": (TensorProto.BOOL, []),
        "text": (TensorProto.STRING, ["N"]),
        "parts": (TensorProto.STRING, ["N", "P"]),
        "counts": (TensorProto.INT64, ["N"]),
    }
    kept = {"condition": Tensor(graph, "condition"), "text": after, "parts": parts, "counts": counts}
    inputs = [helper.make_tensor_value_info("number", TensorProto.INT64, [])]
    inputs += [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in kinds.items()]
    outputs = {
        tensor.node("Identity").name: helper.make_tensor_value_info(f"{name}_out", *kinds[name])
        for name, tensor in kept.items()
    }
    return graph.assemble("part", inputs, outputs)


def _sample(known: list[str]) -> str:
    """A text of known words in capitals, with what parts words and what doesn't."""
    words = known[:: max(1, len(known) // 20)][:20]
    return f"{' '.join(words).upper()}, İ{words[0]} {words[-1]}İ{words[0]}; a_b ÄÖÜ-ß é\u0301 42nd {words[-1].title()}"


def _known(estimator: Any) -> str | None:
    if estimator.analyzer != "word" or estimator.tokenizer is not None or estimator.preprocessor is not None:
        return "it cuts texts otherwise than into words; leave analyzer, tokenizer and preprocessor out"
    if estimator.token_pattern not in _PATTERNS:
        patterns = " or ".join(map(repr, _PATTERNS))
        return f"its words are what {estimator.token_pattern!r} matches, which has no exact conversion; use {patterns}"
    if estimator.strip_accents is not None:
        return "it strips accents, which has no exact conversion; leave strip_accents out"
    if estimator.input != "content":
        return "it reads files; leave input out"
    if estimator.stop_words is not None and estimator.ngram_range[1] > 1:
        return "it joins the words around those that it leaves out; leave stop_words out, or use ngram_range=(1, 1)"
    return None


TRANSFORMERS: dict[type, Transformer] = {CountVectorizer: _counted, TfidfVectorizer: _weighed}
RULES: dict[type, Rule] = {CountVectorizer: _known, TfidfVectorizer: _known}
