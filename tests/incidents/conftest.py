"""Who stands around incidents in more than one file."""

import pytest

from tests import make


@pytest.fixture
def people():
    """Alice of client A and Charlie of client B (outside); Bob, who answers calls; Lena, a lead."""
    return {
        "alice": make.user("stakeholder", name="Alice Outside"),
        "charlie": make.user("stakeholder", name="Charlie Stranger"),
        "bob": make.user(name="Bob Responder"),
        "lead": make.user("lead", name="Lena Lead"),
    }
