"""Checks the declared domains, says what changed ones would do, releases them, and goes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import releases
from mdm.actions.governance.releasing import proposals
from mdm.engine import releases as released
from mdm.engine.releases import model_of
from mdm.management.progress import Progress
from mdm.models import DomainRelease, ReleaseProposal, SourceRecord, User
from mdm.readers.governance.releasing import plan as planning
from mdm.rules.governance import domains
from mdm.rules.governance.domains import DomainSpec
