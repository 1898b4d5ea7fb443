"""Random histories: records come, change, go and return, people decide and change their minds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mdm.actions.golden import decisions
from mdm.engine.preparing import Incoming
from mdm.models import Decision, MatchPair, User
from mdm.rules.golden.pair_states import ARROWS, PairStatus
from tests.factories import organisations
from tests.factories.records import send
from tests.factories.times import later


@dataclass(slots=True)
class History:
    """One history. `live`: what every system holds now, by (system, native id); `steps` counts what was done."""

    chance: random.Random
    steward: User
    made: Sequence[organisations.Organisation]
    live: dict[tuple[str, str], Incoming] = field(default_factory=dict)
    gone: dict[tuple[str, str], Incoming] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    number: int = 0

    def run(self, steps: int, *, people: bool = True) -> None:
        acts = [self.arrive, self.arrive, self.change, self.change, self.leave, self.return_]
        acts += [self.decide, self.decide, self.undo] if people else []
        for _ in range(steps):
            act = self.chance.choice(acts)
            if act():
                self.steps[act.__name__] = self.steps.get(act.__name__, 0) + 1

    def arrive(self) -> bool:
        fresh = organisations.records(self.chance, self.made, self.chance.randrange(1, 6))
        numbered = [replace(said, native_id=f"h{self._next():05d}") for said in fresh]
        return self._send(numbered)

    def change(self) -> bool:
        """Half of the changes are small, half make the record another organisation's."""
        if not self.live:
            return False
        old = self.live[self.chance.choice(sorted(self.live))]
        fresh = organisations.records(self.chance, self.made, 1)[0].payload
        payload = fresh if self.chance.random() < 0.5 else {**old.payload, "city": fresh.get("city", "Leeds")}
        return self._send([replace(old, payload=dict(payload))])

    def leave(self) -> bool:
        if not self.live:
            return False
        key = self.chance.choice(sorted(self.live))
        self.gone[key] = self.live.pop(key)
        send(replace(self.gone[key], is_deleted=True, payload={}), at=later(self._next()))
        return True

    def return_(self) -> bool:
        return bool(self.gone) and self._send([self.gone.pop(self.chance.choice(sorted(self.gone)))])

    def decide(self) -> bool:
        pairs = list(MatchPair.objects.exclude(status__in=["SAME", "DIFFERENT"]).order_by("left__key", "right__key"))
        if not pairs:
            return False
        pair = self.chance.choice(pairs)
        verdict = self.chance.choice(sorted(ARROWS[PairStatus(pair.status)] - {PairStatus.OPEN}))
        decisions.decide(pair_id=pair.pk, verdict=verdict, seen_version=pair.version, actor=self.steward, at=later(self._next()))
        return True

    def undo(self) -> bool:
        standing = list(Decision.objects.filter(undone_at=None).order_by("id"))
        if not standing:
            return False
        decisions.undo(decision_id=self.chance.choice(standing).pk, actor=self.steward, at=later(self._next()))
        return True

    def _send(self, incoming: list[Incoming]) -> bool:
        send(*incoming, at=later(self._next()))
        for said in incoming:
            self.live[said.system, said.native_id] = said
            self.gone.pop((said.system, said.native_id), None)
        return True

    def _next(self) -> int:
        self.number += 1
        return self.number
