"""Taking a resident list in: sealed chunk by chunk as it arrives, so that it never lies in clear on the disk.

Django's own handlers keep an upload in memory or, above 2.5 MB, in a temporary file in clear. This one stands alone
on the upload's view. What a proxy in front does is beyond it: see SECURITY.md on request buffering.
"""

import errno
from pathlib import Path
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from crypto.agefile import AgeWriter, recipient_of
from exports import storage, vault
from exports.models import RegisterExtract

FIELD = "file"
MOST_BYTES = 512 * 1024 * 1024
_ZIP = b"PK\x03\x04"  # what an Excel workbook begins with


def upload_path(extract_id: UUID) -> Path:
    """The list as it was uploaded, sealed to the archive key, until it is loaded."""
    return storage.extract_folder(extract_id) / "upload.age"


class SealingUploadHandler(FileUploadHandler):
    """Seals the file of the field `file` to `upload_path(extract_id)`, and takes no other file.

    `problem` says why a file was not taken: too_large, workbook, disk_full; the other fields are read all the same.
    What is sealed belongs to nobody until a RegisterExtract with `extract_id` exists; `discard` removes it till then.
    """

    chunk_size = 1 << 20

    def __init__(self) -> None:
        super().__init__()
        self.extract_id = uuid4()
        self.problem = ""
        self._writer: AgeWriter | None = None

    def new_file(self, field_name, *args, **kwargs) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self._writer is not None:
            raise SkipFile
        self._writer = AgeWriter(upload_path(self.extract_id), [recipient_of(vault.archive_identity())])

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start == 0 and raw_data.startswith(_ZIP):
            self._refuse("workbook")
        if start + len(raw_data) > MOST_BYTES:
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
        """Removes what was sealed, unless it became a list."""
        if self._writer is None:
            return
        self._writer.discard()
        if not RegisterExtract.objects.filter(pk=self.extract_id).exists():
            storage.remove_extract(self.extract_id)

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
