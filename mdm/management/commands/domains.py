"""Checks the declared domains, says what changed ones would do, releases them, and goes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import releases
from mdm.actions.governance.releasing import proposals, rematch
from mdm.engine import releases as released
from mdm.engine.releases import model_of
from mdm.management.progress import Progress
from mdm.models import ReleaseProposal, Revisit, SourceRecord, User
from mdm.readers.governance.releasing import plan as planning
from mdm.rules.governance import domains
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.releasing.release_limits import Limits, exceeded
from mdm.rules.governance.releasing.release_states import ReleaseStatus


class Command(BaseCommand):
    help = (
        "domains check: report every problem of every file; domains plan: what changed files would do to all that is stored, and "
        "with --as propose them; domains release: release what changed, by a second person where records are; domains rollback: "
        "propose a former release again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["check", "plan", "release", "rollback"])
        parser.add_argument("domain", nargs="?", default="", help="this one only")
        parser.add_argument("--folder", type=Path, default=settings.DOMAINS_FOLDER)
        parser.add_argument("--as", dest="name", default="", metavar="NAME", help="who proposes, or who approves")
        parser.add_argument("--reason", default="", help="why")
        parser.add_argument("--to", type=int, default=0, metavar="NUMBER", help="rollback: the former release")
        parser.add_argument("--force", action="store_true", help="release although it lies above the limits; takes a reason")
        parser.add_argument("--now", action="store_true", help="release: bring records over here, and not by the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "rollback":
            self._roll_back(options)
            return
        specs = domains.read(options["folder"], known=_besides(options["folder"], options["act"]))
        for spec in specs:
            model_of(spec)
        if options["act"] == "check":
            self.stdout.write(f"{len(specs)} domains are well declared: {', '.join(spec.name for spec in specs)}.")
            return
        chosen = [spec for spec in specs if options["domain"] in ("", spec.name)]
        if not chosen:
            raise CommandError(f"{options['folder']} declares no domain {options['domain']!r}.")
        problems = [found for spec in chosen for found in self._each(spec, options)]
        if options["now"]:
            self._carry_out()
        if problems:
            raise CommandError("\n".join(problems))

    def _each(self, spec: DomainSpec, options: dict[str, Any]) -> Iterator[str]:
        """One domain of the files; yields what is in the way."""
        proposal = ReleaseProposal.objects.filter(domain=spec.name, status=ReleaseStatus.PROPOSED.value).first()
        if not _is_changed(spec) and not (proposal and proposal.returns_to and options["act"] == "release"):
            self.stdout.write(f"{spec.name}: unchanged")
        elif options["act"] == "plan" and not released.hash_of(spec.name):
            self.stdout.write(f"{spec.name}: new; there is nothing to plan, release it")
        elif options["act"] == "plan":
            self._plan(spec, options)
        elif not SourceRecord.objects.filter(domain=spec.name).exists():
            row = releases.publish(spec=spec, actor=permissions.machine(), at=timezone.now())
            self.stdout.write(f"{spec.name}: " + (f"release {row.number}" if row else "unchanged"))
        elif proposal is None or not (proposal.returns_to or _digest(spec) == proposal.content_hash):
            remedy = f"Run `domains plan {spec.name} --as NAME --reason TEXT`, then release it as somebody else."
            yield f"{spec.name}: nobody has planned this change, and records are stored under the present release. {remedy}"
        else:
            self._approve(proposal, options)

    def _plan(self, spec: DomainSpec, options: dict[str, Any]) -> None:
        progress = Progress(f"planning {spec.name}", self.stderr)  # type: ignore[arg-type]
        if not options["name"]:
            number = released.current(spec.name).number + 1
            said = released.said_by(spec)
            self._show(spec.name, planning.plan(spec.name, said, number=number, at=timezone.now(), told=progress.stage))
            return
        actor = _person(options["name"])
        row = proposals.propose(spec=spec, reason=options["reason"], actor=actor, at=timezone.now())
        self._planned(row, actor, progress)

    def _planned(self, row: ReleaseProposal, actor: User, progress: Progress) -> None:
        row = proposals.plan(proposal_id=row.pk, actor=actor, at=timezone.now(), told=progress.stage)
        self._show(row.domain, row.plan or {})
        self.stdout.write(
            f"{row.domain}: proposed as {row.pk}; somebody else releases it: `domains release {row.domain} --as NAME`."
        )

    def _approve(self, proposal: ReleaseProposal, options: dict[str, Any]) -> None:
        said = {"reason": options["reason"], "force": options["force"]}
        row = proposals.approve(proposal_id=proposal.pk, actor=_person(options["name"]), at=timezone.now(), **said)
        is_done = row.status == ReleaseStatus.RELEASED
        self.stdout.write(f"{row.domain}: release {row.number}" + ("" if is_done else "; the workers bring records over to it"))

    def _roll_back(self, options: dict[str, Any]) -> None:
        if not (options["domain"] and options["to"] and options["name"]):
            raise CommandError("rollback takes a domain, --to NUMBER, --as NAME and --reason TEXT.")
        actor = _person(options["name"])
        said = {"domain": options["domain"], "to": options["to"], "reason": options["reason"]}
        row = proposals.roll_back(**said, actor=actor, at=timezone.now())
        self._planned(row, actor, Progress(f"planning {row.domain}", self.stderr))  # type: ignore[arg-type]

    def _carry_out(self) -> None:
        """Do the work of the workers, until nothing is left."""
        progress = Progress("bringing over", self.stderr)  # type: ignore[arg-type]
        while rematch.rematch_next(actor=permissions.machine(), at=timezone.now()):
            progress.stage("records left", Revisit.objects.count())
        self.stdout.write("Everything is brought over.")

    def _show(self, domain: str, plan: dict[str, Any]) -> None:
        """The plan as lines of text, and what of it lies above the limits."""
        self.stdout.write(
            f"{domain}: changed: {', '.join(plan['parts'])}; touches: {', '.join(plan['stages']) or 'nothing stored'}"
        )
        for part in ("records", "pairs", "goldens", "ids", "decisions", "targets"):
            counts = {name.replace("_", " "): said for name, said in plan[part].items() if not isinstance(said, dict)}
            self.stdout.write(f"  {part:<10}" + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
        for name, found in plan["examples"].items():
            for each in found:
                self.stdout.write(f"  e.g. {name}: " + "; ".join(f"{key} {_text(said)}" for key, said in each.items()))
        limits = released.current(domain).spec.release_limits or Limits()
        for sentence in exceeded(limits, plan):
            self.stdout.write(f"  above the limits: {sentence}")


def _text(said: Any) -> str:
    return ", ".join(str(each or "a new one") for each in said) if isinstance(said, list) else str(said)


def _digest(spec: DomainSpec) -> str:
    return released.digest(released.said_by(spec))


def _is_changed(spec: DomainSpec) -> bool:
    """Whether the file says something else than the present release, or there is none."""
    return released.hash_of(spec.name) != _digest(spec)


def _person(name: str) -> User:
    found = User.objects.filter(name=name, is_active=True).first()
    if found is None:
        raise CommandError(f"There is nobody called {name!r}." if name else "Say who you are: --as NAME.")
    return found


def _besides(folder: Path, act: str) -> dict[str, str]:
    """What else there is, with its prefixes: the files of a folder need not repeat the domains they refer to.

    To plan and release, what was released; to check, which works without a database, what the hub declares itself.
    """
    if act != "check":
        return {name: released.current(name).spec.prefix for name in released.domains()}
    return {} if folder == settings.DOMAINS_FOLDER else {spec.name: spec.prefix for spec in domains.read(settings.DOMAINS_FOLDER)}
