"""`python -m tests.faults.seed`: a small organisation in the running Mainstay of MAINSTAY_HOME.

Two people, one team, one rota, one policy of two steps, services enough that every new alert can have one of
its own. Prints the path of the intake as the last line. Waits are long: tests decide when a timer is due.
"""

import os

import django


def main() -> None:
    """Make it all and print the intake's path."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # Models can be imported only now.
    from core import clock  # noqa: PLC0415
    from core.types import SYSTEM  # noqa: PLC0415
    from monitoring.domain.integrations import create_integration, intake_url  # noqa: PLC0415
    from services.models import Service  # noqa: PLC0415
    from tests import make  # noqa: PLC0415
    from tests.rotas import make as rotas  # noqa: PLC0415

    first = make.user(email="first@faults.mainstay", name="First Oncall")
    second = make.user(email="second@faults.mainstay", name="Second Oncall")
    team = make.team(members=(first, second))
    rotas.policy(rotas.rota(first, team=team), second, wait=600, is_default=True)
    agreement = make.agreement({name: (600, 6000) for name in ("SEV1", "SEV2", "SEV3", "SEV4")})
    common = {"tier": 2, "kind": "online", "owning_team": team, "agreement": agreement}
    Service.objects.bulk_create(
        Service(slug=f"own-{n}", name=f"Own {n}", auto_resolve=True, **common) for n in range(OWN_SERVICES)
    )
    Service.objects.create(slug="shared", name="Shared", auto_resolve=False, **common)
    door = create_integration("generic", actor=SYSTEM, now=clock.now())
    print(intake_url(door)[intake_url(door).index("/api/") :])  # noqa: T201


OWN_SERVICES = 600

if __name__ == "__main__":
    main()
