"""Every table there is: what reads the whole database imports this, so that none is forgotten.

`migrations/` leads here from nothing; a test holds the two together.
"""

from tocsin.store import (
    accountable_tables,
    admission_tables,
    applicant_tables,
    case_key_tables,
    case_tables,
    count_tables,
    distinct_tables,
    exhibit_tables,
    incident_tables,
    joint_case_tables,
    label_tables,
    log_tables,
    match_run_tables,
    match_tables,
    model_tables,
    patrol_tables,
    public_report_tables,
    request_tables,
    sum_tables,
    tables,
)
from tocsin.store.columns import metadata

FILES = (
    case_key_tables,
    case_tables,
    exhibit_tables,
    incident_tables,
    joint_case_tables,
    log_tables,
    match_tables,
    count_tables,
    model_tables,
    public_report_tables,
    request_tables,
    match_run_tables,
    sum_tables,
    accountable_tables,
    admission_tables,
    applicant_tables,
    label_tables,
    distinct_tables,
    patrol_tables,
    tables,
)
"""Modules that define tables; a new one is a row here."""

__all__ = ["FILES", "metadata"]
