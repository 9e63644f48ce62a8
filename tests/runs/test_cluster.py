"""A Dask cluster of processes checks files as this machine does, whatever becomes of a worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.helpers.command import refused, run
from tests.helpers.many_files import Deadly, right_file, wrong_file
from xlconv.errors import XlconvError
from xlconv.runs.check_file import Task
from xlconv.runs.crews.remote import check_there
from xlconv.runs.file_report import FileReport
from xlconv.runs.standard import Standard
from xlconv.runs.verify_many import cluster_of, reports, verify_many
from xlconv.verification.verify import wanted_network

pytestmark = pytest.mark.filterwarnings("default")  # of libraries that are not ours


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of a cluster of two processes, which are started again when they are lost."""
    distributed = pytest.importorskip("distributed")  # which takes a second
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Right files, wrong ones and no workbook, in turn."""
    for k in range(12):
        if k % 4 == 3:
            (tmp_path / f"{k:02}.xlsx").write_text("no")
        else:
            (right_file if k % 4 else wrong_file)(tmp_path / f"{k:02}.xlsx")
    return sorted(tmp_path.iterdir())


def timeless(found: list[FileReport]) -> list[FileReport]:
    return [replace(one, seconds=0.0) for one in found]


@pytest.mark.slow
def test_a_worker_that_is_killed_changes_nothing(client: Any, files: list[Path]) -> None:
    expected = timeless(list(verify_many(files, jobs=0)))
    workers = client.run(os.getpid)
    assert len(set(workers.values()) - {os.getpid()}) == 2
    coming = verify_many(files, client=client)
    found = [next(coming)]
    killed = next(iter(workers.values()))
    os.kill(killed, signal.SIGKILL)
    found += coming
    assert timeless(found) == expected
    # One that is gone, and not yet known to be, gives no answer.
    assert killed not in client.run(os.getpid, on_error="ignore").values()


@pytest.mark.slow
def test_files_are_held_against_the_same(client: Any, files: list[Path]) -> None:
    for against in (files[1], files[0]):
        expected = timeless(list(verify_many(files[:3], jobs=0, against=against)))
        assert timeless(list(verify_many(files[:3], client=client, against=against))) == expected


@pytest.mark.slow
def test_a_file_that_takes_workers_with_it_is_told_as_lost(client: Any, tmp_path: Path) -> None:
    path = right_file(tmp_path / "a.xlsx")
    standards = (Standard(), Standard(model=Deadly()))
    tasks = [Task(turn, str(path), turn % 2) for turn in range(3)]
    found = list(reports(tasks, cluster_of(client, standards)))
    assert [one.verdict for one in found] == ["verified", "unreadable", "verified"]
    assert found[1].error == f"{path}: 2 workers were lost over it"
    assert found[1].crashed


@pytest.mark.slow
def test_files_are_sent_that_workers_cannot_see(client: Any, tmp_path: Path) -> None:
    told = []
    for send in (False, True):
        path = right_file(tmp_path / f"{send}.xlsx")
        wanted = wanted_network(path)
        crew = cluster_of(client, (Standard(wanted=wanted),), send=send)
        busy = [client.submit(time.sleep, 0.7, pure=False) for _ in range(4)]
        crew.give(Task(0, str(path), 0))
        path.unlink()
        client.gather(busy)
        told += [report for _, report in crew.take()]
    missing, sent = told
    assert missing.error.endswith("False.xlsx: No such file or directory")
    assert (sent.path, sent.verdict) == (str(tmp_path / "True.xlsx"), "verified")
    (none,) = verify_many(tmp_path / "none.xlsx", client=client, send=True)
    assert none.error == f"{tmp_path}/none.xlsx: no such file; expected one to send"


@pytest.mark.slow
def test_the_command_checks_on_a_cluster(client: Any, files: list[Path]) -> None:
    address = client.scheduler.address
    told = run("verify", files[0].parent, "-q", "--scheduler", address, "--send")
    local = run("verify", files[0].parent, "-q", "-j", 0)
    assert told.exit_code == local.exit_code == 2
    assert told.output.splitlines()[:-1] == local.output.splitlines()[:-1]


def test_what_is_sent_is_told_by_its_own_name(tmp_path: Path) -> None:
    path = right_file(tmp_path / "a.xlsx")
    found = check_there("else/where.xlsx", path.read_bytes(), Standard(), _program())
    assert (found.path, found.verdict) == ("else/where.xlsx", "verified")
    found = check_there("else/where.xlsx", b"no", Standard(), _program())
    assert found.error == "else/where.xlsx: not a zip package; expected an .xlsx file"


def test_another_program_is_refused(tmp_path: Path) -> None:
    path = right_file(tmp_path / "a.xlsx")
    with pytest.raises(XlconvError, match=r"a worker has xlconv .*; expected another"):
        check_there(str(path), None, Standard(), "another")


@pytest.mark.slow
def test_an_address_without_a_scheduler_is_told_in_a_line(tmp_path: Path) -> None:
    path = right_file(tmp_path / "a.xlsx")
    told = refused("verify", path, "--scheduler", "tcp://127.0.0.1:9")
    assert told.startswith("tcp://127.0.0.1:9: ")
    assert told.endswith("; expected a Dask scheduler")


@pytest.mark.slow
def test_options_of_processes_are_refused_for_a_cluster(tmp_path: Path) -> None:
    path = right_file(tmp_path / "a.xlsx")
    more = ("--scheduler", "tcp://127.0.0.1:9", "--jobs", 2)
    assert refused("verify", path, *more).startswith("--jobs or --timeout with --scheduler;")
    assert refused("verify", path, "--send") == "--send without --scheduler; expected both"


def _program() -> str:
    from xlconv.runs.program import program

    return program()
