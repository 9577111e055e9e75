"""Taking pictures of signed forms in: in memory only, never in a temporary file in clear (Django's own handlers put
what is above 2.5 MB there). The view sets it before anything reads the form."""

from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from consent.scans import MOST_BYTES

MOST_FILES = 10
MOST_TOGETHER = 3 * MOST_BYTES


class InMemoryUploadHandler(FileUploadHandler):
    """`problem`: too_large, too_many or too_much; what is over the limit is passed over, the other fields are read."""

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""
        self._files = self._together = 0
        self._content = BytesIO()

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self._content = BytesIO()
        self._files += 1
        if self._files > MOST_FILES:
            self._refuse("too_many")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._together += len(raw_data)
        if start + len(raw_data) > MOST_BYTES:
            self._refuse("too_large")
        if self._together > MOST_TOGETHER:
            self._refuse("too_much")
        self._content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )

    def _refuse(self, problem: str) -> None:
        self.problem = self.problem or problem
        self._content = BytesIO()
        raise SkipFile
