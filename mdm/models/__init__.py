"""Tables, constraints and query sets; one aggregate a file."""

from django.db.models import Field, ForeignObject

from mdm.models.any_of import AnyOf
from mdm.models.exchange.deliveries import Delivery
from mdm.models.exchange.drifts import Drift, ReconcileRun, ReconcileSeen
from mdm.models.exchange.events import Event
from mdm.models.exchange.jobs import Job
from mdm.models.exchange.schedules import Schedule, ScheduleTick
from mdm.models.golden.change_sets import ChangeSet, ChangeTrace
from mdm.models.golden.crosswalk import Crosswalk
from mdm.models.golden.decisions import Decision
from mdm.models.golden.enterprise_ids import IdAlias, Reservation
from mdm.models.golden.findings import Finding
from mdm.models.golden.goldens import Golden, GoldenVersion, IdLife
from mdm.models.golden.overrides import Override
from mdm.models.golden.pairs import MatchKey, MatchPair
from mdm.models.governance.audit import AuditEntry
from mdm.models.governance.change_requests import ChangeRequest, RequestComment
from mdm.models.governance.erasures import Erasure, Suppression
from mdm.models.governance.history_floors import HistoryFloor
from mdm.models.governance.idempotency import IdempotencyKey
from mdm.models.governance.quality_days import QualityDay
from mdm.models.governance.releases import DomainRelease, ReleaseProposal, Revisit
from mdm.models.governance.users import ApiToken, User
from mdm.models.intake.loads import Load
from mdm.models.intake.quarantine import QuarantinedRecord
from mdm.models.intake.resubmissions import Resubmission
from mdm.models.intake.source_records import SourceRecord, SourceVersion
from mdm.models.intake.sources import SourceObject, System

Field.register_lookup(AnyOf)
ForeignObject.register_lookup(AnyOf)

__all__ = [
    "ApiToken",
    "AuditEntry",
    "ChangeRequest",
    "ChangeSet",
    "ChangeTrace",
    "Crosswalk",
    "Decision",
    "Delivery",
    "DomainRelease",
    "Drift",
    "Erasure",
    "Event",
    "Finding",
    "Golden",
    "GoldenVersion",
    "HistoryFloor",
    "IdAlias",
    "IdLife",
    "IdempotencyKey",
    "Job",
    "Load",
    "MatchKey",
    "MatchPair",
    "Override",
    "QualityDay",
    "QuarantinedRecord",
    "ReconcileRun",
    "ReconcileSeen",
    "ReleaseProposal",
    "RequestComment",
    "Reservation",
    "Resubmission",
    "Revisit",
    "Schedule",
    "ScheduleTick",
    "SourceObject",
    "SourceRecord",
    "SourceVersion",
    "Suppression",
    "System",
    "User",
]
