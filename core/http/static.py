"""Static files under names that carry their content, so that a browser may keep them for ever."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class PortalStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites `import "./clock.js"` in our own ES modules; else a browser could mix old and new ones.

    Django's own switch would rewrite every library's scripts too, and fail on what looks like an import.
    """

    patterns = (*HashedFilesMixin.patterns, ("core/js/*.js", _IMPORTS))
