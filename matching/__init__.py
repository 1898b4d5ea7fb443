"""The matching engine's front door: columns in, columns out. Callers use these names and no others.

standardise -> keys -> score -> cluster is the path of records; explain, clean, resolve, train and evaluate stand beside it.
"""

from __future__ import annotations

from matching.config.load import load_model
from matching.config.model import Model
from matching.errors import BadConfig, BadInput, MatchingError
from matching.explain import Explanation, explain
from matching.normalise.clean import KINDS as CLEAN_KINDS
from matching.normalise.clean import clean
from matching.pipeline.stages import cluster, evaluate, keys, resolve, score, standardise, train
from matching.types import BAND_NAMES, Cleaned, Clusters, Keys, Refusal, Scores, Standardised

__all__ = [
    "BAND_NAMES",
    "CLEAN_KINDS",
    "BadConfig",
    "BadInput",
    "Cleaned",
    "Clusters",
    "Explanation",
    "Keys",
    "MatchingError",
    "Model",
    "Refusal",
    "Scores",
    "Standardised",
    "clean",
    "cluster",
    "evaluate",
    "explain",
    "keys",
    "load_model",
    "resolve",
    "score",
    "standardise",
    "train",
]
