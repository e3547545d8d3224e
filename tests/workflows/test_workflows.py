"""The workflows of GitHub Actions: pinned actions, least permissions, no injection, and a gate that waits for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
FILES = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))
CI, NIGHTLY = (
    yaml.safe_load((REPOSITORY / f".github/workflows/{name}.yml").read_text()) for name in ("ci", "nightly")
)
PINNED = re.compile(r"uses: ([\w-]+/[\w-]+)(?:/\w+)?@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$")


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every job with the name of its workflow and its own."""
    for path in FILES:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            yield f"{path.stem}/{name}", job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every step with its job."""
    for name, job in jobs():
        for step in job["steps"]:
            yield name, step


def uses(action: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the steps that use an action."""
    return [(job, step) for job, step in steps() if step.get("uses", "").startswith(f"{action}@")]


def test_actions_are_pinned_to_one_commit_each() -> None:
    """A tag can be moved. The comment, which Dependabot maintains, says which version it is."""
    lines = [line.strip() for path in FILES for line in path.read_text().splitlines() if "uses:" in line]

    matches = [PINNED.search(line) for line in lines]
    pins = {match.groups() for match in matches if match}

    assert None not in matches
    assert len(pins) == len({action for action, _, _ in pins})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_workflow_may_only_read(path: Path) -> None:
    """No job asks for more."""
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
    assert [name for name, job in jobs() if "permissions" in job] == []


def test_checkout_leaves_no_credentials() -> None:
    """Later steps run code of the pull request."""
    checkouts = uses("actions/checkout")

    assert [job for job, step in checkouts if step["with"]["persist-credentials"] is not False] == []
    assert {job for job, _ in checkouts} == {name for name, _ in jobs()}


def test_every_job_has_a_time_out() -> None:
    """The default is six hours."""
    assert [name for name, job in jobs() if job["timeout-minutes"] > 120] == []


def test_no_expression_is_pasted_into_a_script() -> None:
    """The name of a branch may be a command; variables are not executed."""
    assert [step for _, step in steps() if "${{" in step.get("run", "")] == []


def test_secrets_reach_single_steps_only() -> None:
    """Not a job's environment, and in pull requests only those of the repository's own branches."""
    users = {(name, step["name"]) for name, step in steps() if "secrets." in str(step.get("env", {}))}
    gate_step = next(step for step in CI["jobs"]["gate"]["steps"] if "secrets." in str(step))

    assert users == {("ci/gate", "Gate with the team's broker"), ("nightly/suites", "Notifications")}
    assert [name for name, job in jobs() if "secrets." in str(job.get("env", {}))] == []
    assert gate_step["if"] == "env.HAS_SECRETS == 'true'"  # pragma: allowlist secret


def test_gate_waits_for_every_job_and_fails_with_it() -> None:
    """It is the one required check. A skipped job would count as a success, hence `always`."""
    gate = CI["jobs"]["gate"]
    others = [name for name in CI["jobs"] if name != "gate"]
    first = gate["steps"][0]

    assert (gate["needs"], gate["if"]) == (others, "always()")
    assert first["env"] == {"RESULTS": "${{ join(needs.*.result, ' ') }}"}
    assert first["run"] == f'test "$RESULTS" = "{" ".join("success" for _ in others)}"'


def test_parts_of_the_suites_are_all_of_them() -> None:
    """Part i of n for every i."""
    job = CI["jobs"]["suites"]
    parts = job["strategy"]["matrix"]["part"]
    command = next(step["run"] for step in job["steps"] if "test_runner" in step.get("run", ""))

    assert parts == [*range(1, len(parts) + 1)]
    assert f'--shard "$PART/{len(parts)}"' in command
    assert job["strategy"]["fail-fast"] is False


def test_reports_are_kept_and_summarized_also_of_failed_jobs() -> None:
    """Those are the ones that somebody reads."""
    uploads = uses("actions/upload-artifact")
    summaries = [(job, step) for job, step in steps() if "GITHUB_STEP_SUMMARY" in step.get("run", "")]

    assert [job for job, step in [*uploads, *summaries] if step["if"] != "always()"] == []
    assert {job for job, _ in uploads} == {name for name, _ in jobs()} - {"ci/wheel"}
    assert {job for job, _ in summaries} == {job for job, _ in uploads} - {"ci/security"}


def test_installs_are_cached_by_the_lock_where_no_secret_is() -> None:
    """A cache that a pull request could fill must not reach the gate's credentials."""
    caches = [
        (job, step["with"]) for job, step in uses("actions/cache") if step["with"]["path"] == "~/.cache/uv"
    ]

    assert {job for job, _ in caches} == {name for name, _ in jobs()} - {"ci/gate", "ci/wheel"}
    assert [
        job for job, cache in caches if not cache["key"].endswith("${{ hashFiles('requirements.lock') }}")
    ] == []


def test_nightly_runs_what_takes_long() -> None:
    """Every night, and on demand."""
    # YAML 1.1 reads the key `on` as true
    triggers = NIGHTLY[True]

    assert set(triggers) == {"schedule", "workflow_dispatch"}
    assert set(NIGHTLY["jobs"]) == {"suites", "soak", "performance"}


def test_state_of_notifications_survives_a_failed_run() -> None:
    """Otherwise the run after a failed one reports the same failures again."""
    suites = NIGHTLY["jobs"]["suites"]["steps"]
    actions = [step.get("uses", step.get("name", "")).partition("@")[0] for step in suites]
    restore, save = (suites[actions.index(f"actions/cache/{action}")] for action in ("restore", "save"))

    assert actions.index("actions/cache/restore") < actions.index("Notifications")
    assert actions.index("Notifications") < actions.index("actions/cache/save")
    assert save["if"] == "always()"
    assert {**save["with"], "restore-keys": "test-runs-"} == restore["with"]
    assert "build/notifications.json" in save["with"]["path"].splitlines()


def test_commands_exist() -> None:
    """Every make target and every script of the project that a step runs."""
    scripts = "\n".join(step.get("run", "") for _, step in steps())
    targets = set(re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))

    called = set(re.findall(r"\bmake ([a-z-]+)", scripts))
    files = set(re.findall(r"(?:tests|\.ci)/[\w/.]+", scripts))

    assert called - targets == set()
    assert [file for file in files if not (REPOSITORY / file).exists()] == []
