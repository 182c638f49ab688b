"""Sites, people and teams of the demo."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from accounts.models import Membership, Site, Team, User
from config.demo import DEMO_LEAD, DEMO_PASSWORD

SITES = [
    ("kathmandu", "Kathmandu", "Asia/Kathmandu", "NP", "ktm"),
    ("nairobi", "Nairobi", "Africa/Nairobi", "KE", "nbo"),
    ("bogota", "Bogotá", "America/Bogota", "CO", "bog"),
]

# name, e-mail before the @, role, site, team
PEOPLE = [
    ("Amara Njoroge", DEMO_LEAD.split("@")[0], "lead", "nairobi", "l2-support"),
    ("Daniel Vega", "admin", "administrator", "bogota", ""),
    ("Grace Wanjiku", "responder", "responder", "nairobi", "l2-support"),
    ("Samuel Kiptoo", "samuel.kiptoo", "responder", "nairobi", "l2-support"),
    ("Brian Otieno", "brian.otieno", "responder", "nairobi", "l1-support"),
    ("Faith Chebet", "faith.chebet", "responder", "nairobi", "l1-support"),
    ("Prakash Adhikari", "prakash.adhikari", "responder", "kathmandu", "l2-support"),
    ("Sunita Gurung", "sunita.gurung", "responder", "kathmandu", "l1-support"),
    ("Bikash Tamang", "bikash.tamang", "responder", "kathmandu", "l1-support"),
    ("Andrés Pardo", "andres.pardo", "responder", "bogota", "l2-support"),
    ("Camila Rojas", "camila.rojas", "responder", "bogota", "l1-support"),
    ("Valentina Gómez", "valentina.gomez", "responder", "bogota", "l1-support"),
    ("Ingrid Solberg", "ingrid.solberg", "stakeholder", "", "ml-engineering"),
    ("Tomás Ferreira", "tomas.ferreira", "stakeholder", "", "platform-ops"),
    ("Mei Tanaka", "mei.tanaka", "stakeholder", "", "docuvision"),
    ("Ana Lucía Restrepo", "client", "stakeholder", "", ""),
    ("Oliver Marsh", "oliver.marsh", "stakeholder", "", ""),
    ("Rosa Medina", "rosa.medina", "stakeholder", "", ""),
]

TEAMS = [
    ("l1-support", "L1 support", "l1"),
    ("l2-support", "L2 support", "l2"),
    ("ml-engineering", "ML Engineering", "engineering"),
    ("platform-ops", "Platform Ops", "platform_ops"),
    ("docuvision", "DocuVision (partner)", "partner"),
]


def load_people(now: datetime) -> None:
    """Three sites, five teams, eighteen people with one password."""
    sites = {
        slug: Site.objects.create(
            slug=slug, name=name, zone=zone, country=country, hue=hue, position=position
        )
        for position, (slug, name, zone, country, hue) in enumerate(SITES)
    }
    teams = {slug: Team.objects.create(slug=slug, name=name, kind=kind) for slug, name, kind in TEAMS}
    # Hashing is slow on purpose; one hash for all of them keeps the first start short.
    hashed = make_password(DEMO_PASSWORD)
    for name, mailbox, role, site, team in PEOPLE:
        user = User.objects.create(
            email=f"{mailbox}@demo.mainstay",
            name=name,
            role=role,
            site=sites.get(site),
            own_zone="America/Bogota" if mailbox == "client" else "",
            is_superuser=role == "administrator",
            password=hashed,
            joined_at=now - timedelta(days=400),
        )
        if team:
            Membership.objects.create(team=teams[team], user=user)
    lead = User.objects.get(email=DEMO_LEAD)
    for slug in ("l1-support", "l2-support"):
        teams[slug].lead = lead
        teams[slug].save(update_fields=["lead"])
