"""What one writes by hand: FastAPI, a forest from joblib, named rows. The route is asynchronous, as that is faster here
than handing each request to the thread pool.
"""

import json
import os

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

forest = joblib.load(os.environ["FOREST"])
columns = json.loads(os.environ["COLUMNS"])
app = FastAPI()


class Body(BaseModel):
    """Rows by column name."""

    rows: list[dict[str, float]]


@app.post("/predict")
async def predict(body: Body) -> dict[str, list[list[float]]]:
    """The probabilities of each row."""
    matrix = np.array([[row[name] for name in columns] for row in body.rows])
    return {"probabilities": forest.predict_proba(matrix).tolist()}
