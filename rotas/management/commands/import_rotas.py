"""`manage.py import_rotas FILE`: the rotas of Opsgenie, PagerDuty or Grafana OnCall."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Team, User
from core import clock
from core.errors import Refused
from core.ui.amounts import hours
from rotas.domain import exports
from rotas.domain.moving_in import Arrival, look, move_in
from rotas.domain.notation import write_turns, write_windows
from rotas.domain.patterns import PlannedLayer
from rotas.domain.telling import span
from rotas.management.files import command_line, read_file
from rotas.queries.preview import Preview, SaidChange
from rotas.queries.visible import callable_people

MOST_CHANGES = 5


class Command(BaseCommand):
    """Says what it would do; does it with --apply."""

    help = "Take over the rotas in a JSON export of another tool. Without --apply nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, and whose rotas they are to be."""
        parser.add_argument("file", type=Path, help="JSON")
        parser.add_argument("--format", choices=["auto", *exports.READERS], default="auto")
        parser.add_argument("--team", metavar="SLUG", help="whose rotas those that are made are")
        parser.add_argument("--apply", action="store_true", help="write it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with a sentence for everything that can be said to people."""
        now, people = clock.now(), list(callable_people())
        team = self._team(options["team"])
        text = read_file(options["file"], exports.MOST_BYTES, "The file")
        try:
            found = exports.read(text, {user.email.lower(): user.pk for user in people}, options["format"])
            arrivals = look(found, people, now)
            for arrival in arrivals:
                self._tell(arrival, people)
            new = [each for each in arrivals if each.rota is None and not each.is_empty]
            if options["apply"] and new and team is None:
                raise CommandError(
                    f"Say whose rota {new[0].found.name} is, by --team SLUG. Nothing is written."
                )
            actor = command_line()
            count = sum(
                move_in(each, team=team, actor=actor, now=now) if options["apply"] else not each.is_done
                for each in arrivals
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        done = "are written" if options["apply"] else "would be written; add --apply to write them"
        self.stdout.write(f"{count} of {len(arrivals)} rotas {done}.")

    def _team(self, slug: str | None) -> Team | None:
        if slug is None:
            return None
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            raise CommandError(f"There is no team {slug}.")
        return team

    def _tell(self, arrival: Arrival, people: Sequence[User]) -> None:
        found = arrival.found
        state = "new" if arrival.rota is None else "as it is here" if arrival.is_done else "here, changes"
        if arrival.is_empty:
            state = "left out, as no layer of it is left"
        self.stdout.write(f"{found.name} ({arrival.slug}, {found.zone}): {state}")
        for layer in found.layers:
            self._tell_layer(layer, {user.pk: user for user in people})
        if arrival.shifts:
            self.stdout.write(f"  {len(arrival.shifts)} single events, {arrival.new_overrides} new overrides")
        for who in found.missing:
            self.stdout.write(f"  not found: {who}")
        for note in found.notes:
            self.stdout.write(f"  note: {note}")
        if arrival.change is not None:
            self._tell_change(arrival.change, found.zone)

    def _tell_layer(self, layer: PlannedLayer, people: dict[int, User]) -> None:
        off = ", every other turn off" if layer.every_other else ""
        self.stdout.write(
            f"  layer {layer.name}: turns of {layer.length} ({layer.unit}) from "
            f"{layer.anchor:%Y-%m-%d %H:%M} {layer.zone}, priority {layer.priority}{off}"
        )
        for line in write_windows(layer.windows).splitlines():
            self.stdout.write(f"    on {line}")
        for number, line in enumerate(write_turns(layer.turns, people).splitlines(), start=1):
            self.stdout.write(f"    {number}. {line}")

    def _tell_change(self, change: Preview, zone: str) -> None:
        if change.is_same:
            self.stdout.write("  in 90 days: the same people at the same times")
            return
        for gain in change.gains:
            self.stdout.write(f"  in 90 days: {gain.user.name} {hours(gain.before)} → {hours(gain.after)}")
        for each in change.changes[:MOST_CHANGES]:
            self.stdout.write(f"    {_change(each, zone)}")
        more = max(len(change.changes) - MOST_CHANGES, 0) + change.more_changes
        if more:
            self.stdout.write(f"    and {more} more changes")
        if change.opened:
            self.stdout.write(f"  {hours(change.open_time)} without anybody that are covered today")


def _change(change: SaidChange, zone: str) -> str:
    before, after = (
        ", ".join(user.name for user in each) or "nobody" for each in (change.before, change.after)
    )
    return f"{span(change.start, change.end, zone)}: {after} instead of {before}"
