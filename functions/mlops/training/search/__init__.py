"""The search: which candidate, with which parameters, calibration and threshold.

winner.py              the story: run the trials, choose the winner, fit it
trials.py              the trials, one after another
scores.py              scores of fits that ran elsewhere, and which a search needs next
fan_out.py             a search whose fits run elsewhere, many at once
suggestions.py         what to try next: the candidates, then Optuna's suggestions
folds.py               cross-validation of one estimator
estimators.py          a candidate's estimator with a trial's parameters
boosting.py            estimators of XGBoost, LightGBM and CatBoost, made reproducible
compilable.py          candidates that can't be compiled, refused before the search
choice.py              the choice among the candidates
one_standard_error.py  the rule that prefers the simplest of equally good options
final_fit.py           the winner fitted, calibrated, with its threshold
calibrator.py          the calibration method
threshold.py           the threshold of a positive answer
cores.py               work on all cores, with results that don't depend on their number
"""

from mlops.training.search.winner import SearchResult, search

__all__ = ["SearchResult", "search"]
