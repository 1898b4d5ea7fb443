"""The table at the end of the story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings


def of(summary: Mapping[str, Any], passwords: Mapping[str, str]) -> str:
    """The summary as people read it."""
    return "\n".join(_lines(summary, passwords))


def _lines(summary: Mapping[str, Any], passwords: Mapping[str, str]) -> Iterator[str]:
    yield ""
    columns = {
        "golden": 8,
        "records": 9,
        "joined": 8,
        "to review": 11,
        "precision": 11,
        "recall": 8,
        "reviewed": 10,
        "naive F1": 10,
    }
    yield f"{'domain':<14}" + "".join(f"{title:>{width}}" for title, width in columns.items())
    for domain, row in summary["domains"].items():
        yield (
            f"{domain:<14}{row['golden']:>8,}{row['records']:>9,}{row['auto_merged']:>8,}{row['to_review']:>11,}"
            f"{row['precision']:>11.3f}{row['recall']:>8.3f}{row['reviewed']:>10.3f}{row['naive']:>10.3f}"
        )
    yield ""
    loaded, quarantine, faults, drift = (summary[name] for name in ("loaded", "quarantine", "faults", "drift"))
    yield "records in     " + ", ".join(f"{system} {count:,}" for system, count in summary["records"].items())
    yield "this run       " + ", ".join(f"{loaded[name]:,} {name}" for name in loaded) + f", {summary['events']:,} events"
    yield (
        f"quarantined    {quarantine['found']} of {quarantine['expected']} that must be, {quarantine['placeholders']} that stand"
        f" for nothing (Test, N/A), {quarantine['beyond']} others"
    )
    yield "pushed         " + ", ".join(f"{system} {count:,} rows" for system, count in summary["pushed"].items())
    yield f"writes         {', '.join(f'{name} {count:,}' for name, count in summary['pushes'].items())} in the twins on this run"
    yield (
        f"push faults    {faults['planted_permanent']} planted for good, {faults['dead_letters']} dead letters found,"
        f" {faults['dead_after_replay']} left after replay; {faults['planted_transient']} planted for a while, retried"
    )
    yield f"drift          {drift['planted']} planted, {drift['found']} found, {drift['left']} left after healing"
    stamps = summary["stamps"]
    yield f"stamps         {stamps['asked']:,} rows asked in the twins, {stamps['missing']} without their enterprise ID"
    yield from _people(summary)
    yield "seconds        " + ", ".join(f"{name} {seconds}" for name, seconds in summary["seconds"].items())
    yield ""
    yield from _ending(summary, passwords)


def _people(summary: Mapping[str, Any]) -> Iterator[str]:
    """What people did, and asked."""
    split, was = summary["split"], summary["as_of"]
    if split["answers"]:
        said = ", ".join(f"{answer['answer']} for {answer['key']}" for answer in split["answers"])
        yield f"split          {split['answers'][0]['asked']} held two things; asked for it, the hub now answers {said}"
    if was:
        yield (
            f"as of          {was['day']}: {was['enterprise_id']} was {was['name']!r}, said by {was['records']}"
            f" of its {was['records_now']} records; today it is {was['name_now']!r}"
        )


def _ending(summary: Mapping[str, Any], passwords: Mapping[str, str]) -> Iterator[str]:
    loaded = summary["loaded"]
    if not summary["first_run"] and not (
        loaded["created"] + loaded["updated"] + summary["events"] + sum(summary["pushes"].values())
    ):
        yield "Nothing changed: 0 created, 0 updated, 0 events, 0 pushes. Saying it twice changes nothing."
    yield f"http://localhost:{settings.PORT}/   " + "   ".join(f"{name} / {password}" for name, password in passwords.items())
