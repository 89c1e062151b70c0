"""The command line. Nothing heavy is imported here: each command imports what it needs when it is called."""

import logging
import sys
from typing import Annotated, NoReturn

import typer

from itops.entrypoints import cli_approvals, cli_audit, cli_instructions, cli_policy, cli_targets, cli_tasks
from itops.entrypoints.options import AsJson
from itops.errors import ItOpsError, ItOpsUnavailable

app = typer.Typer(
    name="itops",
    help="Turns a request in plain words into commands from your own instructions, shows what will run and where, "
    "asks when it must, and runs each command once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def run(
    task: Annotated[str, typer.Argument(help="What to do, in plain words.")],
    *,
    target: Annotated[
        list[str] | None, typer.Option(help="Where: NAME, group:NAME, …; may be given several times.")
    ] = None,
    agent: Annotated[str, typer.Option(help="Which agent thinks; see `itops agents`.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan and judge; run nothing.")] = False,
    auto: Annotated[str, typer.Option(help="How far policy may allow without asking: none, read or change.")] = "read",
    json: AsJson = False,
) -> None:
    """One task, from words to answer."""
    from itops.entrypoints.run_task import run_words

    raise typer.Exit(run_words(task, targets=target or [], agent=agent, dry_run=dry_run, auto=auto, as_json=json))


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="A command or script to judge; it is not run.")] = "",
    *,
    shell: Annotated[str, typer.Option(help="bash, powershell or aws.")] = "bash",
    jsonl: Annotated[str, typer.Option(help='A file of {"id", "shell", "command"} lines; - is standard input.')] = "",
    json: AsJson = False,
) -> None:
    """Judge a command without running it: 0 all allowed, 1 some ask, 3 some denied."""
    from itops.entrypoints.check import check_jsonl, check_text

    raise typer.Exit(check_jsonl(jsonl) if jsonl else check_text(text, shell=shell, as_json=json))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    *,
    top: Annotated[int, typer.Option(help="How many.", min=1, max=100)] = 5,
    platform: Annotated[str, typer.Option(help="linux, windows, aws, kubernetes, network or any.")] = "linux",
    json: AsJson = False,
) -> None:
    """The instructions that fit these words, best first."""
    cli_instructions.search_library(query, top=top, platform=platform, as_json=json)


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to bind.")] = "",
    port: Annotated[int, typer.Option(help="The port to bind; 0 takes a free one.")] = -1,
) -> None:
    """The chat page, for this machine; it prints its address with a one-time token."""
    from itops.entrypoints.serve import serve_page

    serve_page(host=host, port=port)


@app.command()
def worker() -> None:
    """A process that only works: it takes over the tasks that dead processes left."""
    from itops.entrypoints.worker import work

    work()


@app.command()
def doctor(*, json: AsJson = False) -> None:
    """What is set up, what is missing, and how to mend it."""
    from itops.entrypoints.doctor import examine

    raise typer.Exit(examine(as_json=json))


agents = typer.Typer(help="What can think.")
app.add_typer(cli_tasks.group, name="tasks")
app.add_typer(cli_approvals.group, name="approvals")
app.add_typer(cli_instructions.group, name="instructions")
app.add_typer(agents, name="agents")
app.add_typer(cli_targets.group, name="targets")
app.add_typer(cli_audit.group, name="audit")
app.add_typer(cli_policy.group, name="policy")


@agents.callback(invoke_without_command=True)
def agents_bare(context: typer.Context) -> None:
    """What can think."""
    if context.invoked_subcommand is None:
        agents_list()


@agents.command("list")
def agents_list(*, json: AsJson = False) -> None:
    """Every agent, and whether it can be used here."""
    from itops.agents.agent_factory import list_agents
    from itops.entrypoints.terminal import show_rows

    rows = [{"name": each.name, "available": each.available, "about": each.about} for each in list_agents()]
    show_rows(rows, as_json=json)


def main() -> None:
    """The command ``itops``: an error is said in three sentences on stderr, with its exit code."""
    try:
        app()
    except ItOpsError as error:
        _leave(error)
    except Exception as error:
        logger = logging.getLogger("itops")
        if logger.handlers:
            logger.exception("The command line failed.")
        fault = f"itops itself failed: {type(error).__name__}: {error}."
        _leave(ItOpsUnavailable(fault, world="What ran before stands; nothing new ran."))


def _leave(error: ItOpsError) -> NoReturn:
    sys.stderr.write("\n  ".join(line for line in (f"Error: {error.what}", error.world, error.mend) if line) + "\n")
    raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
