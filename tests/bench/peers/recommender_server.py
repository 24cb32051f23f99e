"""What one writes by hand: FastAPI and `implicit`'s ALS. The route is asynchronous, as that is faster here than handing
each request to the thread pool; the user's factors are solved for from the history that the request brings.
"""

import os

import numpy as np
from fastapi import FastAPI
from implicit.cpu.als import AlternatingLeastSquares
from pydantic import BaseModel
from scipy.sparse import csr_matrix

model = AlternatingLeastSquares.load(os.environ["ALS"])
items = model.item_factors.shape[0]
app = FastAPI()


class Event(BaseModel):
    """What the user did with an item."""

    item: str
    event: str


class Body(BaseModel):
    """A history."""

    history: list[Event]
    k: int = 10


@app.post("/recommend")
async def recommend(body: Body) -> dict[str, list[dict[str, str | float]]]:
    """The best items that aren't in the history, with their scores."""
    places = [int(event.item) for event in body.history]
    history = csr_matrix((np.ones(len(places), np.float32), places, [0, len(places)]), shape=(1, items))
    found, scores = model.recommend(0, history, N=body.k, recalculate_user=True, filter_already_liked_items=True)
    return {"items": [{"item": str(item), "score": float(score)} for item, score in zip(found, scores, strict=True)]}
