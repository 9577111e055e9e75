"""Where the sealed files of deliveries, extracts and spreadsheets lie, below DATA_DIR; every folder mode 0700."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from uuid import UUID

from django.conf import settings

from crypto.agefile import sync_folder
from exports.models import Archive, Delivery, Job

FROZEN = "frozen.age"


def folder(kind: str, pk: UUID) -> Path:
    path = Path(settings.DATA_DIR) / kind / str(pk)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def delivery_folder(delivery: Delivery) -> Path:
    return folder("deliveries", delivery.pk)


def frozen_path(delivery: Delivery, folder: Path | None = None) -> Path:
    """The frozen set, sealed: the delivery's, or in the `folder` of an attempt."""
    return (folder or delivery_folder(delivery)) / FROZEN


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
    """All files of a delivery; but a comparison group that was built stays frozen while its project lives."""
    if keeps_group(delivery):
        for path in delivery_folder(delivery).glob("*.zip.age"):
            path.unlink(missing_ok=True)
    else:
        remove("deliveries", delivery.pk)


def keeps_group(delivery: Delivery) -> bool:
    """See exports.groups."""
    is_group = delivery.kind == Delivery.Kind.COMPARISON and delivery.built_at is not None
    return is_group and delivery.project.ended_at is None


def remove_extract(extract_id: UUID) -> None:
    remove("extracts", extract_id)


def remove(kind: str, pk: UUID) -> None:
    rmtree(Path(settings.DATA_DIR) / kind / str(pk), ignore_errors=True)
