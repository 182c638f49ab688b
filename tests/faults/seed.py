"""`python -m tests.faults.seed`: a small organisation in the running Mainstay of MAINSTAY_HOME.

A team with many small crews, each with a rota, a second person and a policy of two steps; services enough that
every new alert can have one of its own, shared out among the crews so that no contact gets so many pages at once
that they are bundled or wait their turn. Prints the path of the intake as the last line. Waits are long: tests
decide when a timer is due.
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
    from rotas.models import PolicyAssignment  # noqa: PLC0415
    from services.models import Service  # noqa: PLC0415
    from tests import make  # noqa: PLC0415
    from tests.rotas import make as rotas  # noqa: PLC0415

    team = make.team()
    policies = []
    for n in range(CREWS):
        first, second = (make.user(email=f"{who}{n}@faults.mainstay") for who in ("first", "second"))
        policies.append(rotas.policy(rotas.rota(first, team=team), second, wait=600, is_default=n == 0))
    agreement = make.agreement({name: (600, 6000) for name in ("SEV1", "SEV2", "SEV3", "SEV4")})
    common = {"tier": 2, "kind": "online", "owning_team": team, "agreement": agreement}
    own = Service.objects.bulk_create(
        Service(slug=f"own-{n}", name=f"Own {n}", auto_resolve=True, **common) for n in range(OWN_SERVICES)
    )
    PolicyAssignment.objects.bulk_create(
        PolicyAssignment(service=service, policy=policies[n % CREWS]) for n, service in enumerate(own)
    )
    Service.objects.create(slug="shared", name="Shared", auto_resolve=False, **common)
    door = create_integration("generic", actor=SYSTEM, now=clock.now())
    print(intake_url(door)[intake_url(door).index("/api/") :])  # noqa: T201


# more than all tests of one stack need: about forty a test
OWN_SERVICES = 2_000
CREWS = 60

if __name__ == "__main__":
    main()
