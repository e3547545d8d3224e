"""The command line of the gate: all steps at once, or one by one."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.markup import escape

from consumer_tests.names import CONSUMER_NAME, vendor_names
from gate import can_i_deploy as ask_can_i_deploy
from gate import deployments, pact_files, publishing, report, suites, verification
from gate.broker_process import running_broker
from gate.compilation import compiling_suites
from gate.console import create_console
from gate.errors import ContractNotMetError, GateError
from gate.outcome import BUILD, ERROR_LOG, EXIT_CODES, VERDICT_FILE, write_error_log, write_outcome
from gate.pact_files import PactFile
from gate.verdict import short_version
from gate.version import ConsumerVersion, current_version, main_branch
from pact_broker_client.client import BrokerError
from provider_verification.provider_version import provider_version

PACTS = Path("pacts")
DATABASE = BUILD / "broker.sqlite"
REPORTS = BUILD / "verification"

T = TypeVar("T")
Environment = Annotated[str, typer.Option(help="the environment, as the broker names it")]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="May this version of the orchestrator be deployed? Exit code 0: yes, 1: no, 2: no verdict.",
)
console = create_console()


@dataclass
class CommandRun:
    """One command: what is asked, for build/verdict.json.

    Attributes:
        gives_verdict: whether the command writes build/verdict.json.
        environment: the environment asked about.
        version: the version asked about, once it is known.
    """

    gives_verdict: bool
    environment: str = deployments.DEFAULT_ENVIRONMENT
    version: ConsumerVersion | None = None

    @property
    def subject(self) -> str:
        """The version asked about, for people."""
        return f"{CONSUMER_NAME} {short_version(self.version.number)}" if self.version else "this version"

    def write(self, verdict: str, **fields: object) -> None:
        """Write build/verdict.json, if the command gives a verdict."""
        if self.gives_verdict:
            version = asdict(self.version) if self.version else {"number": None, "branch": None}
            subject = {
                "version": version["number"],
                "branch": version["branch"],
                "environment": self.environment,
            }
            write_outcome(verdict=verdict, **{**subject, **fields})


@app.command("run")
def run(environment: Environment = deployments.DEFAULT_ENVIRONMENT) -> None:
    """Record, publish and verify the pacts, run the suites, and give the verdict."""
    started = time.monotonic()
    with (
        _exit_codes(CommandRun(gives_verdict=True, environment=environment)) as command_run,
        compiling_suites(),
        running_broker(DATABASE) as url,
    ):
        # The single steps, of which none records, start in half the time without the clients and Pact.
        from gate.recording import record_all_pacts  # noqa: PLC0415

        try:
            recorded = _step("record", lambda: record_all_pacts(PACTS))
        except ContractNotMetError:
            command_run.version = current_version(Path())  # for the verdict
            raise
        version = command_run.version = current_version(Path())  # after recording: it may have changed pacts/
        report.print_header(console, version, url)
        report.print_recorded(console, recorded)
        _publish(url, version)
        reports = _verify(url, version)
        failed = [vendor for vendor in reports if not vendor.success]
        # another branch may describe the vendors differently from those in production
        if version.is_on_main:
            _step(
                "record vendor deployments",
                lambda: deployments.record_vendor_deployments(url, reports, environment),
            )
        # a failed verification makes the verdict no already
        if not failed:
            _run_suites(version)
        _give_verdict(command_run, url, version, {vendor.vendor: vendor.problems for vendor in failed})
        console.print(f"[dim]{time.monotonic() - started:.1f} s[/dim]")


@app.command("publish")
def publish() -> None:
    """Publish pacts/ under this version with the official CLI."""
    with _exit_codes(CommandRun(gives_verdict=False)), running_broker(DATABASE) as url:
        version = current_version(Path())
        report.print_header(console, version, url)
        files = _publish(url, version)
        report.print_pact_files(console, files)
        # a vendor that the expectations name is required, and its pact is not at the broker
        if pact_files.vendors_without_pact(files):
            raise typer.Exit(EXIT_CODES["no"])


@app.command("verify")
def verify() -> None:
    """Verify this version's pacts against the stubs and publish the results."""
    with _exit_codes(CommandRun(gives_verdict=False)), running_broker(DATABASE) as url:
        version = current_version(Path())
        report.print_header(console, version, url)
        if not all(vendor.success for vendor in _verify(url, version)):
            raise typer.Exit(EXIT_CODES["no"])


@app.command("can-i-deploy")
def can_i_deploy(environment: Environment = deployments.DEFAULT_ENVIRONMENT) -> None:
    """Report whether this version may be deployed to an environment, and why."""
    with (
        _exit_codes(CommandRun(gives_verdict=True, environment=environment)) as command_run,
        running_broker(DATABASE) as url,
    ):
        version = command_run.version = current_version(Path())
        report.print_header(console, version, url)
        _give_verdict(command_run, url, version, {})


@app.command("record-deployment")
def record_deployment(
    # without a default: an option that is left out must not record a deployment to production
    environment: Annotated[str, typer.Option(help="where it was deployed to", show_default=False)] = "",
) -> None:
    """Record this version of the orchestrator as deployed to an environment, after the deployment."""
    with _exit_codes(CommandRun(gives_verdict=False)), running_broker(DATABASE) as url:
        version = current_version(Path())
        report.print_header(console, version, url)
        _step("record deployment", lambda: deployments.record_consumer_deployment(url, version, environment))
        console.print(f"recorded as deployed to {escape(environment)}")


@app.command("test")
def run_tests() -> None:
    """Run all tests; the gate does not run the suites again for the same version."""
    with _exit_codes(CommandRun(gives_verdict=False)):
        version = current_version(Path())
        if cached := suites.cached_result(version):
            report.print_suites(console, cached)
        raise typer.Exit(suites.run_all_tests(version))


def _publish(url: str, version: ConsumerVersion) -> list[PactFile]:
    """Publish the pact files; print vendors without one, and what the main branch's pacts have in addition."""
    files = pact_files.load_pact_files(PACTS)
    # before publishing, after which this version may be the main branch's newest
    removed = list(publishing.removed_interactions(files, url, version))
    missing = pact_files.vendors_without_pact(files)
    _step("publish", lambda: publishing.publish_pacts(files, url, version), lambda _: not missing)
    report.print_missing_pacts(console, missing)
    report.print_removed(console, removed, main_branch())
    return files


def _verify(url: str, version: ConsumerVersion) -> list[verification.VendorReport]:
    """Verify and print all results.

    Raises:
        GateError: if no vendor failed, but the verification of one was not completed.
    """
    vendors = vendor_names()
    reports = _step(
        "verify",
        lambda: verification.verify_providers(vendors, url, version, REPORTS),
        lambda reports: all(vendor.success for vendor in reports),
    )
    report.print_verified(console, reports)
    incomplete = [vendor.summary for vendor in reports if vendor.is_incomplete]
    if incomplete and not any(vendor.problems for vendor in reports):
        raise GateError(
            f"a verification was not completed: {'; '.join(incomplete)}", f"read the logs in {REPORTS}/"
        )
    return reports


def _run_suites(version: ConsumerVersion) -> None:
    def progress(percent: str) -> None:
        console.print(f"[dim]    suites {percent}[/dim]")

    report.print_suites(console, _step("suites", lambda: suites.run_suites(version, progress)))


def _give_verdict(
    command_run: CommandRun, url: str, version: ConsumerVersion, problems: dict[str, tuple[str, ...]]
) -> None:
    environment = command_run.environment
    vendors = {vendor: provider_version(vendor) for vendor in vendor_names()}
    reported = verification.reported_problems(vendors, version, REPORTS)
    verdict = _step(
        "can-i-deploy",
        lambda: ask_can_i_deploy.can_i_deploy(url, version, environment, vendors, problems, reported),
        lambda verdict: verdict.deployable,
    )
    report.print_verdict(console, verdict, url)
    command_run.write("yes" if verdict.deployable else "no", **asdict(verdict), summary=verdict.summary())
    if not verdict.deployable:
        raise typer.Exit(EXIT_CODES["no"])


def _step(name: str, action: Callable[[], T], is_success: Callable[[T], bool] = lambda _: True) -> T:
    """Run a step; print its name, its duration, and whether it succeeded."""
    started = time.monotonic()
    with console.status(f"{name} …"):
        result = action()
    mark = "[green]✓[/green]" if is_success(result) else "[red]✗[/red]"
    console.print(f"{mark} {name} [dim]{time.monotonic() - started:.1f} s[/dim]")
    return result


@contextmanager
def _exit_codes(command_run: CommandRun) -> Iterator[CommandRun]:
    """Report every error as a sentence with the next step, and exit with 1 for no and 2 for no verdict."""
    try:
        if command_run.gives_verdict:
            # a pipeline must not read the verdict of an earlier run if this one is killed
            VERDICT_FILE.unlink(missing_ok=True)
        yield command_run
    # BrokenPipeError: the reader of the output has gone, and gate.__main__ exits with 2
    except (typer.Exit, BrokenPipeError):
        raise
    except ContractNotMetError as error:
        _fail(command_run, "no", str(error), error.hint)
    except GateError as error:
        _fail(command_run, "no verdict", str(error), error.hint)
    except BrokerError as error:
        _fail(command_run, "no verdict", str(error), "check that the broker runs: open its URL in a browser")
    except OSError as error:
        _fail(
            command_run,
            "no verdict",
            str(error),
            "check the permissions of the checkout: the gate writes pacts/ and build/",
        )
    except KeyboardInterrupt:
        _fail(command_run, "no verdict", "interrupted", "run the command again")
    except Exception as error:  # noqa: BLE001 - a traceback would exit with 1, which means no
        write_error_log(traceback.format_exc())
        reason = f"unexpected error: {type(error).__name__}: {error}"
        _fail(command_run, "no verdict", reason, f"the traceback is in {ERROR_LOG}")


def _fail(command_run: CommandRun, verdict: str, reason: str, hint: str) -> None:
    """Print and write why there is no yes, and exit.

    Raises:
        typer.Exit: always.
    """
    console.print(f"[red]✗[/red] {escape(reason)}\n  [bold]Next:[/bold] {escape(hint)}")
    if verdict == "no":
        # the first line says what failed, the others give the details that are printed above
        cause = reason.partition("\n")[0].rstrip(":")
        console.print(
            f"[bold red]No:[/bold red] {escape(command_run.subject)} must not be deployed to "
            f"{escape(command_run.environment)}: {escape(cause)}."
        )
    else:
        console.print("[red]No verdict:[/red] the gate cannot decide, so nothing may be deployed.")
    try:
        command_run.write(verdict, reason=reason, hint=hint)
    except OSError as error:
        console.print(f"({escape(str(error))})")
    raise typer.Exit(EXIT_CODES[verdict])
