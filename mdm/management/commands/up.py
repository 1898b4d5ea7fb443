"""`manage.py up`: the whole hub as one process tree."""

from __future__ import annotations

import io
import os
import shlex
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from mdm import embedded, supervisor
from mdm.errors import BadConfiguration
from mdm.management import processes, readiness, twins


class Command(BaseCommand):
    help = "Starts database, web, worker, sequencer and scheduler, shows one log, and stops them all on Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--with-twins", action="store_true", help="also start the Salesforce and NetSuite twins")
        parser.add_argument(
            "--then", default="", metavar="COMMAND", help="run a management command once all answers, then serve on"
        )
        parser.add_argument(
            "--once-command", default="", metavar="COMMAND", help="the same, then stop with that command's exit code"
        )

    def handle(self, *_args: Any, with_twins: bool, then: str, once_command: str, **_options: Any) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # one log in order, also into a pipe
        for number in supervisor.heard_signals():
            signal.signal(number, signal.default_int_handler)
        try:
            settings.DATA_FOLDER.mkdir(parents=True, exist_ok=True)
            with supervisor.alone(settings.DATA_FOLDER, "up"):
                self._up(with_twins, then or once_command, stay=not once_command)
        except KeyboardInterrupt:
            self.stdout.write("up: stopped")
            if once_command:
                sys.exit(130)

    def _up(self, with_twins: bool, command: str, *, stay: bool) -> None:
        readiness.check_ports(*twins.ports() if with_twins else ())
        beside = twins.processes() if with_twins else []
        if with_twins:
            os.environ.update(twins.connections())  # they win: sample data must never reach a real system
        try:
            self._prepare()
            with supervisor.running(processes.hub(beside)) as tree:
                _serve(tree, command, stay=stay)
        finally:
            connections.close_all()
            if settings.EMBEDDED_POSTGRES:  # also when its keeper had no time to learn that it should
                embedded.stop(settings.DATA_FOLDER)

    def _prepare(self) -> None:
        readiness.check_database()
        self.stdout.write("up: database ready")
        readiness.migrate()
        readiness.schedule()
        self.stdout.write("up: tables up to date")
        readiness.check_broker()
        if not settings.DEBUG:
            readiness.collect_static()
        connections.close_all()


def _serve(tree: supervisor.Tree, command: str, *, stay: bool) -> None:
    try:
        readiness.await_answers(tree, {name: probe for name, probe in _probes().items() if tree.has(name)})
        tree.say(f"up: the hub is at http://localhost:{settings.PORT}/")
        if command:
            _run(command)
        if stay:
            tree.stopping.wait()
    except KeyboardInterrupt:
        tree.say("up: stopping")
        raise
    finally:
        connections.close_all()  # the command's, before the database is stopped


def _probes() -> dict[str, Callable[[], bool]]:
    return {"web": readiness.web_answers} | {
        name: partial(readiness.answers, "127.0.0.1", port, "/") for name, port in zip(twins.NAMES, twins.ports(), strict=True)
    }


def _run(command: str) -> None:
    """Run a management command in this process; what it refuses becomes our exit code.

    Raises:
        BadConfiguration: the command failed; with its sentence.
    """
    name, *arguments = shlex.split(command)
    try:
        call_command(name, *arguments)
    except CommandError as error:
        raise BadConfiguration(str(error)) from error
