"""Where the sealed files of deliveries, extracts and spreadsheets lie, below DATA_DIR; every folder mode 0700."""

from pathlib import Path
from shutil import rmtree
from uuid import UUID

from django.conf import settings

from exports.models import Archive, Delivery


def folder(kind: str, pk: UUID) -> Path:
    path = Path(settings.DATA_DIR) / kind / str(pk)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def delivery_folder(delivery: Delivery) -> Path:
    return folder("deliveries", delivery.pk)


def frozen_path(delivery: Delivery) -> Path:
    """The frozen set, sealed."""
    return delivery_folder(delivery) / "frozen.age"


def archive_path(delivery: Delivery, reader: str) -> Path:
    return delivery_folder(delivery) / f"{reader}.zip.age"


def absolute(archive: Archive) -> Path:
    return Path(settings.DATA_DIR) / archive.path


def relative(path: Path) -> str:
    return str(path.relative_to(settings.DATA_DIR))


def extract_folder(extract_id: UUID) -> Path:
    return folder("extracts", extract_id)


def remove_frozen(delivery: Delivery) -> None:
    frozen_path(delivery).unlink(missing_ok=True)


def remove_delivery(delivery: Delivery) -> None:
    rmtree(delivery_folder(delivery), ignore_errors=True)


def remove_extract(extract_id: UUID) -> None:
    remove("extracts", extract_id)


def remove(kind: str, pk: UUID) -> None:
    rmtree(Path(settings.DATA_DIR) / kind / str(pk), ignore_errors=True)
