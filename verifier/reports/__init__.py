"""One file a format: a report drawn from the model alone."""

from verifier.reports import json_report, text

__all__ = ["json_report", "text"]
