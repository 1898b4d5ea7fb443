"""The matching engine's front door: columns in, columns out. Callers use these names and no others.

standardise -> keys -> score -> cluster is the path of records; explain, clean, resolve, train and evaluate stand beside it.
"""

from __future__ import annotations

from matching.blocking.keys import keys
from matching.cluster.components import components
from matching.config.load import load_model
from matching.config.model import Model
from matching.errors import BadConfig, BadInput, MatchingError
from matching.evaluate import Evaluation, evaluate
from matching.explain.growth import growth
from matching.explain.pair import Explanation, explain, explain_against
from matching.incremental.index import Change, IncrementalIndex
from matching.normalise.cleaning.values import clean
from matching.pipeline.partition import partition, regroup
from matching.pipeline.resolve import Resolution, resolve
from matching.pipeline.steps import cluster, cluster_metrics, standardise
from matching.pipeline.train import train
from matching.score.fellegi_sunter import score
from matching.types import Cleaned, Clusters, Keys, Scores, Standardised

__all__ = [
    "BadConfig",
    "BadInput",
    "Change",
    "Cleaned",
    "Clusters",
    "Evaluation",
    "Explanation",
    "IncrementalIndex",
    "Keys",
    "MatchingError",
    "Model",
    "Resolution",
    "Scores",
    "Standardised",
    "clean",
    "cluster",
    "cluster_metrics",
    "components",
    "evaluate",
    "explain",
    "explain_against",
    "growth",
    "keys",
    "load_model",
    "partition",
    "regroup",
    "resolve",
    "score",
    "standardise",
    "train",
]
