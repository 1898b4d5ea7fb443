"""The command line, a contract: bad input gives exit code 2, one line a problem on stderr, and no output file."""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from matching.config.load import load_model, write_model, write_whole
from matching.errors import BadInput, MatchingError
from matching.explain.pair import explain
from matching.pipeline.explaining import grown
from matching.pipeline.judging import evaluation_of, reliability_of, table_of
from matching.pipeline.labels import read_clusters, read_labels
from matching.pipeline.resolve import WORTH_SHARING, Resolution, resolve
from matching.pipeline.steps import standardise
from matching.pipeline.tables import ids_of, link_of, mapped_columns, read_table, write_table
from matching.pipeline.train import checked_labels, train
from matching.types import BAND_NAMES

BAD_INPUT = 2


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    # One command, one process: looking through millions of values for cycles that are not there takes seconds.
    gc.disable()
    try:
        summary = options.run(options)
    except MatchingError as error:
        for problem in error.problems:
            _say(f"{options.command}: {' '.join(problem.split())}")
        return BAD_INPUT
    print(json.dumps(summary, ensure_ascii=False))  # noqa: T201  the last line of stdout is the contract
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description="Find the records that are about the same thing.")
    commands = parser.add_subparsers(dest="command", required=True)
    resolving = _command(commands, "resolve", _resolve, "put records into clusters")
    resolving.add_argument("--output", type=Path, required=True, help="clusters: .parquet or .csv, one row an input id")
    resolving.add_argument("--pairs", type=Path, help="also write all pairs from the review level up")
    resolving.add_argument(
        "--report", type=Path, metavar="FILE.json", help="also write how blocking went: pairs by key family, what none may find"
    )
    resolving.add_argument("--link", metavar="COLUMN", help="only records that differ in this column may be the same")
    resolving.add_argument("--threads", type=int, default=None, help="processes that share the work (default: one a core)")
    training = _command(commands, "train", _train, "learn a model's weights and frequencies")
    training.add_argument("--output", type=Path, required=True, help="the new model: .yaml or .json")
    training.add_argument("--labels", type=Path, help="decided pairs: id_a,id_b,match")
    training.add_argument(
        "--false-merges",
        type=float,
        metavar="SHARE",
        help="with --labels: set the automatic threshold so that at most this is wrong",
    )
    training.add_argument(
        "--population", type=int, metavar="N", help="records that the model is for, when the input is a sample of them"
    )
    training.add_argument("--threads", type=int, default=None, help="processes that share the work (default: one a core)")
    training.add_argument("--link", metavar="COLUMN", help="only learn from records that differ in this column")
    explaining = _command(commands, "explain", _explain, "say why two records match or do not, or how a cluster came about")
    asked = explaining.add_mutually_exclusive_group(required=True)
    asked.add_argument("--pair", nargs=2, metavar="ID", help="why these two match or do not, or were never compared")
    asked.add_argument("--cluster", metavar="ID", help="how the cluster of this record grew; resolves the whole input for it")
    explaining.add_argument("--link", metavar="COLUMN", help="with --cluster: as resolve took it")
    evaluating = commands.add_parser("evaluate", help="compare clusters with the truth")
    evaluating.set_defaults(run=_evaluate)
    evaluating.add_argument("output", type=Path, help="what resolve wrote")
    evaluating.add_argument("--truth", type=Path, required=True, help="id,cluster or id_a,id_b,match")
    evaluating.add_argument("--pairs", type=Path, help="the pairs that resolve wrote: also say how true their probabilities are")
    evaluating.add_argument("--link", metavar="COLUMN", help="count only pairs that differ in this column of the truth")
    return parser


def _command(commands: Any, name: str, run: Any, words: str) -> argparse.ArgumentParser:
    """A command that takes an input file and a model."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    parser.set_defaults(run=run)
    parser.add_argument("input", type=Path, help="CSV or Parquet with a unique column id")
    parser.add_argument("--model", required=True, help="a shipped name, or a YAML or JSON file")
    parser.add_argument("--map", nargs="+", default=[], metavar="OLD=NEW", help="column OLD is the model's attribute NEW")
    return parser


def _inputs(options: argparse.Namespace) -> tuple[Any, Any, list[str], dict[str, Any]]:
    """Model, table, ids and columns by attribute; all problems of the command line at once."""
    problems: list[str] = []
    loaded: dict[str, Any] = {}
    for name, load in (
        ("model", lambda: load_model(options.model)),
        ("table", lambda: read_table(options.input)),
        ("names", lambda: _names(options.map)),
    ):
        try:
            loaded[name] = load()
        except MatchingError as error:
            problems += error.problems
    if "table" in loaded:
        try:
            loaded["ids"] = ids_of(loaded["table"], options.input)
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    columns, notes = mapped_columns(loaded["model"], loaded["table"], loaded["names"])
    for note in notes:
        _say(f"note: {note}")
    return loaded["model"], loaded["table"], loaded["ids"], columns


def _names(maps: Sequence[str]) -> dict[str, str]:
    wrong = [text for text in maps if not all(text.partition("="))]
    if wrong:
        raise BadInput([f"--map {text} must look like OLD=NEW" for text in wrong])
    return {old: new for old, _, new in (text.partition("=") for text in maps)}


def _writable(*paths: Path | None) -> None:
    """Refuse before the work what could not be written after it."""
    problems = []
    for path in paths:
        if path is not None and not path.parent.is_dir():
            problems.append(f"there is no folder {path.parent} to write {path.name} into")
        elif path is not None and path.is_dir():
            problems.append(f"{path} is a folder, not a file")
    if problems:
        raise BadInput(problems)


def _resolve(options: argparse.Namespace) -> dict[str, Any]:
    began = perf_counter()
    _writable(options.output, options.pairs, options.report)
    model, table, ids, columns = _inputs(options)
    link = link_of(table, options.link)
    read = perf_counter() - began
    found = resolve(
        model, columns, ids=ids, link=link, with_report=options.report is not None, threads=_threads(options, len(ids))
    )
    if found.folded:
        _say(f"note: {found.folded} records are identical to two others each; of their pairs those with the first one are listed")
    writing = perf_counter()
    _write_resolution(options, ids, found)
    ended = perf_counter()
    seconds = {"read": round(read, 3), **found.seconds, "write": round(ended - writing, 3), "total": round(ended - began, 3)}
    clusters = int(found.clusters.labels.max()) + 1 if ids else 0
    return {
        "records": len(ids),
        "pairs_compared": found.pairs_compared,
        "clusters": clusters,
        "pairs_auto": int((found.band == 2).sum()),
        "pairs_review": int((found.band == 1).sum()),
        "unions_refused": len(found.clusters.refused),
        "key_families": {name: family.to_dict() for name, family in found.families.items()},
        "seconds": seconds,
        "peak_rss_mb": _peak_mb(),
        "model": f"{model.name} {model.version}",
    }


def _threads(options: argparse.Namespace, records: int) -> int:
    """How many processes share the work; with few records that would cost more than it saves."""
    if options.threads is not None and options.threads < 1:
        raise BadInput(f"--threads must be at least 1, not {options.threads}")
    return (options.threads or os.cpu_count() or 1) if records >= WORTH_SHARING else 1


def _write_resolution(options: argparse.Namespace, ids: Sequence[str], found: Resolution) -> None:
    """The clusters last: when they are there, everything is."""
    import pyarrow as pa

    names = pa.array(ids, pa.string())
    if options.report and found.blocking:
        write_whole(json.dumps(found.blocking.to_dict(), indent=1, ensure_ascii=False) + "\n", options.report)
    if options.pairs:
        bands = pa.array(BAND_NAMES).take(pa.array(found.band))
        pairs = {
            "id_a": names.take(pa.array(found.left)),
            "id_b": names.take(pa.array(found.right)),
            "weight": found.weight,
            "probability": found.probability,
            "band": bands,
        }
        write_table(pairs, options.pairs)
    labels = pa.array([f"c{number}" for number in range(len(ids))], pa.string()).take(pa.array(found.clusters.labels))
    write_table({"id": names, "cluster_id": labels, "probability": found.clusters.strength}, options.output)


def _peak_mb() -> int:
    # Linux counts kilobytes here.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _sensible(options: argparse.Namespace) -> None:
    share, population = options.false_merges, options.population
    if share is not None and not (options.labels and 0 < share < 1):
        raise BadInput(f"--false-merges {share:g} needs --labels, and a share between 0 and 1")
    if population is not None and population < 1:
        raise BadInput(f"--population must be at least 1, not {population}")


def _train(options: argparse.Namespace) -> dict[str, Any]:
    began = perf_counter()
    _writable(options.output)
    if options.output.suffix not in {".yaml", ".yml", ".json"}:
        raise BadInput(f"--output {options.output} must end in .yaml, .yml or .json")
    _sensible(options)
    model, table, ids, columns = _inputs(options)
    trained = train(
        model,
        columns,
        labels=checked_labels(ids, *read_labels(options.labels)) if options.labels else None,
        false_merges=options.false_merges,
        link=link_of(table, options.link),
        date=(today := datetime.now(UTC).date().isoformat()),
        source=options.input.name,
        population=options.population,
        threads=_threads(options, len(ids)),
    )
    if kept := trained.provenance.get("false_merges", {}).get("kept"):
        _say(f"note: {kept}")
    trained = replace(trained, version=f"{model.version}+{today}")
    write_model(trained, options.output)
    total = round(perf_counter() - began, 3)
    return {
        "records": len(ids),
        "labels": trained.provenance.get("labels", {}).get("pairs", 0) if options.labels else 0,
        "training": dict(trained.provenance.get("training", {})),
        "thresholds": {"auto": trained.thresholds.auto, "review": trained.thresholds.review},
        "seconds": {"total": total},
        "peak_rss_mb": _peak_mb(),
    }


def _explain(options: argparse.Namespace) -> dict[str, Any]:
    model, table, ids, columns = _inputs(options)
    asked = options.pair or [options.cluster]
    known = {one: row for row, one in enumerate(ids)}
    if missing := [one for one in asked if one not in known]:
        raise BadInput([f"there is no record with id {one!r}" for one in missing])
    if options.pair:
        # Only the two records are standardised: an explanation must not cost the whole file.
        two = {name: column.take([known[one] for one in asked]) for name, column in columns.items()}
        explanation = explain(model, standardise(model, two), 0, 1)
        sys.stdout.write(explanation.text() + "\n")
        return {"pair": list(options.pair), **explanation.to_dict()}
    found = grown(model, columns, known[asked[0]], ids=ids, link=link_of(table, options.link))
    sys.stdout.write(found.text() + "\n")
    return {"cluster": options.cluster, **found.to_dict()}


def _evaluate(options: argparse.Namespace) -> dict[str, Any]:
    predicted = read_clusters(options.output)
    figures = evaluation_of(predicted, options.truth, options.link)
    if options.pairs is None:
        return figures
    found = reliability_of(options.pairs, options.truth, options.link)
    sys.stdout.write(table_of(found) + "\n")
    return {**figures, "reliability": found}
