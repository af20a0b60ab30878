"""The executors of Dask and ipyparallel: results, and workers that die."""

import warnings

import pytest
from base.unreliable import dies_at_10
from explorer.programs import BORROWED_GETTER

import refrace
from refrace._base.executors import Batches

WHY = "NOT TESTED: {0} is not installed; CI installs it with the extra `test`"


@pytest.fixture(scope="module")
def dask():
    distributed = pytest.importorskip("distributed", reason=WHY.format("distributed"))
    dask = pytest.importorskip("dask")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            # By default a batch may kill three workers before Dask gives it up.
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    parallel = pytest.importorskip("ipyparallel", reason=WHY.format("ipyparallel"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        with parallel.Cluster(n=2, log_level=40) as client:
            yield client.load_balanced_view()


@pytest.fixture(params=["dask", "ipyparallel"])
def executor(request):
    if request.param == "dask":
        return request.getfixturevalue("dask").get_executor(pure=False)
    return request.getfixturevalue("view").executor


def timeless(report):
    return report.replace(elapsed_s=0.0)


def test_a_sample_there_is_the_one_here(executor):
    options = {"runs": 5000, "seed": 7, "strategy": "pct"}
    there = refrace.sample(BORROWED_GETTER, "unlocked", **options, executor=executor)

    here = refrace.sample(BORROWED_GETTER, "unlocked", **options)
    assert timeless(there) == timeless(here)


def test_a_proof_there_is_the_one_here(executor):
    there = refrace.prove("add_then_undo", executor=executor)

    assert timeless(there) == timeless(refrace.prove("add_then_undo"))


def test_the_gallery_there_is_the_one_here(executor):
    patterns = ["plain-counter"]
    there = refrace.check_gallery(patterns=patterns, executor=executor)

    here = refrace.check_gallery(patterns=patterns)
    assert [cell.outcome for cell in there.cells] == [c.outcome for c in here.cells]
    assert [cell.states for cell in there.cells] == [c.states for c in here.cells]


def test_a_batch_that_kills_workers_of_dask_is_the_only_one_that_is_lost(dask):
    with Batches(
        dask.get_executor(pure=False, retries=0), dies_at_10, 40, list
    ) as batches:
        back = sorted(batches, key=lambda batch: batch.items.start)

    (lost,) = (batch for batch in back if batch.lost)
    assert 10 in lost.items
    assert "KilledWorker" in lost.lost
    assert [one for batch in back for one in batch.result or ()] == [
        number**2 for number in range(40) if number not in lost.items
    ]


def test_a_client_of_dask_is_refused_with_the_way_to_its_executor(dask):
    with pytest.raises(refrace.InvalidArgumentType, match=r"pass its get_executor\(\)"):
        refrace.prove("atomic", executor=dask)


def test_a_view_of_ipyparallel_is_refused_with_the_way_to_its_executor(view):
    with pytest.raises(refrace.InvalidArgumentType, match="attribute `executor`"):
        refrace.prove("atomic", executor=view)
