from integrations.models.external_ref import ExternalRef
from integrations.models.import_run import ImportRun

__all__ = ["ExternalRef", "ImportRun"]
