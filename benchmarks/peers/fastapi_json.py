"""FastAPI walking a model.json in plain Python: no key, reasons or metrics. `MODEL_JSON` names the file."""

import os
from bisect import bisect_right
from datetime import datetime
from math import exp
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from pydantic import BaseModel

CARD = orjson.loads(Path(os.environ["MODEL_JSON"]).read_bytes())["card"]
PLAN = [
    (
        term["bins"]["spec"]["input"],
        term["bins"]["edges"],
        {name: 1 + k for k, name in enumerate(term["bins"]["categories"])},
        term["table"],
    )
    for term in CARD["terms"]
]
PAIRS = [(pair["first"], pair["second"], pair["table"]) for pair in CARD["pairs"]]

app = FastAPI()


class Lead(BaseModel):
    """The same body as ours."""

    attributes: dict[str, str | float | bool | None] = {}
    source: str = ""
    created_at: datetime | None = None


@app.post("/predict")
async def predict(lead: Lead) -> dict[str, Any]:
    """The probability alone."""
    total, codes = CARD["base"], []
    for name, edges, named, table in PLAN:
        value = lead.attributes.get(name)
        code = named.get(value, 0) if edges is None else bisect_right(edges, value) + 1
        codes.append(code)
        total += table[code]
    for first, second, grid in PAIRS:
        total += grid[codes[first]][codes[second]]
    return {"probability": 1 / (1 + exp(-total))}
