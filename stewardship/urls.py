"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from stewardship.views import (
    erasures,
    gallery,
    history,
    home,
    loads,
    quality,
    quarantine,
    records,
    reservations,
    resubmissions,
    review,
    settings,
    sync,
)

app_name = "stewardship"

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", home.healthz, name="healthz"),
    path("review/", review.queue, name="queue"),
    path("review/next", review.take_next, name="next"),
    path("review/done/", review.done, name="done"),
    path("review/<int:pair_id>/", review.focus, name="pair"),
    path("review/<int:pair_id>/decision", review.decide, name="decide"),
    path("review/<int:pair_id>/skip", review.skip, name="skip"),
    path("review/<int:pair_id>/hold", review.hold, name="hold"),
    path("review/decisions/<int:decision_id>/undo", review.undo, name="undo"),
    path("records/", records.search, name="search"),
    path("records/<str:enterprise_id>/", records.record, name="record"),
    path("records/<str:enterprise_id>/then/", history.then, name="then"),
    path("records/<str:enterprise_id>/compare/", history.compare, name="compare"),
    path("reservations/", reservations.listing, name="reservations"),
    path("reservations/reserve", reservations.reserve, name="reserve"),
    path("reservations/renew", reservations.renew, name="renew"),
    path("reservations/release", reservations.release, name="release"),
    path("quarantine/", quarantine.listing, name="quarantine"),
    path("quarantine/<int:quarantined_id>/", quarantine.one, name="quarantined"),
    path("quarantine/<int:quarantined_id>/mend", quarantine.mend, name="mend"),
    path("quarantine/<int:quarantined_id>/discard", quarantine.discard, name="discard"),
    path("quarantine/resubmit/", resubmissions.start, name="resubmit"),
    path("quarantine/resubmissions/<int:run_id>/", resubmissions.one, name="resubmission"),
    path("quality/", quality.overview, name="quality"),
    path("quality/<str:domain>/", quality.domain, name="quality-domain"),
    path("quality/<str:domain>/records/", quality.records, name="faulty"),
    path("erasures/", erasures.listing, name="erasures"),
    path("erasures/<int:erasure_id>/", erasures.one, name="erasure"),
    path("erasures/<int:erasure_id>/confirm", erasures.confirm, name="erasure-confirm"),
    path("erasures/<int:erasure_id>/cancel", erasures.cancel, name="erasure-cancel"),
    path("erasures/<int:erasure_id>/lift", erasures.lift, name="erasure-lift"),
    path("loads/", loads.listing, name="loads"),
    path("loads/<int:load_id>/", loads.one, name="load"),
    path("sync/", sync.board, name="sync"),
    path("sync/dead/", sync.dead, name="dead"),
    path("sync/stuck/", sync.stuck, name="stuck"),
    path("sync/dead/replay", sync.replay, name="replay"),
    path("drift/", sync.drift, name="drift"),
    path("settings/", settings.settings, name="settings"),
    path("help/shortcuts/", settings.shortcuts, name="shortcuts"),
    path("ui-components/", gallery.gallery, name="gallery"),
]
