"""Addresses of REST version 1."""

from __future__ import annotations

from django.urls import path

from mdm.api.v1.exchange import events, sync
from mdm.api.v1.golden import (
    acts,
    changes,
    crosswalk,
    findings,
    goldens,
    hierarchies,
    history,
    ids,
    matches,
    overrides,
    pairs,
    reservations,
)
from mdm.api.v1.governance import erasures, quality
from mdm.api.v1.intake import quarantine, records, resubmissions

urlpatterns = [
    path("records:batch", records.batch, name="api-records-batch"),
    path("records/<str:system>/<str:object>/<path:native_id>", records.one, name="api-record"),
    path("crosswalk:lookup", crosswalk.lookup, name="api-crosswalk-lookup"),
    path("crosswalk/<str:system>/<str:object>/<path:native_id>", crosswalk.one, name="api-crosswalk"),
    path("golden/<str:domain>", goldens.page, name="api-goldens"),
    path("golden/<str:domain>/<str:enterprise_id>:compare", history.compare, name="api-golden-compare"),
    path("golden/<str:domain>/<str:enterprise_id>:split", acts.split, name="api-golden-split"),
    path("golden/<str:domain>/<str:enterprise_id>:move", acts.move, name="api-golden-move"),
    path("golden/<str:domain>/<str:enterprise_id>/hierarchy", hierarchies.hierarchy, name="api-golden-hierarchy"),
    path("golden/<str:domain>/<str:enterprise_id>", goldens.one, name="api-golden"),
    path("ids:reserve", reservations.reserve, name="api-ids-reserve"),
    path("ids:renew", reservations.renew, name="api-ids-renew"),
    path("ids:release", reservations.release, name="api-ids-release"),
    path("reservations", reservations.page, name="api-reservations"),
    path("ids/<path:name>", ids.one, name="api-id"),
    path("golden/<str:domain>/<str:enterprise_id>/overrides", overrides.of_golden, name="api-overrides"),
    path("overrides/<int:override_id>:release", overrides.release, name="api-override-release"),
    path("merges", acts.merge, name="api-merges"),
    path("merges:preview", acts.preview, name="api-merges-preview"),
    path("changes", changes.page, name="api-changes"),
    path("changes/<int:change_id>", changes.one, name="api-change"),
    path("changes/<int:change_id>:undo", changes.undo, name="api-change-undo"),
    path("changes/<int:change_id>:unmerge", changes.unmerge, name="api-change-unmerge"),
    path("findings", findings.page, name="api-findings"),
    path("findings/<int:finding_id>:accept", findings.accept, name="api-finding-accept"),
    path("match", matches.match, name="api-match"),
    path("events", events.feed, name="api-events"),
    path("pairs", pairs.page, name="api-pairs"),
    path("pairs/<int:pair_id>:decide", pairs.decide, name="api-pair-decide"),
    path("pairs/<int:pair_id>:undo", pairs.undo, name="api-pair-undo"),
    path("quarantine", quarantine.page, name="api-quarantine"),
    path("quarantine/<int:quarantined_id>", quarantine.one, name="api-quarantined"),
    path("quarantine/<int:quarantined_id>:resubmit", quarantine.resubmit, name="api-quarantined-resubmit"),
    path("quarantine/<int:quarantined_id>:discard", quarantine.discard, name="api-quarantined-discard"),
    path("quarantine:resubmit", resubmissions.start, name="api-resubmissions"),
    path("quarantine/resubmissions/<int:run_id>", resubmissions.one, name="api-resubmission"),
    path("quality", quality.overview, name="api-quality"),
    path("quality/<str:domain>", quality.one, name="api-quality-domain"),
    path("erasures", erasures.listed, name="api-erasures"),
    path("erasures/<int:erasure_id>", erasures.one, name="api-erasure"),
    path("erasures/<int:erasure_id>:confirm", erasures.confirm, name="api-erasure-confirm"),
    path("erasures/<int:erasure_id>:cancel", erasures.cancel, name="api-erasure-cancel"),
    path("erasures/<int:erasure_id>:lift", erasures.lift, name="api-erasure-lift"),
    path("sync", sync.targets, name="api-sync"),
    path("sync/dead-letters", sync.dead_letters, name="api-dead-letters"),
    path("sync/dead-letters:replay", sync.replay, name="api-dead-letters-replay"),
]
