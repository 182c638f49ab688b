"""Rows of the oracle files that contradict the policies this project holds, each with the reason.

A row named here is expected to fail; every other row must pass.
"""

KNOWN: dict[str, str] = {}
