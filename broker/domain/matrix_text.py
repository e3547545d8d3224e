"""The matrix as plain text, for a terminal."""

from __future__ import annotations

from broker.domain.can_i_deploy import CanIDeployResult
from broker.domain.matrix import MatrixRow
from broker.domain.text_table import text_table

HEADER = ("CONSUMER", "C_VERSION", "REVISION", "PROVIDER", "P_VERSION", "NUMBER", "SUCCESS", "IGNORED")
DEPLOYABLE = {True: "true", False: "false", None: "unknown"}


def matrix_text(result: CanIDeployResult) -> str:
    """Return the rows as a table, with the decision and its reason below; ignored rows come last."""
    rows = [(*_cells(row), "") for row in result.considered]
    rows += [(*_cells(row), "true") for row in result.ignored]
    # the column that only an ignore needs comes last
    width = len(HEADER) if result.ignored else len(HEADER) - 1
    table = text_table(HEADER[:width], [row[:width] for row in rows])
    reason = "\n".join(notice.text for notice in result.notices)
    return f"{table}\nDeployable: {DEPLOYABLE[result.deployable]}\nReason: {reason}\n"


def _cells(row: MatrixRow) -> tuple[object, ...]:
    success = None if row.success is None else str(row.success).lower()
    return (
        row.consumer,
        row.consumer_version,
        row.revision,
        row.provider,
        row.provider_version,
        row.result,
        success,
    )
