"""The whole demo, plan by plan: never more of it in memory than one plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from exports.demo.activities import Activity, activities
from exports.demo.counts import Headcount, Tally, headcounts_and_tallies
from exports.demo.people import Person
from exports.demo.places import Plan, apportion, chance, plans
from exports.demo.registrations import Registrations


@dataclass(frozen=True)
class World:
    """Everything that follows from a seed and a number of participants (one row per plan and person)."""

    seed: int
    participants: int

    @cached_property
    def plans(self) -> list[Plan]:
        return plans(self.seed)

    @cached_property
    def activities(self) -> list[list[Activity]]:
        """By plan, in the order of the plans."""
        return activities(self.seed, self.plans)

    @cached_property
    def counts(self) -> list[int]:
        """How many participants each plan has registered."""
        rng = chance(self.seed, "counts")
        return apportion(self.participants, [weight * rng.uniform(0.8, 1.2) for weight in self._consents])

    def registrations(self) -> Iterator[Registrations]:
        """Each plan's participants. Read one plan to its end before the next: a few people take part in both."""
        known: list[Person] = []
        for plan, made, count in zip(self.plans, self.activities, self.counts, strict=True):
            registrations = Registrations(self.seed, plan, made, count, known)
            yield registrations
            known = registrations.also_next

    def headcounts_and_tallies(self, registrations: Registrations) -> Iterator[Headcount | Tally]:
        """Of a plan whose participants have been read."""
        rng = chance(self.seed, "headcounts", registrations.plan.number)
        typical = self.participants / sum(self._consents)
        return headcounts_and_tallies(rng, registrations.plan, registrations.activities, registrations.valid, typical)

    @cached_property
    def _consents(self) -> list[float]:
        """Activities whose participants consented, in whole activities, by plan."""
        return [plan.consent_share * len(made) for plan, made in zip(self.plans, self.activities, strict=True)]
