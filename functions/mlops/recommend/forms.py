"""The form in which a model is served: as it is if that's small enough, or with its strongest weights only."""

from mlops.recommend.candidates.sparse_rows import prune
from mlops.recommend.models import DenseItems, Factors, ItemModel, Popularity, SparseItems

BYTES_A_PAIR = 8
"""Of a sparse model: the index and the value."""
MODEL_SHARE = 0.6
"""The share of a version's size that its model may have; histories and the index of items have the rest."""


def fit_to_size(model: ItemModel, size_mb: float) -> ItemModel:
    """The model itself, or the strongest weights of each item that a version of `size_mb` has room for."""
    room = int(MODEL_SHARE * size_mb * 1e6)
    if model_bytes(model) <= room:
        return model
    most = room // (BYTES_A_PAIR * model.count)
    if isinstance(model, DenseItems) and most >= 1:
        return prune(model, most)
    if isinstance(model, SparseItems) and most >= 1:
        return SparseItems(model.indices[:, :most], model.values[:, :most])
    return model


def model_bytes(model: ItemModel) -> int:
    """How many bytes the model's numbers take."""
    match model:
        case DenseItems():
            return model.weights.nbytes
        case SparseItems():
            return model.indices.nbytes + model.values.nbytes
        case Factors():
            return model.factors.nbytes
        case Popularity():
            return model.popularity.nbytes
        case _:
            raise TypeError(f"{type(model).__name__} is no item model")
