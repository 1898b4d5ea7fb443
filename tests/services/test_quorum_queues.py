"""On RabbitMQ the hub's queues are replicated ones, declared by whoever comes first."""

from __future__ import annotations

import pytest
from amqp.exceptions import PreconditionFailed
from django.conf import settings
from kombu import Connection

from mdm.celery import app
from tests.services.conftest import NAMED

pytestmark = pytest.mark.skipif(not NAMED["CELERY_BROKER_URL"].startswith("amqp"), reason="the broker is no RabbitMQ")


@pytest.mark.parametrize("name", settings.CELERY_TASK_QUEUES)
def test_a_queue_is_a_quorum_queue(name):
    with Connection(NAMED["CELERY_BROKER_URL"]) as link:
        app.amqp.queues[name].bind(link.default_channel).declare()

        with pytest.raises(PreconditionFailed, match=r"x-queue-type.*quorum"):
            link.default_channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-queue-type": "classic"})
