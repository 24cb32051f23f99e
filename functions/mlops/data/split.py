"""Rows for training and rows for the test, apart."""

import pandas as pd
from sklearn.model_selection import train_test_split


def split(table: pd.DataFrame, target: str, share: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test rows, stratified by the target, `share` of them for the test. Seeded: same rows, same split."""
    train, test = train_test_split(table, test_size=share, random_state=seed, stratify=table[target])
    return train.sort_index(), test.sort_index()
