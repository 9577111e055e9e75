"""Taking a file in: sealed chunk by chunk as it arrives, so that it never lies in clear on the disk.

Django's own handlers keep an upload in memory or, above 2.5 MB, in a temporary file in clear. This one stands alone
on the upload's view. What a proxy in front does is beyond it: see SECURITY.md on request buffering.
"""

import errno
from pathlib import Path
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db.models import Model

from crypto.agefile import AgeWriter, recipient_of
from exports import storage, vault
from exports.models import RegisterExtract

FIELD = "file"
UPLOAD = "upload.age"
MOST_BYTES = 512 * 1024 * 1024
_ZIP = b"PK\x03\x04"  # what an Excel workbook begins with


def upload_path(extract_id: UUID) -> Path:
    """The list as it was uploaded, sealed to the archive key, until it is loaded."""
    return storage.extract_folder(extract_id) / UPLOAD


class SealedUpload(FileUploadHandler):
    """Seals the file of the field `file` to `path`, and takes no other file.

    `problem` says why a file was not taken: too_large, disk_full, or what `refusal` says; the other fields are read all
    the same. What is sealed belongs to nobody until a row with `owner_id` exists; `discard` removes it till then.
    """

    chunk_size = 1 << 20
    kind = ""  # of folder, see `storage.folder`
    owner: type[Model]
    most_bytes = MOST_BYTES

    def __init__(self) -> None:
        super().__init__()
        self.owner_id = uuid4()
        self.problem = ""
        self._writer: AgeWriter | None = None

    def refusal(self, start: bytes) -> str:
        """Why a file that begins so is not taken; empty if it is."""
        return ""

    def new_file(self, field_name, *args, **kwargs) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self._writer is not None:
            raise SkipFile
        path = storage.folder(self.kind, self.owner_id) / UPLOAD
        self._writer = AgeWriter(path, [recipient_of(vault.archive_identity())])

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start == 0 and (problem := self.refusal(raw_data)):
            self._refuse(problem)
        if start + len(raw_data) > self.most_bytes:
            self._refuse("too_large")
        try:
            self._sealed.write(raw_data)
        except OSError as error:
            self._no_room(error)
            raise SkipFile from None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        try:
            self._sealed.finish()
        except OSError as error:
            self._no_room(error)
            return None
        return UploadedFile(None, self.file_name, self.content_type, file_size)  # type: ignore[arg-type]

    def discard(self) -> None:
        """Removes what was sealed, unless somebody's row owns it by now."""
        if self._writer is None:
            return
        self._writer.discard()
        if not self.owner._default_manager.filter(pk=self.owner_id).exists():
            storage.remove(self.kind, self.owner_id)

    @property
    def _sealed(self) -> AgeWriter:
        assert self._writer is not None  # new_file made it
        return self._writer

    def _no_room(self, error: OSError) -> None:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise error
        self.problem = "disk_full"
        self._sealed.discard()

    def _refuse(self, problem: str) -> None:
        self.problem = problem
        self._sealed.discard()
        raise SkipFile


class SealingUploadHandler(SealedUpload):
    """A resident list, to `upload_path(owner_id)`. A workbook is refused as one: problem `workbook`."""

    kind = "extracts"
    owner = RegisterExtract

    def refusal(self, start: bytes) -> str:
        return "workbook" if start.startswith(_ZIP) else ""
