"""Candidates come first as they are, then what Optuna suggests; hopeless trials are seen early."""

from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from mlops.spec.search_space import Between, Candidate
from mlops.training.search.suggestions import Suggestion, Suggestions

CANDIDATES = {
    "linear": Candidate(LogisticRegression(), {"C": Between(0.01, 100, log=True)}),
    "tree": Candidate(DecisionTreeClassifier(), {"max_depth": Between(1, 9), "criterion": ("gini", "entropy")}),
    "fixed": Candidate(LogisticRegression(fit_intercept=False)),
}


def take(suggestions: Suggestions, count: int, score: float | None = None) -> list[Suggestion]:
    """So many suggestions, each reported with the same score, or with one that depends on it."""
    taken: list[Suggestion] = []
    for suggestion in suggestions:
        if len(taken) == count:
            break
        taken.append(suggestion)
        found = len(repr(suggestion)) / 100 if score is None else score
        suggestions.report(suggestion, found, pruned=False)
    return taken


def test_each_candidate_is_tried_first_as_the_spec_has_it() -> None:
    first = take(Suggestions(CANDIDATES, 0), 3)
    assert [(each.candidate, each.parameters) for each in first] == [("linear", {}), ("tree", {}), ("fixed", {})]


def test_suggestions_lie_in_the_search_space_and_reach_every_candidate_that_has_one() -> None:
    later = take(Suggestions(CANDIDATES, 0), 20)[3:]
    assert {each.candidate for each in later} == {"linear", "tree"}
    linear, tree = ([each.parameters for each in later if each.candidate == name] for name in ("linear", "tree"))
    assert all(0.01 <= parameters["C"] <= 100 for parameters in linear)
    assert {parameters["max_depth"] for parameters in tree} <= set(range(1, 10))
    assert {parameters["criterion"] for parameters in tree} <= {"gini", "entropy"}


def test_the_same_seed_and_scores_make_the_same_suggestions_and_another_seed_others() -> None:
    assert take(Suggestions(CANDIDATES, 3), 15) == take(Suggestions(CANDIDATES, 3), 15)
    assert take(Suggestions(CANDIDATES, 3), 15) != take(Suggestions(CANDIDATES, 4), 15)


def test_candidates_without_a_search_space_are_tried_once() -> None:
    fixed = {name: Candidate(candidate.estimator) for name, candidate in CANDIDATES.items()}
    assert len(take(Suggestions(fixed, 0), 10)) == 3


def test_nothing_is_tried_twice_and_a_small_space_is_used_up() -> None:
    small = {"tree": Candidate(DecisionTreeClassifier(max_depth=2), {"max_depth": (2, 3, 4)})}
    taken = take(Suggestions(small, 0), 50, score=0.5)
    # The estimator's own value is among the three.
    assert sorted(each.parameters.get("max_depth", 2) for each in taken) == [2, 3, 4]


def test_a_trial_below_the_median_of_the_others_is_hopeless() -> None:
    suggestions = Suggestions(CANDIDATES, 0)
    verdicts = []
    for number, suggestion in enumerate(suggestions):
        score = [0.5, 0.1, 0.6, 0.7, 0.2, 0.9][number]
        verdicts.append(behind := suggestions.should_prune(score))
        suggestions.report(suggestion, score, pruned=behind)
        if number == 5:
            break
    # Not the first four, whatever they score: there's too little to compare with.
    assert verdicts == [False, False, False, False, True, False]


def test_what_is_fixed_is_never_hopeless() -> None:
    suggestions = Suggestions({"linear": Candidate(LogisticRegression())}, 0)
    assert [suggestions.should_prune(-1e9) for _ in suggestions] == [False]
