"""Saves a pandas pipeline as an MLflow model for `mlflow models serve`: `python mlflow_model.py FOLDER`."""

import random
import sys

import mlflow.sklearn
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

NUMBERS = ["lead_time", "nights", "adults", "previous_stays", "requests"]
CATEGORIES = ["country", "segment", "channel", "meal", "customer_type"]


def main() -> None:
    """Fit on made-up leads of the same shape, and save."""
    chance = random.Random(7)  # noqa: S311 - made-up numbers, no secret
    leads = pd.DataFrame(
        {name: [chance.uniform(0, 60) for _ in range(5000)] for name in NUMBERS}
        | {name: [f"{name}-{chance.randrange(12)}" for _ in range(5000)] for name in CATEGORIES}
    )
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    pipeline = make_pipeline(
        make_column_transformer((encoder, CATEGORIES), remainder="passthrough"),
        HistGradientBoostingClassifier(random_state=7),
    )
    pipeline.fit(leads, [chance.random() < 0.4 for _ in range(len(leads))])
    # Nothing but our own file is loaded again, by the server started next.
    mlflow.sklearn.save_model(pipeline, sys.argv[1], serialization_format="cloudpickle")


if __name__ == "__main__":
    main()
