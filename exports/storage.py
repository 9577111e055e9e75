"""Where the sealed files of deliveries, extracts and spreadsheets lie, below DATA_DIR; every folder mode 0700."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from uuid import UUID

from django.conf import settings
from django.db import transaction

from crypto.agefile import sync_folder
from exports import groups
from exports.models import Archive, Delivery, EvaluationProject, Job

FROZEN = "frozen.age"


def folder(kind: str, pk: UUID) -> Path:
    path = Path(settings.DATA_DIR) / kind / str(pk)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def delivery_folder(delivery: Delivery) -> Path:
    return folder("deliveries", delivery.pk)


def frozen_path(delivery: Delivery, folder: Path | None = None) -> Path:
    """The frozen set of a linkage file, sealed: the delivery's, or in the `folder` of an attempt."""
    return (folder or delivery_folder(delivery)) / FROZEN


def set_path(folder: Path, sha256: str) -> Path:
    """A frozen set of a comparison group, sealed, by its own name: so an attempt that is interrupted once its files are
    in place leaves the one that the database knows."""
    return folder / f"frozen-{sha256}.age"


def archive_path(delivery: Delivery, reader: str) -> Path:
    return delivery_folder(delivery) / f"{reader}.zip.age"


def picture_path(folder: Path, name: str, language: str) -> Path:
    """A picture of a comparison group for its page, sealed to the site."""
    return folder / f"{name}-{language}.svg.age"


@contextmanager
def attempt(job: Job) -> Iterator[Path]:
    """A new folder for what this attempt at the job writes, gone at the end with what was not put in place.

    A worker that hung and lost its claim may wake up and write on: never where another one writes or has written.
    """
    assert job.delivery is not None
    folder = delivery_folder(job.delivery) / str(job.claim)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # it is empty only when nothing came of the delivery
            folder.parent.rmdir()


def put_in_place(attempt: Path) -> None:
    """Moves an attempt's files to their delivery and removes what other attempts left.

    In the transaction that ends the job, once the claim is confirmed. If it is not committed, the job is run again.
    """
    for file in attempt.iterdir():
        os.replace(file, attempt.parent / file.name)
    sync_folder(attempt.parent)
    for other in attempt.parent.iterdir():
        if other.is_dir():
            rmtree(other, ignore_errors=True)


def absolute(archive: Archive) -> Path:
    return Path(settings.DATA_DIR) / archive.path


def relative(path: Path) -> str:
    return str(path.relative_to(settings.DATA_DIR))


def extract_folder(extract_id: UUID) -> Path:
    return folder("extracts", extract_id)


def remove_delivery(delivery: Delivery) -> None:
    """All files of a delivery; but of a comparison group its pictures and newest set stay while its project lives."""
    if groups.is_kept(delivery):
        for path in delivery_folder(delivery).glob("*.zip.age"):
            path.unlink(missing_ok=True)
        remove_old_sets(delivery)
    else:
        remove("deliveries", delivery.pk)


def remove_old_sets(delivery: Delivery) -> None:
    """The frozen sets of a prepared comparison group of which nothing can be made any more."""
    folder = delivery_folder(delivery)
    with transaction.atomic():
        # a job holds it from when its files are in place until the database knows of them
        EvaluationProject.objects.select_for_update().get(pk=delivery.project_id)
        found = Delivery.objects.get(pk=delivery.pk)
        kept = set_path(folder, groups.set_of(found)) if groups.needs_set(found) else None
        for path in folder.glob("frozen-*.age"):
            if path != kept:
                path.unlink(missing_ok=True)


def remove_extract(extract_id: UUID) -> None:
    remove("extracts", extract_id)


def remove(kind: str, pk: UUID) -> None:
    rmtree(Path(settings.DATA_DIR) / kind / str(pk), ignore_errors=True)
