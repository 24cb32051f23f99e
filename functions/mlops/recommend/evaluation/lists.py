"""One model's lists for the test users, and how good each is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.recommend.metrics.ranking import RANKING_METRICS, Floats, Hits, find_hits
from mlops.recommend.models import ItemModel
from mlops.recommend.rank import rank
from mlops.recommend.split import Task


@dataclass(frozen=True, eq=False)
class Answers:
    """The lists [T, k] that a model answers test users with, and which places are relevant (bool) [T, k]."""

    lists: NDArray[np.int64]
    hits: Hits
    relevant: csr_array

    @property
    def k(self) -> int:
        """The length of a list."""
        return int(self.lists.shape[1])

    def take(self, rows: NDArray[np.int64]) -> "Answers":
        """The answers to some of the users."""
        return Answers(self.lists[rows], self.hits[rows], self.relevant[rows])

    def score(self, metric: str) -> Floats:
        """A ranking metric of each user [T]."""
        return RANKING_METRICS[metric](self.hits, np.diff(self.relevant.indptr))


def answer(model: ItemModel, trending: NDArray[np.int64], task: Task, k: int) -> Answers:
    """A model's answers to the users of a task, the `trending` items for those without a history."""
    return judge(rank(model, trending, task.histories, k), task.relevant)


def judge(lists: NDArray[np.int64], relevant: csr_array) -> Answers:
    """Lists [T, k] with the places where they are right."""
    return Answers(lists, find_hits(lists, relevant), relevant)
