"""Shows the help of a command, as its flag `--help` does."""

from __future__ import annotations

import click

from gatekeeper.errors import ExitCode


@click.command("help")
@click.argument("name", required=False, metavar="[COMMAND]")
@click.pass_context
def command(context: click.Context, name: str | None) -> ExitCode:
    """Show the help of a command, or of gatekeeper without one."""
    program = context.find_root()
    if name is None:
        click.echo(program.get_help())
        return ExitCode.PASSED
    commands = program.command
    found = commands.get_command(program, name) if isinstance(commands, click.Group) else None
    if found is None:
        raise click.UsageError(f"No such command {name!r}.", program)
    click.echo(found.get_help(click.Context(found, program, name)))
    return ExitCode.PASSED
