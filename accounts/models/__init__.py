from accounts.models.audit import AuditEntry
from accounts.models.link import LoginLink
from accounts.models.site import Site
from accounts.models.team import Membership, Team
from accounts.models.throttle import SignInAttempt
from accounts.models.token import ApiToken
from accounts.models.user import User

__all__ = ["ApiToken", "AuditEntry", "LoginLink", "Membership", "SignInAttempt", "Site", "Team", "User"]
