import numpy as np
from scipy.sparse import csr_array

from mlops.recommend.candidates.sparse_rows import prune, strongest
from mlops.recommend.models import DenseItems


def test_the_strongest_of_each_row_are_kept_the_lower_column_first_among_equals() -> None:
    columns, values = strongest(csr_array(np.array([[1.0, -3.0, 2.0, 2.0], [0, 0, 5.0, 0]])), 3)
    assert columns.tolist() == [[1, 2, 3], [2, 0, 0]]
    assert values.tolist() == [[-3, 2, 2], [5, 0, 0]]


def test_rows_without_anything_are_filled_with_zeros() -> None:
    columns, values = strongest(csr_array((2, 4)), 3)
    assert (columns.tolist(), values.tolist()) == ([[0], [0]], [[0.0], [0.0]])


def test_a_pruned_model_has_the_strongest_weights_of_each_item() -> None:
    weights = np.array([[0, -5, 1, 2], [3, 0, 1, 2], [1, 1, 0, -7], [9, 8, 7, 0]], dtype=np.float32)
    pruned = prune(DenseItems(weights), 2)
    assert pruned.indices.tolist()[0] == [1, 3]
    assert pruned.values.tolist()[0] == [-5, 2]
    assert np.abs(pruned.values).sum(axis=1).tolist() == [7, 5, 8, 17]
    whole = prune(DenseItems(weights), 4)
    items = np.array([0, 3])
    assert whole.scores(items, np.ones(2)).tolist() == DenseItems(weights).scores(items, np.ones(2)).tolist()
