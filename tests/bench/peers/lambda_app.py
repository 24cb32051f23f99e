"""What one writes by hand for Lambda: FastAPI behind Mangum, a forest from S3 by boto3, a DataFrame of the rows."""

import io
import os

import boto3
import joblib
import pandas as pd
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel

stored = boto3.client("s3").get_object(Bucket=os.environ["MODELS_BUCKET"], Key="forest.joblib")
forest = joblib.load(io.BytesIO(stored["Body"].read()))
app = FastAPI()


class Body(BaseModel):
    """Rows by column name."""

    rows: list[dict[str, float]]


@app.post("/predict")
async def predict(body: Body) -> dict[str, list[list[float]]]:
    """The probabilities of each row."""
    table = pd.DataFrame(body.rows)[list(forest.feature_names_in_)]
    return {"probabilities": forest.predict_proba(table).tolist()}


handler = Mangum(app, lifespan="off")
